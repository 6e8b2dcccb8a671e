"""Documents as agents publish them."""

from datetime import UTC, datetime
from typing import Any

import factory

from documents.library.filetypes import check_file
from documents.library.models import DocumentCategory, DocumentVersion, LibraryDocument
from documents.library.services import publish_version
from portal.domain.accounts.models import User
from tests.documents.library.files import pdf

#: A Tuesday of term.
NOW = datetime(2026, 9, 8, 10, tzinfo=UTC)


class CategoryFactory(factory.django.DjangoModelFactory[DocumentCategory]):
    class Meta:
        model = DocumentCategory
        django_get_or_create = ("slug",)

    slug = "reglements"
    name = "Règlements intérieurs"
    order = 10


class DocumentFactory(factory.django.DjangoModelFactory[LibraryDocument]):
    """A public document with one version. Traits: `empty` (no version yet), `families`."""

    class Meta:
        model = LibraryDocument
        skip_postgeneration_save = True

    class Params:
        families = factory.Trait(audience="families")

    slug = factory.Sequence(lambda number: f"document-{number}")
    title = factory.Sequence(lambda number: f"Document {number}")
    category = factory.SubFactory(CategoryFactory)

    @factory.post_generation
    def empty(self: Any, create: bool, extracted: bool | None, **kwargs: Any) -> None:
        """Publish a first version, unless it must stay without."""
        if create and not extracted:
            publish(self)


def publish(document: LibraryDocument, name: str = "fichier.pdf", content: bytes | None = None, **values: Any) -> Any:
    """A version of a document: by default a PDF like no other."""
    mark = f"{document.slug}-{document.last_number + 1}".encode()
    return publish_version(
        document=document,
        file=check_file(name, pdf(mark=mark) if content is None else content),
        **({"by": User.objects.system(), "at": NOW} | values),
    )


def stored(version: DocumentVersion) -> bytes:
    """What lies in the storage."""
    with version.file.open("rb") as stream:
        content: bytes = stream.read()
    return content

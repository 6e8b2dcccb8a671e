"""Publishing a version, and withdrawing one published by mistake."""

from datetime import datetime

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import ProtectedError

from documents.library.inspection import digest_of, inspect
from documents.library.models import DocumentVersion, LibraryDocument
from portal.domain.accounts.models import User
from portal.domain.audit.services import record
from portal.domain.files.checks import CheckedFile
from portal.domain.kernel.french import typography


class PublicationRefused(Exception):
    """Why nothing was published or withdrawn, in French."""

    def __init__(self, reason: str) -> None:
        super().__init__(typography(reason))
        self.reason = typography(reason)


@transaction.atomic
def publish_version(
    *,
    document: LibraryDocument,
    file: CheckedFile,
    by: User,
    at: datetime,
    note: str = "",
    source_digest: str = "",
    text: str = "",
    pages: int | None = None,
) -> DocumentVersion:
    """Add a checked file as the next version; those before stay at their address.

    `text` and `pages` replace what would be read in the file, for who already knows them. Two publications at once
    take two numbers. Raises PublicationRefused when the last version is this very file.
    """
    locked = LibraryDocument.objects.select_for_update(of=("self",), no_key=True).get(pk=document.pk)
    digest = digest_of(file.content)
    last = locked.versions.order_by("-number").first()
    if last is not None and last.sha256 == digest:
        raise PublicationRefused(f"Ce fichier est déjà la version {last.number} de ce document.")
    found = inspect(file)
    locked.last_number += 1
    version = DocumentVersion(
        document=locked,
        number=locked.last_number,
        name=file.name,
        kind=file.kind,
        size=len(file.content),
        sha256=digest,
        pages=pages if pages is not None else found.pages,
        note=note,
        published_at=at,
        published_by=by,
        source_digest=source_digest,
        text=text or found.text,
    )
    storage = version.file.storage
    stored = storage.save(f"{locked.pk}/v{version.number}/{file.name}", ContentFile(file.content))
    try:
        version.file.name = stored
        version.save(force_insert=True)
        # Saved after its version: the search reads the words of the version in force.
        locked.save(update_fields=["last_number"])
        record(
            verb="publish_version",
            target=locked,
            by=by,
            at=at,
            after={"number": version.number, "name": version.name, "sha256": digest, "note": note},
        )
    except Exception:
        storage.delete(stored)
        raise
    document.last_number = locked.last_number
    document.__dict__.pop("current", None)
    return version


@transaction.atomic
def withdraw_version(*, version: DocumentVersion, by: User, at: datetime) -> None:
    """Delete a version published by mistake and its file; its number is not given again.

    Raises PublicationRefused when something relies on it: a family accepted it.
    """
    document = LibraryDocument.objects.select_for_update(of=("self",), no_key=True).get(pk=version.document_id)
    storage, name = version.file.storage, str(version.file.name)
    record(
        verb="withdraw_version",
        target=document,
        by=by,
        at=at,
        before={"number": version.number, "name": version.name, "sha256": version.sha256, "note": version.note},
    )
    try:
        version.delete()
    except ProtectedError as error:
        raise PublicationRefused("Des familles ont accepté cette version : elle reste à leur disposition.") from error
    document.save(update_fields=["last_number"])
    transaction.on_commit(lambda: storage.delete(name))

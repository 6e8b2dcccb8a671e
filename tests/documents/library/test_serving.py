"""How files leave the portal: versions, pictures of the site, files of Wagtail."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image as Picture
from wagtail.documents.models import Document
from wagtail.images.models import Image
from wagtail.models import Collection, CollectionViewRestriction

from documents.library.models import DocumentsPage, LibraryDocument
from documents.library.uploads import CheckedDocumentForm
from tests.documents.library.factories import DocumentFactory, publish, stored
from tests.documents.library.files import ICS, docx, pdf
from tests.domain.accounts.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def document(library: DocumentsPage) -> LibraryDocument:
    made: LibraryDocument = DocumentFactory(slug="reglement")
    return made


def test_a_public_version_may_be_kept_by_anybody_and_is_never_guessed(
    document: LibraryDocument, client: Client
) -> None:
    version = document.current
    answer = client.get(version.url)
    assert b"".join(answer.streaming_content) == stored(version)
    assert answer["Content-Type"] == "application/pdf"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"] == 'inline; filename="fichier.pdf"'
    assert answer["Cache-Control"] == "public, max-age=3600"
    assert answer["ETag"] == f'"{version.sha256}"'
    assert int(answer["Content-Length"]) == version.size
    assert not answer.cookies
    assert not answer.wsgi_request.session.accessed


def test_somebody_signed_in_gets_the_same_public_file(document: LibraryDocument, client: Client) -> None:
    client.force_login(UserFactory())
    assert client.get(document.current.url)["Cache-Control"] == "public, max-age=3600"


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("fiche.docx", docx(), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("bus.csv", "arrêt;heure".encode(), "text/csv; charset=utf-8"),
        ("vacances.ics", ICS, "text/calendar; charset=utf-8"),
        ("note.txt", b"Bonjour", "text/plain; charset=utf-8"),
    ],
)
def test_what_is_not_a_pdf_is_downloaded(
    library: DocumentsPage, client: Client, name: str, content: bytes, kind: str
) -> None:
    version = publish(DocumentFactory(empty=True), name=name, content=content)
    answer = client.get(version.url)
    assert answer["Content-Type"] == kind
    assert answer["Content-Disposition"] == f'attachment; filename="{name}"'


def test_who_has_the_file_is_not_sent_it_again(document: LibraryDocument, client: Client) -> None:
    url = document.current.url
    first = client.get(url)
    assert client.get(url, headers={"If-None-Match": first["ETag"]}).status_code == 304
    assert client.get(url, headers={"If-Modified-Since": first["Last-Modified"]}).status_code == 304
    assert client.get(url, headers={"If-None-Match": '"autre"'}).status_code == 200
    head = client.head(url)
    assert (head.status_code, head.content if not head.streaming else b"".join(head.streaming_content)) == (200, b"")


@pytest.mark.parametrize(
    ("asked", "status", "part"),
    [
        ("bytes=0-4", 206, slice(0, 5)),
        ("bytes=5-", 206, slice(5, None)),
        ("bytes=-4", 206, slice(-4, None)),
        ("bytes=0-999999", 206, slice(0, None)),
        ("bytes=999999-", 416, slice(0, 0)),
        ("bytes=-0", 416, slice(0, 0)),
        ("bytes=4-2", 200, slice(None)),
        ("bytes=-", 200, slice(None)),
        ("bytes=0-1,4-5", 200, slice(None)),
        ("pages=1-2", 200, slice(None)),
        ("bytes=" + "9" * 30 + "-", 200, slice(None)),
    ],
)
def test_a_part_is_sent_when_it_is_asked(
    document: LibraryDocument, client: Client, asked: str, status: int, part: slice
) -> None:
    whole = stored(document.current)
    answer = client.get(document.current.url, headers={"Range": asked})
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert answer.status_code == status
    assert body == whole[part]
    if status == 206:
        assert int(answer["Content-Length"]) == len(body)
        assert answer["Content-Range"].endswith(f"/{len(whole)}")


def test_a_part_of_a_file_that_changed_is_the_whole_file(document: LibraryDocument, client: Client) -> None:
    answer = client.get(document.current.url, headers={"Range": "bytes=0-4", "If-Range": '"ancien"'})
    assert answer.status_code == 200


def test_every_version_keeps_its_address_and_its_bytes(document: LibraryDocument, client: Client) -> None:
    first = document.current
    before = stored(first)
    publish(document)
    assert b"".join(client.get(first.url).streaming_content) == before


@pytest.mark.parametrize(
    "address",
    [
        "/documents/reglement/v2/fichier.pdf",
        "/documents/reglement/v0/fichier.pdf",
        "/documents/reglement/v99999999999999999999/fichier.pdf",
        "/documents/autre/v1/fichier.pdf",
        "/documents/reglement/v1/../../secret.pdf",
        "/documents/reglement/v1/",
        "/documents/autre/derniere-version",
        "/documents/autre/",
    ],
)
def test_an_address_that_names_nothing_is_not_found(document: LibraryDocument, client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


def test_another_name_leads_to_the_right_one(document: LibraryDocument, client: Client) -> None:
    answer = client.get("/documents/reglement/v1/autre.pdf")
    assert (answer.status_code, answer["Location"]) == (301, document.current.url)


def test_a_file_lost_by_the_storage_is_not_found(document: LibraryDocument, client: Client) -> None:
    version = document.current
    version.file.storage.delete(version.file.name)
    assert client.get(version.url).status_code == 404


def test_nothing_is_written_through_these_addresses(document: LibraryDocument, client: Client) -> None:
    for method in ("post", "put", "patch", "delete"):
        assert getattr(client, method)(document.current.url).status_code == 405


# -- pictures -----------------------------------------------------------------------------


def png(name: str = "photo.png") -> SimpleUploadedFile:
    out = BytesIO()
    Picture.new("RGB", (60, 40), "green").save(out, "PNG")
    return SimpleUploadedFile(name, out.getvalue(), "image/png")


# Willow leaves the temporary file of a rendition to the collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_the_renditions_of_pictures_are_shown_to_anybody(client: Client) -> None:
    rendition = Image.objects.create(title="Cour", file=png()).get_rendition("max-30x30")
    answer = client.get(rendition.url)
    assert rendition.url.startswith("/media/images/")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/png"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "public, max-age=86400"
    assert client.get(rendition.url, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    assert "Cookie" not in answer.get("Vary", "")


def test_originals_files_and_programs_are_not_shown(client: Client) -> None:
    image = Image.objects.create(title="Cour", file=png())
    default_storage.save("documents/secret.pdf", ContentFile(pdf()))
    default_storage.save("images/dessin.svg", ContentFile(b"<svg onload='alert(1)'/>"))
    default_storage.save("images/page.html", ContentFile(b"<script>alert(1)</script>"))
    default_storage.save("secret.png", ContentFile(b"x"))
    for address in (
        f"/media/{image.file.name}",
        "/media/documents/secret.pdf",
        "/media/images/dessin.svg",
        "/media/images/page.html",
        "/media/images/../secret.png",
        "/media/images/..%2fsecret.png",
        "/media/images/%2e%2e/secret.png",
        "/media/images/..%5csecret.png",
        "/media/images/a%00.png",
        "/media/images/.png",
        "/media/images/",
        "/media/",
        "/media/images/absent.png",
    ):
        assert client.get(address).status_code == 404, address


# -- Wagtail's own files ------------------------------------------------------------------


def test_the_files_of_pages_have_their_door_outside_the_agents_one(
    client: Client, settings: Any, tmp_path: Path
) -> None:
    on_disk = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "default": on_disk}
    document = Document.objects.create(title="Affiche", file=SimpleUploadedFile("affiche.pdf", pdf()))
    assert document.url == f"/fichiers/{document.pk}/affiche.pdf"
    answer = client.get(document.url)
    assert answer.status_code == 200
    assert b"".join(answer.streaming_content) == pdf()
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert client.get(f"/gestion/documents/{document.pk}/affiche.pdf/").status_code == 302


def test_a_collection_for_signed_in_people_is_not_for_visitors(client: Client) -> None:
    collection = Collection.get_first_root_node().add_child(name="Interne")
    CollectionViewRestriction.objects.create(collection=collection, restriction_type=CollectionViewRestriction.LOGIN)
    document = Document.objects.create(
        title="Interne", file=SimpleUploadedFile("interne.pdf", pdf()), collection=collection
    )
    answer = client.get(document.url)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/compte/connexion/")


@pytest.mark.parametrize(
    ("name", "content", "taken"),
    [("a.pdf", pdf(), True), ("a.pdf", b"<html><script>", False), ("a.docx", b"x", False)],
)
def test_the_files_of_pages_are_checked_too(name: str, content: bytes, taken: bool) -> None:
    form = CheckedDocumentForm.__new__(CheckedDocumentForm)
    form.cleaned_data = {"file": SimpleUploadedFile(name, content)}
    if taken:
        assert form.clean_file().read() == content
    else:
        with pytest.raises(Exception, match="ce n’en est pas un"):
            form.clean_file()

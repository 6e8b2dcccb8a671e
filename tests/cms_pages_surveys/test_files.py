"""What may be joined to an answer, and who takes it out."""

import io
import os
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from cms_pages.surveys.enums import FieldKind
from cms_pages.surveys.models import Answer, AnswerFile, FormPage
from cms_pages.surveys.storage import sweep
from cms_pages.surveys.tasks import erase_old_answers
from cms_pages.surveys.uploads import MAX_BYTES, check_upload
from tests.cms_pages_surveys.conftest import NOW
from tests.cms_pages_surveys.factories import make_form
from tests.domain.bookings.factories import Household

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
QUESTIONS = [
    {"label": "Attestation", "field_type": FieldKind.FILE},
    {"label": "Mot", "field_type": FieldKind.SHORT},
]


def picture(kind: str = "JPEG", **options: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 20), "red").save(out, kind, **options)
    return out.getvalue()


def with_place() -> bytes:
    """A photo that says where it was taken, and lies on its side."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "12 rue des Lilas"
    return picture(exif=exif)


def upload(content: bytes, name: str = "photo.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="image/jpeg")


def send(client: Client, form: FormPage, *files: Any, word: str = "bonjour", status: int = 302) -> str:
    response = client.post(form.url, {"mot": word, "attestation": list(files)})
    assert response.status_code == status, response.content.decode()[:2500]
    return response.content.decode()


# Not “page”: it would hide the browser's own, and draw these tests among those that empty the database.
@pytest.fixture
def form(family: Household) -> FormPage:
    return make_form(questions=QUESTIONS)


@pytest.mark.django_db
@pytest.mark.exigence("B24")
def test_a_file_is_kept_apart_under_a_name_of_nobody(form: FormPage, parent: Client, private_folder: Path) -> None:
    send(parent, form, upload(PDF, "../../etc/Attestation d’École.PDF"))
    joined = AnswerFile.objects.get()
    assert (joined.name, joined.kind, joined.size) == ("attestation-decole.pdf", "application/pdf", len(PDF))
    path = private_folder / joined.file.name
    assert path.read_bytes() == PDF
    assert "attestation" not in joined.file.name
    assert Path(settings.MEDIA_ROOT) not in path.parents
    assert oct(path.stat().st_mode)[-3:] == "600"
    with pytest.raises(ValueError, match="no address"):
        str(joined.file.url)


@pytest.mark.django_db
def test_a_photo_says_nothing_of_its_place(form: FormPage, parent: Client, private_folder: Path) -> None:
    send(parent, form, upload(with_place(), "IMG.JPG"))
    joined = AnswerFile.objects.get()
    content = (private_folder / joined.file.name).read_bytes()
    assert b"Lilas" not in content
    with Image.open(io.BytesIO(content)) as kept:
        assert kept.size == (20, 40)  # upright
        assert not kept.getexif()


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"MZ\x90\x00 program", "facture.pdf", ""),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "dessin.png", ""),
        (b"<html><script>1</script>", "page.jpg", ""),
        (b"PK\x03\x04 zip", "lot.pdf", ""),
        (b"\xff\xd8\xff broken", "photo.jpg", ""),
        (b"\x89PNG\r\n\x1a\n", "photo.png", ""),
        (b"%PDF-1.4 cut short", "coupé.pdf", ""),
        (b"", "vide.pdf", "vide"),
        (PDF + b"0" * MAX_BYTES, "lourd.pdf", "5\u00a0Mo au plus"),
    ],
)
def test_a_file_is_judged_by_its_content(content: bytes, name: str, said: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        check_upload(upload(content, name))
    assert said in refusal.value.messages[0]
    assert name in refusal.value.messages[0]


def test_a_picture_that_would_fill_the_memory_is_refused() -> None:
    out = io.BytesIO()
    Image.new("1", (9000, 9000)).save(out, "PNG")
    with pytest.raises(ValidationError, match="bombe"):
        check_upload(upload(out.getvalue(), "bombe.png"))


def test_what_hides_behind_a_picture_is_lost() -> None:
    assert b"<script>" not in check_upload(upload(picture("PNG") + b"<script>", "p.png")).content


@given(st.binary(max_size=300))
def test_any_content_is_stored_or_refused(content: bytes) -> None:
    for prefix in (b"", b"%PDF-", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"):
        with suppress(ValidationError):
            assert check_upload(upload(prefix + content)).name.isascii()


@pytest.mark.django_db
def test_a_refusal_keeps_the_words_and_asks_for_the_file_again(form: FormPage, parent: Client) -> None:
    html = send(parent, form, upload(PDF, "a.pdf"), word="", status=422)
    assert "choisissez de nouveau le fichier" in html
    html = send(parent, form, upload(b"MZ", "virus.pdf"), word="mon mot", status=422)
    assert 'value="mon mot"' in html
    assert "virus.pdf" in html
    assert 'href="#id_attestation"' in html
    html = send(parent, form, *[upload(PDF, f"{rank}.pdf") for rank in range(4)], status=422)
    assert "3 fichiers au plus" in html
    assert not Answer.objects.exists()
    html = send(parent, form, status=422)
    assert "choisissez un fichier" in html


@pytest.mark.django_db(transaction=True)
def test_new_files_replace_those_of_the_same_question(form: FormPage, parent: Client, private_folder: Path) -> None:
    send(parent, form, upload(PDF, "un.pdf"), upload(picture(), "deux.jpg"))
    assert "Fichiers déjà envoyés" in parent.get(form.url).content.decode()
    send(parent, form, word="sans fichier, les miens sont gardés")
    assert sorted(AnswerFile.objects.values_list("name", flat=True)) == ["deux.jpg", "un.pdf"]
    send(parent, form, upload(PDF, "trois.pdf"))
    assert [each.name for each in AnswerFile.objects.all()] == ["trois.pdf"]
    assert len([path for path in private_folder.rglob("*") if path.is_file()]) == 1
    with time_machine.travel(NOW + timedelta(days=800), tick=False):
        erase_old_answers()
    assert [path for path in private_folder.rglob("*") if path.is_file()] == []


def test_what_a_failed_transaction_left_is_swept(private_folder: Path) -> None:
    private_folder.mkdir(parents=True)
    old, young, known = (private_folder / name for name in ("old.pdf", "young.pdf", "known.pdf"))
    for path in (old, young, known):
        path.write_bytes(PDF)
        os.utime(path, (NOW.timestamp() - 90_000,) * 2)
    os.utime(young, (NOW.timestamp(),) * 2)
    assert sweep(known={"known.pdf"}, before=NOW) == 1
    assert sorted(path.name for path in private_folder.iterdir()) == ["known.pdf", "young.pdf"]

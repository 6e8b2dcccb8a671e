"""Keeping a file: whole or not at all."""

import errno
import io
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from portal.domain.accounts.models import User
from portal.domain.files.checks import SENT_BY_FAMILIES
from portal.domain.files.models import StoredFile
from portal.domain.files.refusal import FileRefused
from portal.domain.files.services import erase_file, store_file
from tests.domain.accounts.factories import UserFactory
from tests.domain.files.samples import MEGABYTE, NOW, pdf, photo, stored, upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def parent() -> User:
    return UserFactory()


def lying_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.exigence("T10")
def test_a_file_is_kept_under_a_name_that_says_nothing(parent: User, private_folder: Path) -> None:
    kept = stored(parent, pdf(pages=2), name="Jugement Vuillet.pdf")

    (path,) = lying_in(private_folder)
    assert path.name == f"{kept.key.hex}.pdf"
    assert path.stat().st_mode & 0o777 == 0o600
    assert (kept.pages, kept.name) == (2, "jugement-vuillet.pdf")
    with pytest.raises(ValueError, match="no address"):
        assert kept.content.url


def test_the_place_where_a_photograph_was_taken_is_on_no_disk(parent: User, private_folder: Path) -> None:
    exif = Image.Exif()
    exif[0x0110] = "TELEPHONE-DE-CLAIRE"
    exif.get_ifd(0x8825)[29] = "2026:09:07-PLACE"
    out = io.BytesIO()
    Image.new("RGB", (1200, 900), "white").save(out, "JPEG", exif=exif)
    assert b"2026:09:07-PLACE" in out.getvalue()

    stored(parent, out.getvalue(), name="photo.jpg")

    (path,) = lying_in(private_folder)
    assert b"TELEPHONE" not in path.read_bytes()
    assert b"2026:09:07" not in path.read_bytes()
    assert b"Exif" not in path.read_bytes()


class Counted(SimpleUploadedFile):
    """A file that says how much of it was read, and weighs what it claims."""

    taken = 0

    def read(self, *args: Any) -> bytes:
        content: bytes = super().read(*args)
        self.taken += len(content)
        return content


def test_a_file_of_200_megabytes_is_refused_before_it_is_read(parent: User, private_folder: Path) -> None:
    heavy = Counted("film.pdf", pdf() + b" " * 8 * MEGABYTE)
    heavy.size = 200 * MEGABYTE

    with pytest.raises(FileRefused, match="200"):
        store_file(upload=heavy, accepted=SENT_BY_FAMILIES, most=6 * MEGABYTE, by=parent, at=NOW)

    assert heavy.taken <= 6 * MEGABYTE + 1
    assert lying_in(private_folder) == []


def test_a_full_disk_is_said_in_french_and_leaves_nothing(
    parent: User, private_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = FileSystemStorage._save

    def full(self: FileSystemStorage, name: str, content: Any) -> str:
        written(self, name, content)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(FileSystemStorage, "_save", full)

    with pytest.raises(FileRefused, match="n’a pas pu être enregistré"):
        stored(parent, pdf())

    assert lying_in(private_folder) == []
    assert StoredFile.objects.count() == 0


def test_a_folder_that_cannot_be_written_is_said_in_french(parent: User, private_folder: Path) -> None:
    private_folder.parent.mkdir(parents=True)
    private_folder.write_text("a file where a folder should be")

    with pytest.raises(FileRefused, match="n’a pas pu être enregistré"):
        stored(parent, pdf())

    assert StoredFile.objects.count() == 0


def test_a_link_in_the_place_of_a_folder_leads_nowhere(parent: User, private_folder: Path, tmp_path: Path) -> None:
    kept = stored(parent, photo(), name="photo.jpg")
    (path,) = lying_in(private_folder)
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    (path.parent / "lien.jpg").symlink_to(secret)

    assert list(kept.content.storage.every_name()) == [kept.content.name]


def test_an_erased_file_leaves_once_that_is_committed(
    parent: User, private_folder: Path, django_capture_on_commit_callbacks: Any
) -> None:
    kept = stored(parent, pdf())

    with django_capture_on_commit_callbacks(execute=False):
        erase_file(kept)
    assert len(lying_in(private_folder)) == 1

    again = store_file(upload=upload("b.pdf", pdf()), accepted=SENT_BY_FAMILIES, most=MEGABYTE, by=parent, at=NOW)
    with django_capture_on_commit_callbacks(execute=True):
        erase_file(again)
    assert len(lying_in(private_folder)) == 1

"""What nobody holds is erased a day later; what somebody holds never is."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.db.models import ForeignObjectRel

from portal.domain.accounts.models import User
from portal.domain.audit.models import AuditEntry
from portal.domain.files import cleaning
from portal.domain.files.cleaning import erase_stray_contents, erase_unheld_files, unheld_files
from portal.domain.files.models import StoredFile
from tests.domain.accounts.factories import UserFactory
from tests.domain.families.factories import ChildFactory
from tests.domain.files.samples import NOW, pdf, photo, stored

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(hours=24)


@pytest.fixture
def parent() -> User:
    return UserFactory()


def aged(path: Path, hours: int) -> Path:
    instant = (NOW - timedelta(hours=hours)).timestamp()
    os.utime(path, (instant, instant))
    return path


def stray(folder: Path, name: str, hours: int) -> Path:
    path = folder / "ab" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"%PDF")
    return aged(path, hours)


def test_a_file_that_nobody_holds_is_erased_after_a_day(parent: User) -> None:
    kept = stored(parent, pdf())
    path = Path(kept.content.path)

    assert erase_unheld_files(by=User.objects.system(), at=NOW + DAY - timedelta(seconds=1)) == 0
    assert path.exists()
    assert erase_unheld_files(by=User.objects.system(), at=NOW + DAY) == 1

    assert not path.exists()
    assert not StoredFile.objects.exists()
    assert AuditEntry.objects.get(verb="erase_unheld_file").before == {}


def test_a_file_that_somebody_holds_is_kept_however_the_holder_would_let_go(parent: User) -> None:
    """A photograph would only be forgotten by its child: the database would not refuse, so we must not ask."""
    child = ChildFactory(photo=stored(parent, photo(), name="a.jpg"))

    assert erase_unheld_files(by=User.objects.system(), at=NOW + 9 * DAY) == 0

    child.refresh_from_db()
    assert child.photo is not None


def test_every_table_that_holds_files_is_asked() -> None:
    holders = {
        field.field.model._meta.db_table
        for field in StoredFile._meta.get_fields(include_hidden=True)
        if isinstance(field, ForeignObjectRel)
    }
    asked = str(unheld_files().query)

    assert {"families_child", "families_adult"} <= holders
    assert all(f'"{table}"' in asked for table in holders)


def test_a_content_without_row_is_erased_after_a_day(parent: User, private_folder: Path) -> None:
    held = aged(Path(stored(parent, pdf()).content.path), 100)
    old, part, young = (
        stray(private_folder, "ab01.pdf", 25),
        stray(private_folder, "ab02.pdf.1234.part", 25),
        stray(private_folder, "ab03.pdf", 23),
    )

    assert erase_stray_contents(at=NOW) == 2

    assert (old.exists(), part.exists(), young.exists(), held.exists()) == (False, False, True, True)


def test_a_restored_database_does_not_empty_the_folder(
    private_folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(cleaning, "MOST_STRAYS", 2)
    paths = [stray(private_folder, f"ab{number}.pdf", 48) for number in range(3)]

    assert erase_stray_contents(at=NOW) == 0

    assert all(path.exists() for path in paths)
    assert "nothing was erased" in caplog.text


def test_the_folder_that_is_swept_is_that_of_the_files() -> None:
    assert StoredFile._meta.get_field("content").storage.location == cleaning.FAMILIES.location


def test_without_a_folder_there_is_nothing_to_erase(private_folder: Path) -> None:
    assert not private_folder.exists()
    assert erase_stray_contents(at=NOW) == 0

"""A copy of one's data: everything of one's own, nothing of anybody else's, once."""

import json
import zipfile
from datetime import timedelta
from io import BytesIO

import pytest

from portal.domain.families.models import FamilyMember
from portal.domain.privacy.enums import ExportState
from portal.domain.privacy.models import DataExport
from portal.domain.privacy.services import NothingToTake, ask_export, expire_exports, prepare_export, take_export
from tests.domain.accounts.factories import UserFactory
from tests.domain.privacy.town import HIDDEN, NOW, PLANTED, plant

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("private_root")]


@pytest.fixture
def private_root(settings, tmp_path):
    settings.PRIVATE_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def town():
    return plant()


def print_pdf(data):
    return repr(data).encode()


def taken(town):
    export, _new = ask_export(user=town.user, family=town.family.pk, at=NOW)
    export = prepare_export(key=export.pk, print_pdf=print_pdf, at=NOW)
    with zipfile.ZipFile(BytesIO(take_export(export=export, by=town.user, at=NOW))) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


@pytest.mark.exigence("B37")
def test_the_copy_holds_the_planted_facts_and_nothing_of_another_household(town):
    files = taken(town)
    assert set(files) == {"mes-donnees.json", "mes-donnees.pdf"}
    for content in files.values():
        assert [word for word in PLANTED if word not in content] == []
        assert [word for word in HIDDEN if word in content] == []


def test_the_json_follows_its_documented_schema(town):
    data = json.loads(taken(town)["mes-donnees.json"])
    assert data["schema"] == "portail-famille/mes-donnees/1"
    assert set(data) == {"schema", "date", "compte", "parties"}
    assert all(set(part) == {"code", "titre", "lignes"} for part in data["parties"])


def test_rights_are_asked_again_when_the_file_is_made(town):
    export, _new = ask_export(user=town.user, family=town.family.pk, at=NOW)
    FamilyMember.objects.filter(family=town.family).update(
        can_see=False, can_edit=False, can_book=False, can_pay=False
    )
    prepare_export(key=export.pk, print_pdf=print_pdf, at=NOW)
    export.refresh_from_db()
    content = take_export(export=export, by=town.user, at=NOW)
    with zipfile.ZipFile(BytesIO(content)) as archive:
        text = archive.read("mes-donnees.json").decode()
    assert "sentier du Guet" not in text
    # What was told of a dossier is read while one may look there.
    data = {part["code"]: part["lignes"] for part in json.loads(text)["parties"]}
    assert data["families"] == data["children"] == data["contacts"] == data["consents"] == []
    assert data["notices"] == []


def test_asked_twice_is_one_copy(town):
    first, new = ask_export(user=town.user, family=town.family.pk, at=NOW)
    again, newer = ask_export(user=town.user, family=town.family.pk, at=NOW)
    assert (first, new, newer) == (again, True, False)


def test_a_copy_is_taken_once_and_its_content_is_gone(town, private_root, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        taken(town)
    export = DataExport.objects.get()
    assert export.state == ExportState.TAKEN
    assert [path for path in private_root.rglob("*") if path.is_file()] == []
    with pytest.raises(NothingToTake):
        take_export(export=export, by=town.user, at=NOW)


def test_nobody_else_takes_it_and_a_week_later_it_is_gone(town, private_root, django_capture_on_commit_callbacks):
    export, _new = ask_export(user=town.user, family=town.family.pk, at=NOW)
    prepare_export(key=export.pk, print_pdf=print_pdf, at=NOW)
    with pytest.raises(NothingToTake):
        take_export(export=export, by=UserFactory(username="curieux"), at=NOW)
    with pytest.raises(NothingToTake):
        take_export(export=export, by=town.user, at=NOW + timedelta(days=7))
    with django_capture_on_commit_callbacks(execute=True):
        assert expire_exports(at=NOW + timedelta(days=7)) == 1
    assert [path for path in private_root.rglob("*") if path.is_file()] == []


def test_a_task_delivered_twice_writes_one_file(town):
    export, _new = ask_export(user=town.user, family=town.family.pk, at=NOW)
    assert prepare_export(key=export.pk, print_pdf=print_pdf, at=NOW) is not None
    assert prepare_export(key=export.pk, print_pdf=print_pdf, at=NOW) is None

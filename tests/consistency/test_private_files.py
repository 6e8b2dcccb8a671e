"""Every door that sends a private file: the same guarded answer, and no page of an error when the file is lost."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cms_pages.surveys.models import Answer, AnswerFile
from portal.backoffice.desk.sources import key_of
from portal.domain.audit.models import AuditEntry
from portal.domain.custody.models import Custody
from portal.domain.families.photos import set_photo
from portal.domain.files.sending import PDF_POLICY, POLICY
from portal.domain.health.models import HealthFile, HealthReading
from portal.domain.papers.services import send_paper
from portal.domain.privacy.models import DataExport
from portal.domain.privacy.services import ask_export
from portal.web.privacy.tasks import prepare
from tests.cms_pages_surveys.factories import make_form
from tests.consistency.addresses import ADDRESSES
from tests.domain.accounts.factories import PASSWORD, UserFactory
from tests.web.papers.scene import file_of, photo
from tests.web.planning.scene import NOW
from tests.web.two_families import Town, build

pytestmark = pytest.mark.django_db

#: What asks a door for its file; it may ask as often as the door gives.
Asking = Callable[[], HttpResponse]


@pytest.fixture
def private(tmp_path: Path, settings: Any) -> Path:
    """Where the private files of this test lie."""
    settings.PRIVATE_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def town(private: Path) -> Iterator[Town]:
    with time_machine.travel(NOW, tick=False):
        yield build()


def as_owner(town: Town, name: str) -> Asking:
    """An address of the family's space, with what `ADDRESSES` says of it."""
    client = Client()
    client.force_login(town.owner)
    url = ADDRESSES[name].url(town, name)
    return lambda: client.get(url)


def as_agent(url: str) -> Asking:
    """An address of the agents' door, for one who may do everything."""
    client = Client()
    client.force_login(UserFactory(username="toutes-permissions", agent=True, is_superuser=True))
    return lambda: client.get(url)


def picture(town: Town) -> Asking:
    asking = as_owner(town, "dossier:child_picture")
    set_photo(person=town.enrolled, family=town.family, upload=photo("noe.jpg"), by=town.owner, at=timezone.now())
    return asking


def copy(town: Town) -> Asking:
    client = Client()
    client.force_login(town.owner)
    ask_export(user=town.owner, family=town.family.pk, at=NOW)
    prepare(DataExport.objects.get().pk)
    url = reverse("privacy:download", args=[DataExport.objects.get().key])
    return lambda: client.post(url, {"password": PASSWORD})


def desk_paper(town: Town) -> Asking:
    row = file_of(town)
    paper = send_paper(paper=row.paper, version=row.paper.version, note="", by=town.owner, at=NOW)
    return as_agent(reverse("desk_preview", args=["papers", key_of(paper), row.file.key]))


def desk_judgement(town: Town) -> Asking:
    as_owner(town, "custody:judgement")
    return as_agent(reverse("custody_judgement", args=[Custody.objects.get().pk]))


def desk_health(town: Town) -> Asking:
    as_owner(town, "health_sheet:page")
    return as_agent(reverse("care_page", args=[HealthFile.objects.get().pk]))


def survey(town: Town) -> Asking:
    answer = Answer.objects.create(page=make_form(), form_data={})
    joined = AnswerFile.objects.create(
        answer=answer,
        question="piece",
        name="piece.pdf",
        kind="application/pdf",
        size=4,
        file=ContentFile(b"%PDF", "a"),
    )
    return as_agent(reverse("surveys_download", args=[joined.pk]))


def of(name: str) -> Callable[[Town], Asking]:
    return lambda town: as_owner(town, name)


#: Doors of files that lie on the disk, with how they send them and under which policy.
KEPT: dict[str, tuple[Callable[[Town], Asking], str, str]] = {
    "photograph": (picture, "inline", POLICY),
    "judgement": (of("custody:judgement"), "inline", PDF_POLICY),
    "health document": (of("health_sheet:page"), "inline", PDF_POLICY),
    "quotient": (of("quotient:proof"), "attachment", POLICY),
    "paper": (of("papers:file"), "attachment", POLICY),
    "page of a paper": (of("papers:preview"), "inline", POLICY),
    "copy of one's data": (copy, "attachment", POLICY),
    "paper at the desk": (desk_paper, "inline", POLICY),
    "judgement at the desk": (desk_judgement, "inline", PDF_POLICY),
    "health document at the desk": (desk_health, "inline", PDF_POLICY),
    "file of a form": (survey, "attachment", POLICY),
}
#: Doors of what is made when it is asked for.
MADE: dict[str, tuple[Callable[[Town], Asking], str, str]] = {
    "acknowledgement": (of("procedures:acknowledgement"), "inline", PDF_POLICY),
    "receipt": (of("basket:receipt_pdf"), "attachment", PDF_POLICY),
    "list of what is to be erased": (
        lambda _town: as_agent(reverse("retention_slip", args=["mails", "csv"])),
        "attachment",
        POLICY,
    ),
}
#: Readings that are written down when they happen.
NOTED = {"judgement at the desk", "health document at the desk", "file of a form"}


@pytest.mark.parametrize("door", KEPT | MADE)
def test_every_door_guards_the_file_that_it_sends(town: Town, door: str) -> None:
    made, disposition, policy = (KEPT | MADE)[door]
    answer = made(town)()
    assert answer.status_code == 200
    assert answer.content
    assert answer["Content-Disposition"].startswith(f'{disposition}; filename="')
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert set(answer["Cache-Control"].split(", ")) >= {"private", "no-store"}
    assert answer["Content-Security-Policy"] == policy
    assert answer["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("door", KEPT)
def test_a_lost_file_does_not_exist_and_is_not_said_to_be_read(town: Town, private: Path, door: str) -> None:
    asking = KEPT[door][0](town)
    files = [path for path in private.rglob("*") if path.is_file()]
    assert files
    for path in files:
        path.unlink()
    before = (AuditEntry.objects.count(), HealthReading.objects.count())
    assert asking().status_code == 404
    assert (AuditEntry.objects.count(), HealthReading.objects.count()) == before


@pytest.mark.parametrize("door", sorted(NOTED))
def test_a_file_that_is_read_is_said_to_be(town: Town, door: str) -> None:
    asking = KEPT[door][0](town)
    before = AuditEntry.objects.count() + HealthReading.objects.count()
    asking()
    assert AuditEntry.objects.count() + HealthReading.objects.count() == before + 1

"""The family's pages of health, and what agents reach: rights, refusals, the log, and where no word of health goes."""

import io
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.urls import reverse

from portal.backoffice.desk.areas.health import HealthQueue, _section
from portal.backoffice.desk.registry import AlreadyDecided
from portal.backoffice.roles import Role, load_roles
from portal.domain.accounts.models import User
from portal.domain.families.models import Child
from portal.domain.health.enums import DocumentKind, DocumentState
from portal.domain.health.models import HealthDocument, HealthReading, HealthSheet, VaccineBooklet
from portal.domain.health.privacy import PART, RETENTIONS
from portal.domain.procedures.models import Procedure
from tests.domain.accounts.factories import UserFactory
from tests.domain.families.factories import AdultFactory, FamilyFactory, MemberFactory
from tests.domain.health.factories import filled_sheet, pdf, reader, sent_document, upload
from tests.web.planning.scene import NOW, Scene

pytestmark = pytest.mark.django_db

#: What a parent writes that nobody but the readers of the sheet may ever meet.
SECRET = "Zyxomalgie"


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.fixture
def child(scene: Scene) -> Child:
    return scene.child("Noé")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def url(name: str, *arguments: object) -> str:
    return reverse(f"health_sheet:{name}", args=arguments)


@pytest.mark.exigence("D10", "D16")
def test_a_parent_fills_the_sheet_to_the_end(scene: Scene, child: Child) -> None:
    client = signed_in(scene.user)
    said: dict[str, dict[str, Any]] = {
        "doctor": {"doctor_name": "Dr Bouvet", "doctor_phone": "01 99 00 31 20"},
        "allergies": {"has_allergies": "non"},
        "diet": {"diet": "no_pork"},
        "needs": {"has_needs": "oui", "needs": ["glasses"]},
        "treatment": {"has_treatment": "non"},
    }
    answer = client.get(url("detail", child.pk))
    assert "Fiche sanitaire à remplir" in answer.content.decode()
    for section, values in said.items():
        answer = client.post(url("fill", child.pk, section), values | {"suite": "1"})
        assert answer.status_code == 302
    assert answer["Location"] == url("certify", child.pk)
    assert client.post(url("certify", child.pk), {}).status_code == 422
    assert client.post(url("certify", child.pk), {"certify": "on"}).status_code == 302
    assert client.post(url("certify", child.pk), {"certify": "on"}).status_code == 302
    assert Procedure.objects.filter(kind="health").count() == 1
    page = client.get(url("detail", child.pk)).content.decode()
    assert "Dr Bouvet" in page
    assert "no-store" in client.get(url("detail", child.pk))["Cache-Control"]


def test_what_was_typed_stays_when_it_is_wrong(scene: Scene, child: Child) -> None:
    answer = signed_in(scene.user).post(url("fill", child.pk, "doctor"), {"doctor_name": "Dr X", "doctor_phone": "12"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "dix chiffres" in page
    assert 'value="Dr X"' in page
    assert "<title>Erreur\u00a0:" in page
    assert not HealthSheet.objects.exists()


@pytest.mark.exigence("D15")
def test_a_single_injection_gives_several_vaccines(scene: Scene, child: Child) -> None:
    client = signed_in(scene.user)
    answer = client.post(
        url("vaccines", child.pk), {"ensemble_dtp": "12/05/2017, 14/07/2017", "dates_polio": "3/6/17"}
    )
    assert answer.status_code == 302
    doses = VaccineBooklet.objects.get().doses
    assert doses["tetanus"]["dates"] == ["2017-05-12", "2017-07-14"]
    assert doses["polio"]["dates"] == ["2017-06-03"]
    wrong = client.post(url("vaccines", child.pk), {"dates_polio": "hier"})
    assert wrong.status_code == 422
    assert "hier n’est pas une date" in wrong.content.decode()


@pytest.mark.exigence("D29")
def test_last_year_s_sheet_is_confirmed_with_the_box_only(scene: Scene, child: Child) -> None:
    filled_sheet(scene.family, child, by=scene.user, at=NOW - timedelta(days=365))
    client = signed_in(scene.user)
    assert "à confirmer" in client.get(url("detail", child.pk)).content.decode()
    assert client.post(url("confirm", child.pk), {}).status_code == 422
    assert client.post(url("confirm", child.pk), {"certify": "on"}).status_code == 302
    assert HealthSheet.objects.get(school_year=2026).unchanged


def test_a_relative_is_refused_and_a_stranger_finds_nothing(scene: Scene, child: Child) -> None:
    filled_sheet(scene.family, child, by=scene.user, at=NOW)
    document = sent_document(scene.family, child, by=scene.user, at=NOW)
    relative = UserFactory(username="tante")
    MemberFactory(family=scene.family, adult=AdultFactory(user=relative), relative=True)
    stranger = Scene(family=FamilyFactory(), user=UserFactory(username="autre"))
    page = document.pages.get()
    for address in (url("detail", child.pk), url("page", child.pk, page.pk), url("certify", child.pk)):
        assert signed_in(relative).get(address).status_code == 403
        assert signed_in(stranger.user).get(address).status_code == 404
    own = stranger.child("Tom")
    assert signed_in(stranger.user).get(url("page", own.pk, page.pk)).status_code == 404
    assert signed_in(stranger.user).post(url("remove", own.pk, document.pk)).status_code == 404
    assert HealthDocument.objects.get().removed_at is None


def polyglot() -> bytes:
    out = io.BytesIO(pdf())
    out.seek(0, io.SEEK_END)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("x.html", "<script>alert(1)</script>")
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("pai.pdf", b"<html><script>alert(1)</script></html>"),
        ("pai.pdf", b""),
        ("../../etc/passwd.exe", b"MZ\x90"),
        ("pai.pdf", polyglot()),
        ("pai.svg", b"<svg onload=alert(1)>"),
    ],
)
def test_a_hostile_file_is_refused_and_leaves_nothing(scene: Scene, child: Child, name: str, content: bytes) -> None:
    answer = signed_in(scene.user).post(
        url("send", child.pk, "care_plan"), {"files": [upload("bon.pdf"), upload(name, content)]}
    )
    assert answer.status_code == 422
    assert not HealthDocument.objects.exists()


def test_a_form_sent_without_file_says_so(scene: Scene, child: Child) -> None:
    answer = signed_in(scene.user).post(url("send", child.pk, "booklet"), {})
    assert answer.status_code == 422
    assert "choisissez un fichier" in answer.content.decode()


def test_a_sent_document_is_read_back_as_it_was(scene: Scene, child: Child) -> None:
    client = signed_in(scene.user)
    assert client.post(url("send", child.pk, "booklet"), {"files": [upload(), upload("b.pdf")]}).status_code == 302
    document = HealthDocument.objects.get()
    assert document.pages.count() == 2
    answer = client.get(url("page", child.pk, document.pages.order_by("order")[0].pk))
    assert answer.content.startswith(b"%PDF-")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]
    assert not HealthReading.objects.exists()
    assert client.post(url("remove", child.pk, document.pk)).status_code == 302
    assert client.post(url("remove", child.pk, document.pk)).status_code == 302
    assert document.pages.count() == 0


@pytest.mark.parametrize(
    ("role", "reads"),
    [
        (Role.MANAGEMENT, True),
        (Role.ACTIVITIES, True),
        (Role.ACCOUNTING, False),
        (Role.COMMUNICATION, False),
        (Role.VALIDATION, False),
    ],
)
def test_only_two_roles_read_and_each_reading_leaves_one_line(
    scene: Scene, child: Child, role: Role, reads: bool
) -> None:
    load_roles()
    filled_sheet(scene.family, child, by=scene.user, at=NOW)
    document = sent_document(scene.family, child, by=scene.user, at=NOW)
    agent = UserFactory(username="agent", first_name="Anaïs", last_name="Lamy", agent=True)
    agent.groups.add(Group.objects.get(name=role.value))
    client = signed_in(agent)
    queue = HealthQueue()
    assert queue.count(agent) == int(reads)
    assert (_section(agent, scene.family, NOW) is not None) == reads
    assert (queue.panel(agent, document.pk, at=NOW) is not None) == reads
    assert not HealthReading.objects.exists()
    answer = client.get(reverse("care_sheet", args=(child.pk,)))
    assert ("Dr Bouvet" in answer.content.decode()) == reads
    assert HealthReading.objects.count() == int(reads)
    client.get(reverse("care_page", args=(document.pages.get().pk,)))
    assert HealthReading.objects.count() == 2 * int(reads)
    family = signed_in(scene.user).get(url("detail", child.pk)).content.decode()
    assert ("consultée par Anaïs Lamy" in family) == reads


@pytest.mark.exigence("D29")
def test_the_desk_answers_once(scene: Scene, child: Child) -> None:
    document = sent_document(scene.family, child, by=scene.user, at=NOW, kind=DocumentKind.BOOKLET)
    agent, queue = reader(), HealthQueue()
    assert [line.title for line in queue.waiting(agent, limit=10)] == ["Carnet de vaccination"]
    queue.refuse(document.pk, reason=f"{SECRET} illisible", by=agent, at=NOW)
    with pytest.raises(AlreadyDecided, match="Anaïs Lamy"):
        queue.accept(document.pk, cleaned={}, by=agent, at=NOW)
    document.refresh_from_db()
    assert document.state == DocumentState.REFUSED
    assert Procedure.objects.get(kind="health").state == "refused"
    assert f"{SECRET} illisible" in signed_in(scene.user).get(url("detail", child.pk)).content.decode()


@pytest.mark.exigence("B3")
def test_no_word_of_health_anywhere_in_the_database_or_the_log(
    scene: Scene, child: Child, caplog: pytest.LogCaptureFixture
) -> None:
    """Every column of every table, after all that can be done with a sheet and a document."""
    client = signed_in(scene.user)
    client.post(
        url("fill", child.pk, "allergies"),
        {"has_allergies": "oui", "allergy_food": SECRET, "allergy_conduct": f"{SECRET} : appeler"},
    )
    allergy = {"has_allergies": True, "allergy_food": SECRET, "allergy_conduct": SECRET}
    filled_sheet(scene.family, child, by=scene.user, at=NOW, allergies=allergy)
    document = sent_document(scene.family, child, by=scene.user, at=NOW)
    agent = reader()
    signed_in(agent).get(reverse("care_sheet", args=(child.pk,)))
    HealthQueue().refuse(document.pk, reason=SECRET, by=agent, at=NOW)
    found = []
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            table = model._meta.db_table
            cursor.execute(f'SELECT count(*) FROM "{table}" AS line WHERE line::text ILIKE %s', [f"%{SECRET}%"])  # noqa: S608  # the names of our own tables
            if cursor.fetchone()[0]:
                found.append(table)
    assert found == []
    assert SECRET not in caplog.text


def test_data_are_given_to_who_may_see_them_only(scene: Scene, child: Child) -> None:
    filled_sheet(scene.family, child, by=scene.user, at=NOW)
    relative = UserFactory(username="tante")
    MemberFactory(family=scene.family, adult=AdultFactory(user=relative), relative=True)
    assert "Dr Bouvet" in str(list(PART.collect(scene.family.pk, scene.user)))
    assert list(PART.collect(scene.family.pk, relative)) == []


def test_documents_go_at_the_end_of_their_school_year(scene: Scene, child: Child) -> None:
    document = sent_document(scene.family, child, by=scene.user, at=NOW)
    retention = next(each for each in RETENTIONS if each.code == "health_documents")
    assert retention.find(date(2027, 7, 30), 10) == []
    expired = retention.find(date(2027, 7, 31), 10)
    assert [(each.key, each.since) for each in expired] == [(document.pk, date(2027, 7, 31))]
    assert retention.erase([document.pk], User.objects.system(), NOW) == 1
    assert not HealthDocument.objects.exists()

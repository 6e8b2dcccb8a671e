"""« Signaler une absence » from the planning to the answer; whose declarations they are; who reads a certificate."""

from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.backoffice.desk.areas.absences import AbsencesQueue
from portal.backoffice.desk.sources import key_of
from portal.domain.absences.deciding import accept_absence
from portal.domain.absences.enums import AbsenceState
from portal.domain.absences.models import Absence, CertificateReading
from portal.domain.accounts.models import User
from portal.domain.families.acting import start_acting
from portal.domain.procedures.models import Procedure
from tests.domain.absences.factories import ReasonFactory, RuleFactory, certificate, decider
from tests.domain.accounts.factories import UserFactory
from tests.web.absences.scene import declared, page_of, rules
from tests.web.planning.scene import NOW
from tests.web.two_families import CLOSED_DAY, OPEN_DAY, Town

pytestmark = [pytest.mark.django_db, pytest.mark.exigence("B4")]

ROOT = "/famille/absences/"
DECLARE = f"{ROOT}declarer/"


@pytest.fixture
def owner(town: Town, client: Client) -> Client:
    client.force_login(town.owner)
    return client


def text_of(answer: Any) -> str:
    return str(answer.content.decode()).replace("\u00a0", " ").replace("\u202f", " ")


def prefilled(town: Town) -> str:
    return f"{DECLARE}?enfant={town.enrolled.pk}&du={CLOSED_DAY}&au={CLOSED_DAY}"


@pytest.mark.exigence("P22")
def test_the_locked_cell_leads_to_the_form_prefilled_then_to_the_declaration(town: Town, owner: Client) -> None:
    cell = town.code(CLOSED_DAY, unit=town.evening)
    why = reverse("planning:why", args=[cell])
    assert "Signaler une absence" not in text_of(owner.get(why))
    rules(town)

    page = text_of(owner.get(why))
    assert prefilled(town).replace("&", "&amp;") in page
    page = text_of(owner.get(prefilled(town)))
    assert f'value="{cell}"' in page
    assert "reste facturé (carence)" in page
    owner.post(prefilled(town), {"jour": [cell], "motif": "maladie"})

    absence = Absence.objects.get()
    assert (absence.state, absence.days.get().booking.day) == (AbsenceState.EXPECTED, CLOSED_DAY)
    detail = reverse("absences:detail", args=[absence.key])
    assert detail in text_of(owner.get(why))
    assert "absent, déclaré" in text_of(owner.get("/famille/planning/?mois=2026-09"))
    assert detail in text_of(owner.get("/famille/"))
    said = text_of(owner.post(detail, {"suite": "envoyer", "files": [certificate()]}, follow=True))
    assert "transmis" in said
    assert reverse("absences:detail", args=[absence.key]) in text_of(
        owner.get(reverse("procedures:detail", args=[Procedure.objects.get(kind="absence").pk]))
    )
    owner.post(detail, {"suite": "retirer"})
    assert Absence.objects.get().state == AbsenceState.WITHDRAWN


def test_days_come_from_the_books_whatever_the_browser_sends(town: Town, owner: Client) -> None:
    rules(town)
    forged = {"jour": [town.code(OPEN_DAY, unit=town.evening), town.code(CLOSED_DAY)], "motif": "maladie"}

    answer = owner.post(prefilled(town), forged)

    assert answer.status_code == 422
    assert not Absence.objects.exists()
    page = text_of(owner.post(prefilled(town), {"motif": "maladie"}))
    assert "Cochez au moins un jour" in page
    page = text_of(owner.get(f"{DECLARE}?enfant={town.enrolled.pk}&du={CLOSED_DAY}&au={OPEN_DAY}"))
    assert "s’annule encore sans frais" in page


def test_a_form_sent_twice_declares_once(town: Town, owner: Client) -> None:
    rules(town)
    sent = {"jour": [town.code(CLOSED_DAY, unit=town.evening)], "motif": "ecole"}
    first = owner.post(prefilled(town), sent)
    second = owner.post(prefilled(town), sent)
    assert first.url == second.url
    assert Absence.objects.count() == 1


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("enfant=x", 404),
        ("enfant=999999999999999999999", 404),
        ("du=2026-99-99", 422),
        ("du=9999-12-31", 422),
        ("du=2026-09-10&au=2026-09-01", 422),
        ("du=2026-01-01&au=2026-12-31", 422),
        ("du=%00", 422),
    ],
)
def test_garbled_addresses_are_told_in_words(town: Town, owner: Client, query: str, status: int) -> None:
    child = "" if "enfant" in query else f"enfant={town.enrolled.pk}&"
    assert owner.get(f"{DECLARE}?{child}{query}").status_code == status


def test_a_child_of_another_family_does_not_exist(town: Town, client: Client) -> None:
    rules(town)
    client.force_login(town.stranger)
    assert client.get(prefilled(town)).status_code == 404
    sent = {"jour": [town.code(CLOSED_DAY, unit=town.evening)], "motif": "maladie"}
    assert client.post(prefilled(town), sent).status_code == 404
    assert not Absence.objects.exists()


def test_an_agent_in_the_family_s_space_reads_with_the_right_and_leaves_a_line(town: Town, client: Client) -> None:
    page = page_of(town)
    address = reverse("absences:file", args=[page.absence.key, page.pk])
    agent = UserFactory(username="acting", agent=True)
    agent.user_permissions.add(Permission.objects.get(codename="act_for_family"))
    agent = User.objects.get(pk=agent.pk)
    start_acting(family=town.family, reason="Appel de la famille.", by=agent, at=NOW)
    client.force_login(agent)
    assert client.get(address).status_code == 404
    agent.user_permissions.add(Permission.objects.get(codename="decide_absence"))
    assert client.get(address).status_code == 200
    assert CertificateReading.objects.get().agent == agent


def test_late_days_are_open_to_an_agent_with_a_reason(town: Town, client: Client) -> None:
    rules(town)
    agent = decider("acting")
    agent.user_permissions.add(Permission.objects.get(codename="act_for_family"))
    agent = User.objects.get(pk=agent.pk)
    with time_machine.travel("2026-09-20 08:00:00+00:00", tick=False):
        start_acting(family=town.family, reason="Appel.", by=agent, at=NOW.replace(day=20))
        client.force_login(agent)
        sent = {"jour": [town.code(CLOSED_DAY, unit=town.evening)], "motif": "ecole"}
        assert client.post(prefilled(town), sent).status_code == 422
        client.post(prefilled(town), sent | {"hors_delai": "Enfant hospitalisé."})
    absence = Absence.objects.get()
    assert (absence.is_late, absence.late_reason) == (True, "Enfant hospitalisé.")


def test_the_queue_shows_the_price_of_each_day_and_notes_the_reading(town: Town) -> None:
    absence, agent, queue = declared(town), decider("agente"), AbsencesQueue()
    with CaptureQueriesContext(connection) as asked:
        lines = queue.waiting(agent, limit=10)
    assert len(asked) <= 4  # permissions and limits are read once
    assert [line.key for line in lines] == [key_of(absence)]
    panel = queue.panel(agent, key_of(absence), at=NOW)
    assert panel is not None
    assert dict(panel.facts)["Si vous acceptez"] == "1\u00a0jour de carence facturé\u00a0: 0,00\u00a0€"
    assert len(panel.files) == 1
    assert CertificateReading.objects.count() == 1
    assert queue.panel(UserFactory(agent=True), key_of(absence), at=NOW) is None
    assert queue.panel(agent, key_of(absence) + 1, at=NOW) is None


def test_the_page_costs_no_more_with_many_declarations(town: Town, owner: Client) -> None:
    declared(town)
    owner.get(ROOT)
    with CaptureQueriesContext(connection) as one:
        owner.get(ROOT)
    row = Absence.objects.get()
    for _ in range(5):
        row.pk, row.key = None, uuid4()
        row.save()
    with CaptureQueriesContext(connection) as many:
        owner.get(ROOT)
    assert len(many) == len(one)


def test_the_agents_list_of_the_day(town: Town, client: Client) -> None:
    declared(town)
    address = reverse("desk_absent")
    client.force_login(UserFactory(username="nobody", agent=True))
    assert client.get(address).status_code in {302, 403}
    agent = decider("animation")
    agent.user_permissions.add(Permission.objects.get(codename="access_admin"))
    client.force_login(User.objects.get(pk=agent.pk))
    page = text_of(client.get(f"{address}?du={CLOSED_DAY}&structure=x"))
    assert town.enrolled.first_name in page
    assert "Maladie" not in page
    assert client.get(f"{address}?du=nonsense&semaine=1").status_code == 200


def test_an_accepted_absence_says_its_effect_on_the_bill(town: Town, owner: Client) -> None:
    RuleFactory(type=None, activity=town.evening.activity)
    absence = declared(town)
    Absence.objects.update(reason=ReasonFactory(school=True))
    accept_absence(absence=absence.pk, version=1, by=decider("agente"), at=NOW)
    page = text_of(owner.get(reverse("absences:detail", args=[absence.key])))
    assert "−2,10 €" in page
    assert "absent, accepté" in text_of(owner.get("/famille/planning/?mois=2026-09"))

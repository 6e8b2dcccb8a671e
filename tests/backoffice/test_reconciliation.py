"""« Rapprochement » as agents use it: what is right said in words, what is not looked at, repaired, set aside."""

import csv
import io
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from portal.backoffice.roles import Role, granted
from portal.domain.accounts.models import User
from portal.domain.audit.models import AuditEntry
from portal.domain.bookings.models import Booking, DayPlaces
from portal.domain.reconciliation.enums import Trigger
from portal.domain.reconciliation.models import Finding, Run
from portal.domain.reconciliation.running import run_checks
from portal.domain.reconciliation.services import PERMISSION
from portal.domain.scope.models import AgentLimit
from tests.domain.accounts.factories import UserFactory
from tests.domain.activities.factories import PlacePoolFactory
from tests.domain.bookings.conftest import AT, MONDAY, TUESDAY
from tests.domain.bookings.factories import book, household, priced_unit
from tests.domain.reconciliation.scene import reconciler

pytestmark = [pytest.mark.django_db, pytest.mark.exigence("C20", "B35")]


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def agent(db: None) -> User:
    return reconciler()


@pytest.fixture
def client(agent: User) -> Client:
    made = Client()
    made.force_login(agent)
    return made


@pytest.fixture
def home(db: None) -> Any:
    made = household(priced_unit(pools=[PlacePoolFactory(name="Places du midi")]), name="Jacquemin", number="4831")
    book(made, [MONDAY, TUESDAY])
    Booking.objects.update(source="pattern")
    return made


def run() -> None:
    assert run_checks(trigger=Trigger.NIGHT, by=User.objects.system(), at=AT) is not None


def page(client: Client, name: str, *args: Any, status: int = 200, **query: str) -> str:
    answer = client.get(reverse(name, args=args), query)
    assert answer.status_code == status
    return " ".join(answer.content.decode().split())


def test_what_is_right_is_said_in_words(client: Client, home: Any) -> None:
    assert "Aucune vérification n’a encore été faite" in page(client, "reconciliation_index")
    run()

    said = page(client, "reconciliation_index")

    assert "<strong>Rien à signaler.</strong>" in said
    assert "Places prises" in said
    assert "Rien à signaler" in page(client, "reconciliation_check", "places_taken")
    page(client, "reconciliation_check", "nimporte", status=404)


def test_a_finding_is_read_repaired_and_gone(client: Client, home: Any) -> None:
    DayPlaces.objects.filter(day=MONDAY).update(taken=0)
    run()
    assert "1 constat</strong>, dont 1 nouveau" in page(client, "reconciliation_index")
    listed = page(client, "reconciliation_check", "places_taken")
    assert "lundi 14 septembre 2026".replace(" 2026", "\u00a02026") in listed or "14" in listed
    found = Finding.objects.get()
    read = page(client, "reconciliation_finding", found.pk)
    assert "Recompter ce jour" in read
    assert f"{reverse('inscriptions_reservations_modeladmin_index')}?jour=2026-09-14" in read

    answer = client.post(reverse("reconciliation_finding", args=[found.pk]), {"reparer": "1"})

    assert answer.status_code == 302
    assert DayPlaces.objects.get(day=MONDAY).taken == 1
    assert page(client, "reconciliation_finding", found.pk, status=404)
    gone = client.post(reverse("reconciliation_finding", args=[found.pk]), {"reparer": "1"}, follow=True)
    assert "a disparu depuis" in gone.content.decode()


def test_setting_aside_asks_why_and_keeps_what_was_typed(client: Client, home: Any) -> None:
    Booking.objects.filter(day=MONDAY).update(unit_price="9.99")
    run()
    found = Finding.objects.get(check_code="price_amount")
    address = reverse("reconciliation_finding", args=[found.pk])
    assert reverse("desk_family", args=["4831"]) in page(client, "reconciliation_finding", found.pk)

    refused = client.post(address, {"motif": "  "})
    assert refused.status_code == 422
    assert "Écrivez pourquoi" in refused.content.decode()
    assert client.post(address, {"motif": "accord du trésorier"}).status_code == 302

    assert "Aucun" not in page(client, "reconciliation_check", "price_amount", vue="cote")
    assert "accord du trésorier" in page(client, "reconciliation_check", "price_amount", vue="cote")
    assert "1 mis de côté" in page(client, "reconciliation_index")
    client.post(address, {"reprendre": "1"})
    assert Finding.objects.get(pk=found.pk).set_aside_at is None


def test_the_first_page_tells_new_findings(client: Client, home: Any) -> None:
    run()
    assert "nouveau constat" not in client.get("/gestion/").content.decode()
    DayPlaces.objects.update(taken=0)
    run()
    assert "2\u00a0nouveaux constats" in client.get("/gestion/").content.decode()


def test_the_findings_as_a_file_are_in_the_journal(client: Client, home: Any, agent: User) -> None:
    Booking.objects.filter(day=MONDAY).update(unit_price="9.99")
    run()

    answer = client.post(reverse("reconciliation_file"))

    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    (row,) = (each for each in rows if each["contrôle"] == "Prix différents du tarif")
    assert (row["dossier"], row["jour"], row["état"]) == ("4831", "2026-09-14", "à traiter")
    assert AuditEntry.objects.filter(verb="export_findings", by=agent).exists()


def test_a_list_asks_as_many_queries_whatever_its_length(
    client: Client, home: Any, django_assert_max_num_queries: Any
) -> None:
    homes = [household(home.unit) for _ in range(8)]
    for each in homes:
        book(each, [MONDAY, TUESDAY])
    Booking.objects.update(source="pattern", unit_price="9.99")
    run()
    client.get(reverse("reconciliation_check", args=["price_amount"]))
    with django_assert_max_num_queries(22):
        listed = page(client, "reconciliation_check", "price_amount")
    assert listed.count("Nouveau") == 18


def test_an_agent_starts_a_run(client: Client, home: Any, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(reverse("reconciliation_run"), follow=True)

    assert "La vérification est lancée" in answer.content.decode()
    assert Run.objects.get().trigger == Trigger.AGENT


def test_only_those_who_charge_or_act_for_families_and_work_for_the_whole_town_see_it(
    client: Client, home: Any, agent: User
) -> None:
    assert {role for role in Role if PERMISSION in granted(role)} == {Role.ACCOUNTING, Role.MANAGEMENT}
    addresses = [reverse("reconciliation_index"), reverse("reconciliation_check", args=["places_taken"])]
    other = Client()
    other.force_login(UserFactory(agent=True))
    for address in addresses:
        assert other.get(address).status_code in {302, 403}
    AgentLimit.objects.create(agent=agent, structure=home.unit.activity.structure)
    for address in addresses:
        assert client.get(address).status_code == 404
    assert "Rapprochement" not in client.get("/gestion/").content.decode()

"""Agents and requests to the service: what they read first, one press, the places, the rule and the règlement."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.backoffice.desk.areas.late_requests import LateRequestsQueue
from portal.backoffice.desk.registry import Wanted
from portal.backoffice.desk.sources import key_of
from portal.domain.activities.services import seed_calendar
from portal.domain.audit.models import AuditEntry
from portal.domain.bookings.models import Booking, DayPlaces
from portal.domain.late_requests.enums import RequestState
from portal.domain.late_requests.models import LateRequest, LateRule
from portal.domain.late_requests.queries import family_requests
from portal.domain.late_requests.services import withdraw_request
from portal.domain.scope.models import AgentLimit
from tests.backoffice.desk import ANIMATION, GESTION, REGIE, address, filled, make_agent, said, sign_in, words
from tests.domain.accounts.factories import UserFactory
from tests.domain.activities.factories import ActivityFactory, PlacePoolFactory, StructureFactory
from tests.domain.bookings.conftest import MONDAY, TUESDAY
from tests.domain.bookings.factories import Household, book, household, priced_unit
from tests.domain.late_requests.conftest import AT
from tests.domain.late_requests.factories import LateRuleFactory, ask, day_keys

pytestmark = [pytest.mark.django_db, pytest.mark.exigence("C15", "P23")]


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def home(clock: None) -> Household:
    """One place a day at the canteen; the week of the 14th is closed since the evening before."""
    seed_calendar(zone="A", from_year=2026, to_year=2027, by=UserFactory(), at=AT)
    unit = priced_unit(pools=[PlacePoolFactory(capacity=1)])
    LateRuleFactory(activity=unit.activity, full=True)
    return household(unit)


def page_of(request: LateRequest) -> str:
    return reverse("desk_decide", args=["late_requests", key_of(request)])


def answer(client: Client, request: LateRequest, **data: Any) -> Any:
    return client.post(page_of(request), {"decision": "accepter", **data}, follow=True)


def test_everything_is_in_place_and_one_press_books(client: Client, home: Household) -> None:
    request = ask(home, MONDAY, TUESDAY, at=AT)
    sign_in(client, GESTION)
    page = words(client.get(page_of(request)))

    for said_there in (
        "Un imprévu au travail",
        "Délai passé le jeudi 10 septembre 2026 à 23 h 59, depuis 9 heures",
        "1 place libre sur 1",
        "Prix : 4,30 €",
        "Réservé par la famille, semaine du 14 septembre",
    ):
        assert said_there in page.replace("\u00a0", " ").replace("\u202f", " ")
    done = answer(client, request, days=[str(key) for key in day_keys(request)])

    assert "votre réponse est enregistrée" in said(done)
    assert Booking.objects.booked().filter(family=home.family).count() == 2


def test_days_left_out_need_a_reason_and_what_was_typed_stays(client: Client, home: Household) -> None:
    request = ask(home, MONDAY, TUESDAY, at=AT)
    sign_in(client, ANIMATION)
    monday = [str(key) for key in day_keys(request, MONDAY)]
    refused = answer(client, request, days=monday)

    assert refused.status_code == 422
    assert "Écrivez pourquoi les autres jours" in words(refused)
    assert not Booking.objects.exists()
    answer(client, request, days=monday, others="Sortie de la classe ce jour-là.")
    request.refresh_from_db()
    assert (request.state, request.answer) == (RequestState.PARTLY, "Sortie de la classe ce jour-là.")


def test_a_full_day_needs_its_own_tick_its_reason_and_its_permission(client: Client, home: Household) -> None:
    book(household(home.unit), [MONDAY])
    request = ask(home, MONDAY, at=AT)
    monday = [str(key) for key in day_keys(request)]
    sign_in(client, ANIMATION)
    assert "Au-delà" not in words(client.get(page_of(request))).replace("au-delà", "Au-delà")
    assert answer(client, request, days=monday, exceeds="on", beyond="Urgence").status_code == 422

    sign_in(client, GESTION)
    assert "Complet" in words(client.get(page_of(request)))
    assert answer(client, request, days=monday).status_code == 422
    missing = answer(client, request, days=monday, exceeds="on")
    assert "Écrivez pourquoi vous acceptez au-delà" in words(missing)
    assert not Booking.objects.filter(family=home.family).exists()
    answer(client, request, days=monday, exceeds="on", beyond="Hospitalisation d’un parent")

    assert DayPlaces.objects.get().extra == 1
    assert AuditEntry.objects.get(verb="exceed_places").after["reason"] == "Hospitalisation d’un parent"


def test_an_impossible_day_says_why_and_is_not_proposed(client: Client, home: Household) -> None:
    request = ask(home, MONDAY, TUESDAY, at=AT)
    book(home, [MONDAY])
    sign_in(client, GESTION)
    page = client.get(page_of(request))

    assert "Impossible : ce jour est déjà réservé" in words(page).replace("\u00a0", " ")
    assert [value for value, _label in page.context["panel"].form.fields["days"].choices] == [
        str(key) for key in day_keys(request, TUESDAY)
    ]


def test_refused_and_asked_again(client: Client, home: Household) -> None:
    request = ask(home, MONDAY, at=AT)
    sign_in(client, GESTION)
    client.post(page_of(request), {"decision": "redemander", "texte": "À quelle heure ?"})
    request.refresh_from_db()
    assert request.state == RequestState.ASKED
    assert client.get(page_of(request)).status_code == 404

    other = ask(home, TUESDAY, at=AT)
    client.post(page_of(other), {"decision": "refuser", "motif": "Le jour est complet."})
    other.refresh_from_db()
    assert (other.state, other.answer) == (RequestState.REFUSED, "Le jour est complet.")


def test_what_the_family_took_back_is_answered_no_more(client: Client, home: Household) -> None:
    request = ask(home, MONDAY, at=AT)
    page = page_of(request)
    withdraw_request(request=request.key, family=home.family, by=home.parent, at=AT)
    sign_in(client, GESTION)

    assert "n’attend plus de réponse" in said(client.post(page, {"decision": "accepter"}, follow=True))


def test_without_the_permission_there_is_nothing(client: Client, home: Household) -> None:
    request = ask(home, MONDAY, at=AT)
    agent = sign_in(client, REGIE)

    assert LateRequestsQueue().count(agent) == 0
    assert client.get(page_of(request)).status_code == 404


@pytest.mark.exigence("B43")
def test_an_agent_sees_the_requests_of_their_places_alone(client: Client, home: Household) -> None:
    """The same child asks for two places: each agent answers its own."""
    place = StructureFactory()
    unit = priced_unit(activity=ActivityFactory(structure=place))
    LateRuleFactory(activity=unit.activity)
    both = household(home.unit, unit)
    theirs, ours = ask(both, MONDAY, at=AT), ask(both, MONDAY, at=AT, unit=1)
    agent = sign_in(client, GESTION)
    AgentLimit.objects.create(agent=agent, structure=place)

    assert [client.get(page_of(each)).status_code for each in (theirs, ours)] == [404, 200]
    answer(client, theirs, days=[str(key) for key in day_keys(theirs)])
    theirs.refresh_from_db()
    assert theirs.state == RequestState.SENT
    assert list(family_requests(agent, both.family, limit=9, on=AT.date())) == [ours]
    assert "Demandes au service" in words(client.get(reverse("desk_family", args=[both.family.number])))
    assert LateRequestsQueue().lines(agent, Wanted(at=AT), rank=0).count() == 1


def test_the_queue_costs_the_same_whatever_it_holds(client: Client, home: Household) -> None:
    queue, agent = LateRequestsQueue(), make_agent(GESTION)
    ask(home, MONDAY, at=AT)
    with CaptureQueriesContext(
        connection,
    ) as few:
        queue.waiting(agent, limit=50)
    for _ in range(4):
        ask(household(home.unit), MONDAY, TUESDAY, at=AT)
    with CaptureQueriesContext(connection) as many:
        assert len(queue.waiting(agent, limit=50)) == 5
    assert len(many) <= len(few)


def test_the_rule_is_set_on_a_screen_and_read_in_the_reglement(client: Client, home: Household) -> None:
    sign_in(client, GESTION)
    rule = LateRule.objects.get()
    page = address("demandes-au-service/regles", "edit", rule.pk)
    assert "ou quand un jour est complet" in words(client.get(page))
    client.post(page, filled(client, page, answer_days="3"))

    reglement = words(client.get(reverse("activity_rules", args=[home.unit.activity_id]))).replace("\u00a0", " ")
    assert "une demande se fait au service" in reglement
    assert "Le service répond en 3 jours au plus." in reglement

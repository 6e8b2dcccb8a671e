"""Closing days at the desk: the numbers are read before the button, and the button does those."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.test import Client

from portal.backoffice.roles import Role
from portal.domain.accounts.models import User
from portal.domain.activities.models import Closure
from portal.domain.activities.services import seed_calendar
from portal.domain.bookings.models import Booking
from portal.domain.kernel.clock import PARIS
from tests.backoffice.desk import GESTION, address, is_refused, make_agent, said, sign_in, words
from tests.backoffice.halves import limit
from tests.domain.accounts.factories import UserFactory
from tests.domain.activities.factories import ClosureFactory, PlacePoolFactory
from tests.domain.bookings.conftest import MONDAY, TUESDAY
from tests.domain.bookings.factories import book, household, priced_unit

pytestmark = [pytest.mark.django_db, pytest.mark.exigence("C5")]

CREATE = address("calendrier/fermetures", "create")
AT = datetime(2026, 9, 9, 21, 30, tzinfo=PARIS)


@pytest.fixture(autouse=True)
def frozen(db: None) -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        seed_calendar(zone="A", from_year=2026, to_year=2027, by=UserFactory(), at=AT)
        yield


@pytest.fixture
def canteen() -> Any:
    return priced_unit(pools=[PlacePoolFactory()])


def asked(**values: str) -> dict[str, str]:
    return {"place": "commune", "starts_on": "2026-09-14", "ends_on": "", "reason": "grève", "message": ""} | values


def plan_of(client: Client, **values: str) -> Any:
    response = client.post(CREATE, asked(**values))
    assert response.status_code == 200, response.content.decode()
    return response


def test_the_numbers_are_read_then_done(client: Client, canteen: Any) -> None:
    sign_in(client, GESTION)
    home = household(canteen, children=2)
    book(home, [MONDAY, TUESDAY])
    book(home, [MONDAY], child=1)

    page = plan_of(client)
    text = words(page)
    assert "Réservations annulées2" in text
    assert "8,60\u00a0€" in text
    assert "Familles prévenues1" in text
    assert Booking.objects.booked().count() == 3
    assert not Closure.objects.exists()

    token = page.context["token"]
    unread = client.post(CREATE, {"plan": token})
    assert unread.status_code == 422
    assert "Cochez que vous avez relu" in words(unread)
    done = client.post(CREATE, {"plan": token, "relu": "on"})
    closure = Closure.objects.get()
    assert done.url == address("calendrier/fermetures", "inspect", closure.pk)
    assert "2\u00a0réservations annulées, 8,60\u00a0€ non facturés, 1\u00a0famille prévenue." in said(done)
    assert Booking.objects.booked().count() == 1
    shown = words(client.get(done.url))
    assert "2\u00a0réservations annulées" in shown
    assert "lundi 14\u00a0septembre" in shown
    assert "8,60\u00a0€" in words(client.get(address("calendrier/fermetures")))


def test_a_plan_that_changed_is_shown_again_and_nothing_is_done(client: Client, canteen: Any) -> None:
    sign_in(client, GESTION)
    home = household(canteen, children=2)
    book(home, [MONDAY])
    token = plan_of(client).context["token"]
    book(home, [MONDAY], child=1)

    again = client.post(CREATE, {"plan": token, "relu": "on"})

    assert again.status_code == 422
    assert "Quelque chose a changé" in words(again)
    assert "Réservations annulées2" in words(again)
    assert Booking.objects.booked().count() == 2
    assert client.post(CREATE, {"plan": again.context["token"], "relu": "on"}).status_code == 302
    assert not Booking.objects.booked().exists()


def test_a_token_made_by_hand_does_nothing(client: Client, canteen: Any) -> None:
    sign_in(client, GESTION)
    token = plan_of(client).context["token"]
    for forged in ("", "x", token[:-2], f"{token}x"):
        assert client.post(CREATE, {"plan": forged, "relu": "on"}).status_code == 302
    assert not Closure.objects.exists()


def test_what_was_typed_stays_and_each_fault_names_its_field(client: Client) -> None:
    sign_in(client, GESTION)
    response = client.post(CREATE, asked(place="", starts_on="32/13", reason=" ", message="Pique-nique."))
    assert response.status_code == 422
    assert {*response.context["form"].errors} == {"place", "starts_on", "reason"}
    assert "Pique-nique." in response.content.decode()
    late = client.post(CREATE, asked(ends_on="2026-09-13"))
    assert late.context["form"].errors == {"ends_on": ["La fermeture finit après avoir commencé."]}
    old = client.post(CREATE, asked(starts_on="2026-01-05"))
    assert "31 jours après" in str(old.context["form"].errors["starts_on"]).replace("\u00a0", " ")
    back = client.post(CREATE, {"plan": plan_of(client, reason="travaux").context["token"], "corriger": "1"})
    assert 'value="travaux"' in back.content.decode()
    assert not Closure.objects.exists()


def test_an_agent_of_a_place_closes_there_only(client: Client, canteen: Any) -> None:
    elsewhere = priced_unit()
    agent = make_agent(GESTION)
    limit(agent, [canteen.activity.structure])
    client.force_login(agent)

    form = client.get(CREATE).context["form"]
    offered = str(form["place"])
    assert f"structure-{canteen.activity.structure_id}" in offered
    assert f"structure-{elsewhere.activity.structure_id}" not in offered
    assert "Toute la commune" not in offered
    for place in ("commune", f"structure-{elsewhere.activity.structure_id}", f"activite-{elsewhere.activity_id}"):
        assert client.post(CREATE, asked(place=place)).status_code == 422
    token = plan_of(client, place=f"activite-{canteen.activity_id}").context["token"]
    # The place is taken away while the plan is on the screen.
    limit(agent, [elsewhere.activity.structure])
    agent.limits.filter(structure=canteen.activity.structure).delete()
    assert is_refused(client.post(CREATE, {"plan": token, "relu": "on"}))
    assert not Closure.objects.exists()


def test_days_are_opened_again_and_the_page_says_what_that_does_not_do(client: Client, canteen: Any) -> None:
    sign_in(client, GESTION)
    home = household(canteen)
    book(home, [MONDAY])
    client.post(CREATE, {"plan": plan_of(client).context["token"], "relu": "on"})
    closure = Closure.objects.get()
    page = words(client.get(address("calendrier/fermetures", "delete", closure.pk)))
    assert "Les réservations annulées ne sont pas refaites." in page
    assert "1 famille, dont" in page
    done = client.post(address("calendrier/fermetures", "delete", closure.pk))
    assert "1\u00a0famille prévenue" in said(done)
    assert not Closure.objects.exists()
    assert not Booking.objects.booked().exists()


def test_the_words_alone_are_corrected(client: Client) -> None:
    sign_in(client, GESTION)
    closure = ClosureFactory(reason="greve")
    edit = address("calendrier/fermetures", "edit", closure.pk)
    assert client.get(edit).status_code == 200
    assert client.post(edit, {"reason": "  "}).status_code == 422
    assert client.post(edit, {"reason": "grève", "starts_on": "2027-01-01"}).status_code == 302
    closure.refresh_from_db()
    assert (closure.reason, closure.starts_on.year) == ("grève", 2026)


def test_a_family_without_address_is_to_be_telephoned(client: Client, canteen: Any) -> None:
    sign_in(client, GESTION)
    home = household(canteen, contact_email="")
    User.objects.filter(pk=home.parent.pk).update(is_active=False)
    book(home, [MONDAY])
    page = words(plan_of(client))
    assert "À prévenir par téléphone" in page
    assert home.family.number in page


def test_who_only_looks_closes_nothing(client: Client) -> None:
    agent = make_agent(Role.ACTIVITIES)
    client.force_login(agent)
    closure = ClosureFactory()
    assert Group.objects.filter(user=agent).exists()
    assert client.get(address("calendrier/fermetures")).status_code == 200
    for url in (CREATE, *(address("calendrier/fermetures", action, closure.pk) for action in ("edit", "delete"))):
        assert is_refused(client.get(url))
        assert is_refused(client.post(url, asked()))
    assert client.get(address("calendrier/fermetures", "inspect", closure.pk)).status_code == 200
    assert client.get(address("calendrier/fermetures", "inspect", "x'")).status_code == 404

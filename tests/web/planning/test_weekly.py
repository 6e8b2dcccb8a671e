"""The regular week, changed from a date on: what it changes is shown, then the draft takes it."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from portal.domain.activities.enums import EnrolmentMode
from portal.domain.activities.models import Activity, Unit
from portal.domain.activities.services import seed_calendar
from portal.domain.bookings.models import Basket, Booking, Receipt
from portal.domain.bookings.services import change_draft, confirm_basket, enrol_and_book
from portal.domain.enrolments.models import RegularWeek
from tests.domain.accounts.factories import UserFactory
from tests.domain.activities.factories import ActivityFactory, PlacePoolFactory
from tests.domain.bookings.conftest import AT, MONDAY
from tests.domain.bookings.factories import Household, household, priced_unit
from tests.domain.enrolments.factories import EnrolmentFactory, PatternDayFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("september")]


@pytest.fixture
def september() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        seed_calendar(zone="A", from_year=2026, to_year=2027, by=UserFactory(), at=AT)
        yield


@pytest.fixture
def home(client: Client) -> Household:
    """Hugo eats on Mondays and Tuesdays for six weeks."""
    activity = ActivityFactory(ends_on=date(2026, 10, 16), enrolment_mode=EnrolmentMode.PATTERN)
    canteen = priced_unit(activity=activity, pools=[PlacePoolFactory(capacity=40)])
    made = household(canteen, enrolled=False)
    enrol_and_book(
        family=made.family,
        child=made.child,
        activity=activity,
        starts_on=date(2026, 9, 9),
        pattern={canteen.pk: frozenset({1, 2})},
        by=made.parent,
        at=AT,
    )
    client.force_login(made.parent)
    return made


def address(home: Household) -> str:
    return reverse("planning:week", args=[home.child.enrolments.get().pk])


def words(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode().replace("\u00a0", " ")))


def days(home: Household, *iso: int) -> dict[str, Any]:
    return {"du": "2026-09-21", f"jours_{home.unit.pk}": [str(day) for day in iso]}


@pytest.mark.exigence("B13")
def test_what_changes_is_shown_before_anything_is_written(client: Client, home: Household) -> None:
    form = client.get(address(home))
    assert 'value="2026-09-14"' in form.content.decode()
    shown = words(client.get(address(home), days(home, 2, 4)))
    assert "4 jours à réserver" in shown
    assert "4 jours à annuler" in shown
    assert "jeudi 24 septembre 2026, cantine : 4,30 €" in shown
    assert not Basket.objects.exists()


@pytest.mark.exigence("B13")
def test_the_draft_takes_the_changes_and_its_validation_the_week(client: Client, home: Household) -> None:
    pressed = client.post(address(home), days(home, 2, 4))
    assert pressed.headers["Location"] == reverse("basket:index")
    recap = client.get(pressed.headers["Location"])
    assert "nouvelle semaine habituelle à partir du lundi 21 septembre 2026" in words(recap)
    token = re.search(r'name="brouillon" value="([^"]+)"', recap.content.decode())
    assert token is not None
    client.post(reverse("basket:index"), {"suite": "valider", "brouillon": token[1]})
    assert Receipt.objects.count() == 1
    after = set(Booking.objects.booked().values_list("day", flat=True))
    assert {day.isoweekday() for day in after if day >= date(2026, 9, 21)} == {2, 4}
    detail = words(client.get(reverse("enrolments:detail", args=[home.child.enrolments.get().pk])))
    assert "Jours habituels lundi et mardi À partir du 21 septembre 2026 mardi et jeudi" in detail
    assert client.get(reverse("enrolments:confirmation", args=[home.child.enrolments.get().pk])).status_code == 200


def test_days_chosen_one_by_one_are_said_and_kept(client: Client, home: Household) -> None:
    change_draft(family=home.family, add=home.codes([date(2026, 9, 24)]), remove=[], by=home.parent, at=AT)
    confirm_basket(family=home.family, key=str(Basket.objects.get().key), by=home.parent, at=AT)
    shown = words(client.get(address(home), days(home, 1)))
    assert "1 jour choisi un par un reste comme il est" in shown
    everything = words(client.get(address(home), days(home, 1) | {"tout": "on"}))
    assert "reste comme il est" not in everything


def test_the_same_week_again_is_noted_at_once(client: Client, home: Household) -> None:
    assert "Aucun jour ne change" in words(client.get(address(home), days(home, 1, 2)))
    response = client.post(address(home), days(home, 1, 2))
    assert response.headers["Location"] == reverse("enrolments:detail", args=[home.child.enrolments.get().pk])
    assert RegularWeek.objects.get().starts_on == date(2026, 9, 21)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"du": ""}, "est à remplir"),
        ({"du": "demain"}, "indiquez une date qui existe"),
        ({"du": "2020-01-01"}, "Choisissez un jour entre le 9 septembre 2026 et le 16 octobre 2026."),
    ],
)
def test_a_wrong_answer_is_said_and_what_was_ticked_stays(
    client: Client, home: Household, typed: dict[str, str], said: str
) -> None:
    response = client.post(address(home), days(home, 4, 5) | typed)
    assert response.status_code == 422
    assert said in words(response)
    ticked = re.findall(r'value="(\d)"[^>]*checked', response.content.decode())
    assert ticked == ["4", "5"]
    assert not Basket.objects.exists()


def test_days_that_no_page_proposes_are_refused(client: Client, home: Household) -> None:
    assert client.post(address(home), days(home) | {f"jours_{home.unit.pk}": ["3", "x"]}).status_code == 422


def test_the_planning_and_the_enrolment_lead_to_it(client: Client, home: Household) -> None:
    assert reverse("planning:weeks") in client.get(reverse("planning:index")).content.decode()
    shown = client.get(reverse("planning:weeks"))
    assert address(home) in shown.content.decode()
    assert "lundi et mardi" in words(shown)
    enrolment = home.child.enrolments.get()
    assert address(home) in client.get(reverse("enrolments:detail", args=[enrolment.pk])).content.decode()


def test_an_activity_of_free_days_has_no_such_page(client: Client, home: Household) -> None:
    Activity.objects.update(enrolment_mode=EnrolmentMode.OPEN)
    assert client.get(address(home)).status_code == 404
    assert "Aucune inscription n’a de semaine habituelle" in words(client.get(reverse("planning:weeks")))


def test_another_family_finds_nothing(home: Household) -> None:
    stranger = Client()
    stranger.force_login(household(home.unit).parent)
    assert stranger.get(address(home)).status_code == 404
    assert stranger.post(address(home), days(home, 1)).status_code == 404
    assert MONDAY in set(Booking.objects.booked().values_list("day", flat=True))


@pytest.mark.exigence("B13")
def test_an_enrolment_is_filled_as_last_year_on_demand(client: Client) -> None:
    old = ActivityFactory(
        code="cantine-2025", name="Cantine 2025/2026", starts_on=date(2025, 9, 1), ends_on=date(2026, 7, 3)
    )
    new = ActivityFactory(
        code="cantine-2026", structure=old.structure, type=old.type, enrolment_mode=EnrolmentMode.PATTERN
    )
    before, after = priced_unit(activity=old, price="4.10"), priced_unit(activity=new)
    home = household(after, enrolled=False)
    enrolment = EnrolmentFactory(child=home.child, activity=old, family=home.family, requested_by=home.parent)
    for weekday in (1, 4):
        PatternDayFactory(enrolment=enrolment, unit=before, weekday=weekday)
    client.force_login(home.parent)
    page = reverse("enrolments:enrol", args=[home.child.pk, new.code])
    offered = client.get(page)
    assert "Faire comme l’an dernier" in words(offered)
    assert "Le prix de « Repas » passe de 4,10 € à 4,30 €." in words(offered)
    assert _ticked(offered, after) == []
    assert _ticked(client.get(page, {"comme": "dernier"}), after) == ["1", "4"]


def _ticked(response: Any, unit: Unit) -> list[str]:
    tags = re.findall(rf'<input[^>]*name="jours_{unit.pk}"[^>]*>', response.content.decode())
    return [value[1] for tag in tags if "checked" in tag and (value := re.search(r'value="(\d)"', tag))]

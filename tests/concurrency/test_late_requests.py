"""One request and several hands at the same instant. First the race without the lock, then with it."""

import time
from datetime import timedelta

import pytest

from portal.domain.activities.services import seed_calendar
from portal.domain.bookings import places
from portal.domain.bookings.models import Booking, DayPlaces, Receipt
from portal.domain.bookings.services import change_draft, confirm_basket
from portal.domain.late_requests import deciding
from portal.domain.late_requests.deciding import DaysRefused, accept_request
from portal.domain.late_requests.enums import RequestState
from portal.domain.late_requests.services import RequestDecided
from portal.domain.waiting import keeping
from portal.domain.waiting.services import serve_day
from tests.domain.accounts.factories import UserFactory
from tests.domain.activities.factories import PlacePoolFactory
from tests.domain.bookings.conftest import NEXT_MONDAY
from tests.domain.bookings.factories import book, household, priced_unit
from tests.domain.bookings.invariants import check_numbers, check_places
from tests.domain.late_requests.conftest import AT
from tests.domain.late_requests.factories import LateRuleFactory, ask, day_keys, decider
from tests.domain.waiting.conftest import cancel
from tests.domain.waiting.factories import ListRuleFactory, entry_of, wait
from tests.harness.races import run_together, successes

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race, pytest.mark.exigence("C15", "P23")]


@pytest.fixture(autouse=True)
def no_task(monkeypatch):
    """The line is asked by the tests themselves, at their own instant."""
    monkeypatch.setattr(keeping.serve_days, "delay", lambda _days: None)


class Town:
    """One place on Monday 21, which is full: a family asks the service for it."""

    def __init__(self, *, line=False):
        seed_calendar(zone="A", from_year=2026, to_year=2027, by=UserFactory(), at=AT)
        self.unit = priced_unit(pools=[PlacePoolFactory(capacity=1)])
        LateRuleFactory(activity=self.unit.activity, full=True)
        self.holder, self.home = household(self.unit), household(self.unit, parents=2)
        book(self.holder, [NEXT_MONDAY])
        if line:
            ListRuleFactory(activity=self.unit.activity)
            self.waiting = household(self.unit)
            wait(self.waiting, NEXT_MONDAY, at=AT)
        self.request = ask(self.home, NEXT_MONDAY, at=AT)
        self.agents = [decider(f"agent{rank}-{self.request.pk}") for rank in range(2)]

    def accept(self, agent, *, beyond="", at=AT):
        return accept_request(
            request=self.request.pk, version=1, days=day_keys(self.request), by=agent, at=at, beyond=beyond
        )

    def accepting(self, agent, **options):
        return lambda: self.accept(agent, **options)

    def booked(self):
        return Booking.objects.booked().filter(family=self.home.family, day=NEXT_MONDAY).count()


def unlocked(monkeypatch):
    """Counts are read, nothing is locked, and everybody has time to read the same."""

    def read_without_lock(keys):
        rows = DayPlaces.objects.filter(day__in=[day for _, day in keys])
        free = {(row.pool_id, row.day): row.capacity - row.taken - row.held for row in rows}
        time.sleep(0.1)
        return free

    monkeypatch.setattr(places, "_lock_rows", read_without_lock)


def without_people(monkeypatch):
    """Two agents read the request as waiting; nobody waits for anybody."""
    unlocked(monkeypatch)
    monkeypatch.setattr(deciding, "lock", lambda _concerned: None)
    monkeypatch.setattr(
        deciding,
        "lock_request",
        lambda key: deciding.LateRequest.objects.select_related(
            "family", "child", "activity__service", "asked_by", "decided_by"
        ).get(pk=key),
    )


# Two agents press at once


def test_without_the_locks_two_agents_end_in_an_error(transactional_db, monkeypatch):
    town = Town()
    without_people(monkeypatch)

    results = run_together(*[town.accepting(agent, beyond="Urgence") for agent in town.agents])

    errors = [result for result in results if isinstance(result, Exception)]
    assert [type(error).__name__ for error in errors] not in (
        [],
        ["RequestDecided"],
    )  # an agent would see an error page
    assert town.booked() == 1  # the walls hold


def test_two_agents_accept_once(transactional_db):
    town = Town()

    results = run_together(*[town.accepting(agent, beyond="Urgence") for agent in town.agents])

    assert len(successes(results)) == 1
    assert [type(each) for each in results if isinstance(each, Exception)] == [RequestDecided]
    assert (town.booked(), Receipt.objects.count(), DayPlaces.objects.get().extra) == (1, 1, 1)
    check_places()
    check_numbers("2026-09")


# An acceptance against the family's own booking


def test_accepted_or_booked_by_the_family_never_twice(transactional_db):
    """The place comes back while both press: one books, the other is told why not."""
    for _ in range(3):
        town = Town()
        cancel(town.holder, NEXT_MONDAY, at=AT)
        home = town.home
        change = change_draft(family=home.family, add=home.codes([NEXT_MONDAY]), remove=[], by=home.parent, at=AT)
        accepted, confirmed = run_together(
            town.accepting(town.agents[0]),
            lambda home=home, key=change.draft.key: confirm_basket(
                family=home.family, key=key, by=home.others[0], at=AT + timedelta(seconds=1)
            ),
        )
        assert town.booked() == 1
        assert isinstance(accepted, DaysRefused) != isinstance(confirmed, Exception)
        town.request.refresh_from_db()
        assert (town.request.state == RequestState.ACCEPTED) == (not isinstance(accepted, Exception))
        check_places()


# The last place, and a line that waits for it


def test_the_last_place_is_the_lines_or_the_requests_never_both(transactional_db):
    """The place that comes back is kept for the line: an agent never takes it without saying so."""
    for _ in range(3):
        town = Town(line=True)
        accepted, _cancelled = run_together(
            town.accepting(town.agents[0]), lambda town=town: cancel(town.holder, NEXT_MONDAY, at=AT)
        )
        serve_day(day=NEXT_MONDAY, at=AT)
        assert isinstance(accepted, DaysRefused)
        assert entry_of(town.waiting, NEXT_MONDAY).state == "offered"
        assert town.booked() == 0
        check_places()

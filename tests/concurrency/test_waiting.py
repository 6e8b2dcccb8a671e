"""One place and several answers at the same instant. First the race without the lock, then with it."""

import time
from datetime import timedelta

import pytest

from portal.domain.activities.services import seed_calendar
from portal.domain.bookings import places
from portal.domain.bookings.models import Booking, DayPlaces, Receipt
from portal.domain.bookings.services import change_draft
from portal.domain.waiting import answering, entering, keeping, serving
from portal.domain.waiting.enums import EntryState, GiftState, OfferState
from portal.domain.waiting.models import Offer, PlaceGift, WaitingEntry
from portal.domain.waiting.services import (
    OfferOver,
    accept_offer,
    decline_offer,
    give_place,
    join_list,
    sweep,
    take_gift_back,
)
from tests.domain.accounts.factories import UserFactory
from tests.domain.activities.factories import PlacePoolFactory
from tests.domain.bookings.conftest import AT, MONDAY
from tests.domain.bookings.factories import book, household, priced_unit
from tests.domain.bookings.invariants import check_numbers, check_places
from tests.domain.waiting.conftest import cancel
from tests.domain.waiting.factories import ListRuleFactory, entry_of, offer_of, wait
from tests.harness.races import Meeting, run_together, successes

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race, pytest.mark.exigence("B2", "P41")]

SATURDAY = AT + timedelta(days=2, hours=12)


@pytest.fixture(autouse=True)
def no_task(monkeypatch):
    """The line is asked by the tests themselves, at their own instant."""
    monkeypatch.setattr(keeping.serve_days, "delay", lambda _days: None)


class Town:
    """One place on Monday, a holder, families in line."""

    def __init__(self, families=2, *, exchange=False):
        seed_calendar(zone="A", from_year=2026, to_year=2027, by=UserFactory(), at=AT)
        self.unit = priced_unit(pools=[PlacePoolFactory(capacity=1)])
        ListRuleFactory(activity=self.unit.activity, exchange=exchange)
        self.holder = household(self.unit)
        book(self.holder, [MONDAY])
        self.homes = [household(self.unit, parents=2) for _ in range(families)]
        for rank, home in enumerate(self.homes):
            wait(home, MONDAY, at=AT + timedelta(minutes=rank))

    def offered(self, at=AT):
        """The holder gives its day back; the first in line has the place to answer."""
        cancel(self.holder, MONDAY, at=at)
        serving.serve_day(day=MONDAY, at=at)
        return offer_of(self.homes[0], MONDAY)


def unlocked(monkeypatch):
    """Counts are read, nothing is locked, and everybody has time to read the same."""

    def read_without_lock(keys):
        rows = DayPlaces.objects.filter(day__in=[day for _, day in keys])
        free = {(row.pool_id, row.day): row.capacity - row.taken - row.held for row in rows}
        time.sleep(0.1)
        return free

    monkeypatch.setattr(places, "_lock_rows", read_without_lock)


def slowed(monkeypatch, module, name, *, seconds=0.4):
    """Time passes between what was read and what is written."""
    real = getattr(module, name)

    def slow(*args, **options):
        found = real(*args, **options)
        time.sleep(seconds)
        return found

    monkeypatch.setattr(module, name, slow)


def accepting(home, offer, *, at=AT, by=None):
    return lambda: accept_offer(offer=offer.key, family=home.family, by=by or home.parent, at=at)


# Two parents accept one offer


def test_without_the_locks_two_acceptances_end_in_an_error(transactional_db, monkeypatch):
    town = Town(1)
    offer = town.offered()
    unlocked(monkeypatch)
    monkeypatch.setattr(answering, "_lock_people", lambda _offer: None)
    monkeypatch.setattr(answering, "lock_in_use", lambda _family: None)
    slowed(monkeypatch, answering._Acceptance, "_move_places", seconds=1.5)  # both have read the offer as open

    home = town.homes[0]
    results = run_together(*[accepting(home, offer, by=by) for by in (home.parent, *home.others)])

    assert any(isinstance(result, Exception) for result in results)  # a parent would see an error page
    assert Booking.objects.booked().filter(family=home.family).count() == 1  # the walls hold


def test_two_acceptances_of_one_offer_give_one_receipt(transactional_db):
    town = Town(1)
    offer = town.offered()
    home = town.homes[0]

    results = run_together(*[accepting(home, offer, by=by) for by in (home.parent, *home.others, home.parent)])

    assert successes(results) == results
    assert len({receipt.pk for receipt in results}) == 1
    assert Booking.objects.booked().filter(family=home.family).count() == 1
    check_places()
    check_numbers("2026-09")


# An acceptance against the end of the offer


def test_without_the_lock_a_place_is_accepted_and_given_to_the_next(transactional_db, monkeypatch):
    town = Town(2)
    offer = town.offered()
    unlocked(monkeypatch)
    slowed(monkeypatch, answering._Acceptance, "_line", seconds=1.5)  # the offer was read as open

    # The sweep runs a moment after the end, the parent pressed a moment before.
    accepted, _swept = run_together(
        accepting(town.homes[0], offer, at=offer.expires_at - timedelta(seconds=1)),
        lambda: sweep(at=offer.expires_at),
    )

    promised = Offer.objects.filter(state=OfferState.OPEN, family=town.homes[1].family).exists()
    booked = Booking.objects.booked().filter(family=town.homes[0].family).exists()
    assert isinstance(accepted, Exception) or (promised and booked)  # an error page, or one place for two


def test_accepted_or_lapsed_never_both(transactional_db):
    outcomes = set()
    for _ in range(4):
        town = Town(2)
        offer = town.offered()
        accepted, _swept = run_together(
            accepting(town.homes[0], offer, at=offer.expires_at - timedelta(seconds=1)),
            lambda offer=offer: sweep(at=offer.expires_at),
        )
        booked = Booking.objects.booked().filter(family=town.homes[0].family).exists()
        promised = Offer.objects.filter(state=OfferState.OPEN, family=town.homes[1].family).exists()
        assert booked != promised
        assert booked == isinstance(accepted, Receipt) or isinstance(accepted, OfferOver)
        outcomes.add(booked)
        check_places()
    assert outcomes


# A booking against the line, on the last place


def test_without_the_keeper_a_stranger_jumps_the_line(transactional_db, monkeypatch):
    town = Town(1)
    monkeypatch.setattr(places, "_keepers", [])
    stranger = household(town.unit)
    cancel(town.holder, MONDAY, at=AT)

    taken = change_draft(family=stranger.family, add=stranger.codes([MONDAY]), remove=[], by=stranger.parent, at=AT)

    assert taken.changed == 1


def test_a_booking_never_wins_over_the_line(transactional_db):
    town = Town(1)
    strangers = [household(town.unit) for _ in range(3)]

    def book_it(home):
        for _ in range(3):
            change = change_draft(family=home.family, add=home.codes([MONDAY]), remove=[], by=home.parent, at=AT)
            if change.changed:
                return "jumped"
        return "full"

    results = run_together(
        lambda: cancel(town.holder, MONDAY, at=AT), *[lambda home=home: book_it(home) for home in strangers]
    )

    assert successes(results) == results
    assert results[1:] == ["full"] * 3
    sweep(at=AT)
    assert entry_of(town.homes[0], MONDAY).state == EntryState.OFFERED
    check_places()


def test_joining_while_the_place_comes_back(transactional_db):
    """Either in line in time and served, or told that a place is free: never in a line that nobody asks."""
    for _ in range(4):
        town = Town(0)
        home = household(town.unit)
        joined, _cancelled = run_together(
            lambda home=home: join_list(family=home.family, codes=home.codes([MONDAY]), by=home.parent, at=AT),
            lambda town=town: cancel(town.holder, MONDAY, at=AT),
        )
        sweep(at=AT)
        if joined.entries:
            assert entry_of(home, MONDAY).state == EntryState.OFFERED
        else:
            assert DayPlaces.objects.get(pool__units=town.unit, day=MONDAY).held == 0
        check_places()


def test_two_sweeps_make_one_offer(transactional_db):
    town = Town(3)
    cancel(town.holder, MONDAY, at=AT)

    results = run_together(*[lambda: sweep(at=AT)] * 4)

    assert successes(results) == results
    assert Offer.objects.filter(state=OfferState.OPEN).count() == 1
    check_places()


def test_without_the_child_lock_two_presses_to_join_end_in_an_error(transactional_db, monkeypatch):
    town = Town(0)
    home = household(town.unit)
    monkeypatch.setattr(entering, "lock_in_use", lambda _family: None)
    monkeypatch.setattr(entering, "lock_children", lambda _keys: None)
    unlocked(monkeypatch)
    slowed(monkeypatch, entering, "_waiting")

    results = run_together(
        *[lambda: join_list(family=home.family, codes=home.codes([MONDAY]), by=home.parent, at=AT)] * 4
    )

    assert any(isinstance(result, Exception) for result in results)
    assert WaitingEntry.objects.live().count() == 1


def test_joining_twice_at_once_is_joining_once(transactional_db):
    town = Town(0)
    home = household(town.unit)

    results = run_together(
        *[lambda: join_list(family=home.family, codes=home.codes([MONDAY]), by=home.parent, at=AT)] * 4
    )

    assert successes(results) == results
    assert WaitingEntry.objects.live().count() == 1


# A booked place that changes hands


@pytest.mark.exigence("C11")
def test_one_gift_one_taker(transactional_db):
    """The first accepts while their time ends and the next one is asked; then the next one presses too."""
    for _ in range(3):
        town = Town(2, exchange=True)
        give_place(family=town.holder.family, code=town.holder.code(MONDAY), by=town.holder.parent, at=SATURDAY)
        sweep(at=SATURDAY)
        first = offer_of(town.homes[0], MONDAY)

        def second(town=town, first=first):
            sweep(at=first.expires_at)
            offer = Offer.objects.filter(family=town.homes[1].family, state=OfferState.OPEN).first()
            return offer and accept_offer(
                offer=offer.key, family=town.homes[1].family, by=town.homes[1].parent, at=first.expires_at
            )

        run_together(accepting(town.homes[0], first, at=first.expires_at - timedelta(seconds=1)), second)

        booked = Booking.objects.booked().filter(day=MONDAY, unit=town.unit)
        assert booked.count() == 1
        gift = PlaceGift.objects.get(family=town.holder.family)
        assert gift.state == (GiftState.OPEN if booked.get().family == town.holder.family else GiftState.TAKEN)
        check_places()


@pytest.mark.exigence("C11")
def test_without_the_lock_a_place_is_taken_and_taken_back(transactional_db, monkeypatch):
    town = Town(1, exchange=True)
    give_place(family=town.holder.family, code=town.holder.code(MONDAY), by=town.holder.parent, at=SATURDAY)
    sweep(at=SATURDAY)
    offer = offer_of(town.homes[0], MONDAY)
    unlocked(monkeypatch)
    monkeypatch.setattr(answering, "_lock_people", lambda _offer: None)
    monkeypatch.setattr(answering, "lock_in_use", lambda _family: None)
    read, line = Meeting(), answering._Acceptance._line

    def read_as_open(*args, **options):
        found = line(*args, **options)
        read.pause(at_most=30)
        return found

    monkeypatch.setattr(answering._Acceptance, "_line", read_as_open)
    accepted, declined = run_together(
        accepting(town.homes[0], offer, at=SATURDAY),
        lambda: read.meanwhile(
            lambda: decline_offer(offer=offer.key, family=town.homes[0].family, by=town.homes[0].parent, at=SATURDAY)
        ),
    )
    assert not isinstance(declined, Exception), declined
    assert not isinstance(accepted, OfferOver)  # it went on although the offer was declined


@pytest.mark.exigence("C11")
def test_taken_or_taken_back_never_both(transactional_db):
    for _ in range(3):
        town = Town(1, exchange=True)
        gift = give_place(family=town.holder.family, code=town.holder.code(MONDAY), by=town.holder.parent, at=SATURDAY)
        sweep(at=SATURDAY)
        offer = offer_of(town.homes[0], MONDAY)
        run_together(
            accepting(town.homes[0], offer, at=SATURDAY),
            lambda town=town, gift=gift: take_gift_back(
                gift=gift.key, family=town.holder.family, by=town.holder.parent, at=SATURDAY
            ),
        )
        gift.refresh_from_db()
        offer.refresh_from_db()
        taken = gift.state == GiftState.TAKEN
        assert (offer.state == OfferState.ACCEPTED) == taken
        booked = Booking.objects.booked().get(day=MONDAY, unit=town.unit)
        assert (booked.family == town.homes[0].family) == taken
        check_places()

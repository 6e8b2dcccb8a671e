"""Whatever families do, in whatever order, while time passes: the promises of the line hold."""

import contextlib
from collections import Counter
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.domain.bookings.capacity import CapacityTooLow, set_capacity
from portal.domain.bookings.models import Basket, Booking
from portal.domain.bookings.services import NothingToConfirm, change_draft, confirm_basket, release_lapsed_drafts
from portal.domain.waiting.enums import EntryState, GiftState, OfferState
from portal.domain.waiting.models import Offer, PlaceGift, WaitingEntry
from portal.domain.waiting.rules import in_order
from portal.domain.waiting.services import (
    OfferOver,
    OfferRefused,
    WaitingRefused,
    accept_offer,
    decline_offer,
    give_place,
    join_list,
    leave_list,
    sweep,
    take_gift_back,
)
from tests.domain.activities.factories import PlacePoolFactory
from tests.domain.bookings.conftest import AT, MONDAY, TUESDAY
from tests.domain.bookings.factories import household, priced_unit
from tests.domain.bookings.invariants import check_drafts, check_numbers, check_places
from tests.domain.waiting.factories import ListRuleFactory

DAYS = (MONDAY, TUESDAY)


@pytest.fixture
def homes(db):
    """Three families of two children; a school of two places whose club also takes one of them, a kitchen of one."""
    school, kitchen = PlacePoolFactory(capacity=2), PlacePoolFactory(capacity=1)
    meal = priced_unit(pools=[school, kitchen])
    club = priced_unit(pools=[school], activity__short_name="Club", starts_at=None, ends_at=None, may_overlap=True)
    ListRuleFactory(activity=meal.activity, exchange=True)
    ListRuleFactory(activity=club.activity, offer_hours=2)
    made = [household(meal, club, children=2) for _ in range(3)]
    for home in made:
        home.pools = [school, kitchen]
    return made


cells = st.tuples(st.sampled_from(DAYS), st.integers(0, 1), st.integers(0, 1))
actions = st.one_of(
    st.tuples(st.just("book"), cells),
    st.tuples(st.just("cancel"), cells),
    st.tuples(st.just("join"), st.lists(cells, min_size=1, max_size=3, unique=True), st.booleans()),
    st.tuples(st.just("leave")),
    st.tuples(st.just("accept")),
    st.tuples(st.just("decline")),
    st.tuples(st.just("give"), cells),
    st.tuples(st.just("take_back")),
    st.tuples(st.just("capacity"), st.integers(0, 1), st.integers(1, 3)),
    st.tuples(st.just("sweep")),
)
steps = st.lists(st.tuples(st.integers(0, 2), actions, st.sampled_from([0, 1, 25, 180, 60 * 20])), max_size=18)


def act(home, action, at):
    """One press; a refusal is an answer."""
    match action:
        case ("book", cell):
            _validate(home, [home.code(cell[0], child=cell[1], unit=cell[2])], [], at)
        case ("cancel", cell):
            _validate(home, [], [home.code(cell[0], child=cell[1], unit=cell[2])], at)
        case ("join", wanted, together):
            codes = [home.code(day, child=child, unit=unit) for day, child, unit in wanted]
            join_list(family=home.family, codes=codes, by=home.parent, at=at, together=together)
        case ("leave",):
            keys = list(WaitingEntry.objects.waiting().filter(family=home.family).values_list("key", flat=True))
            leave_list(family=home.family, entries=keys[:1], by=home.parent, at=at)
        case ("accept",) | ("decline",):
            answer = accept_offer if action == ("accept",) else decline_offer
            for offer in Offer.objects.filter(family=home.family, state=OfferState.OPEN):
                with contextlib.suppress(OfferOver, OfferRefused):
                    answer(offer=offer.key, family=home.family, by=home.parent, at=at)
        case ("give", cell):
            with contextlib.suppress(WaitingRefused):
                give_place(
                    family=home.family, code=home.code(cell[0], child=cell[1], unit=cell[2]), by=home.parent, at=at
                )
        case ("take_back",):
            for gift in PlaceGift.objects.filter(family=home.family, state=GiftState.OPEN):
                with contextlib.suppress(WaitingRefused):
                    take_gift_back(gift=gift.key, family=home.family, by=home.parent, at=at)
        case ("capacity", pool, places):
            with contextlib.suppress(CapacityTooLow):
                set_capacity(pool=home.pools[pool], capacity=places, by=home.parent, at=at)
        case ("sweep",):
            release_lapsed_drafts(at=at)
            sweep(at=at)


def _validate(home, add, remove, at):
    change_draft(family=home.family, add=add, remove=remove, by=home.parent, at=at)
    key = Basket.objects.filter(family=home.family).values_list("key", flat=True).first()
    with contextlib.suppress(NothingToConfirm):
        confirm_basket(family=home.family, key=str(key), by=home.parent, at=at)


def check_line():
    """Offers and entries say the same; nobody is booked twice, nor without having said yes."""
    for offer in Offer.objects.filter(state=OfferState.OPEN):
        assert {entry.state for entry in offer.entries.all()} == {EntryState.OFFERED}
        assert offer.places.exists() == (offer.gift_id is None)
    assert not WaitingEntry.objects.filter(state=EntryState.OFFERED).exclude(offer__state=OfferState.OPEN).exists()
    live = Counter(Booking.objects.booked().values_list("child", "unit", "day"))
    assert not [cell for cell, count in live.items() if count > 1]
    by_line = Booking.objects.filter(source="waiting")
    accepted = WaitingEntry.objects.filter(state=EntryState.BOOKED, offer__state=OfferState.ACCEPTED)
    assert Counter(by_line.values_list("child", "unit", "day")) == Counter(
        accepted.values_list("child", "unit", "day")
    )
    for gift in PlaceGift.objects.exclude(state=GiftState.TAKEN).select_related("booking"):
        assert gift.state != GiftState.OPEN or gift.booking.cancelled_at is None
    for gift in PlaceGift.objects.filter(state=GiftState.TAKEN).select_related("booking"):
        assert gift.booking.cancelled_at is not None
        assert gift.offers.filter(state=OfferState.ACCEPTED).count() == 1


def check_order(day, before, made):
    """Of those who stood in a line of one unit, alone and never passed, the first are the ones who were asked."""
    for unit in {entry.unit_id for entry in before}:
        line = list(in_order(entry for entry in before if entry.unit_id == unit))
        asked = [any(entry.pk in made for entry in party.entries) for party in line]
        now = {entry.pk: entry for entry in WaitingEntry.objects.filter(day=day, unit=unit)}
        eligible = [
            was_asked
            for party, was_asked in zip(line, asked, strict=True)
            if len(party.entries) == 1
            and now[party.first.pk].passed_at is None
            and now[party.first.pk].state in (EntryState.WAITING, EntryState.OFFERED)
        ]
        assert eligible == sorted(eligible, reverse=True)


@pytest.mark.exigence("B2", "C11")
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
def test_the_promises_of_the_line_hold(homes, steps):
    with transaction.atomic():
        at = AT
        for who, action, minutes in steps:
            at += timedelta(minutes=minutes)
            lines = {day: list(WaitingEntry.objects.waiting().filter(day=day)) for day in DAYS}
            known = set(Offer.objects.values_list("pk", flat=True))
            act(homes[who], action, at)
            check_places()
            check_line()
            if action == ("sweep",):
                made = set(
                    WaitingEntry.objects.filter(offer__isnull=False)
                    .exclude(offer__in=known)
                    .values_list("pk", flat=True)
                )
                for day, before in lines.items():
                    check_order(day, before, made)
        check_drafts()
        check_numbers("2026-09")
        transaction.set_rollback(True)

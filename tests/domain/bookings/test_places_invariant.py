"""Whatever families do, in whatever order: the counts are those of the lines, and never above the capacity; what the
town ties together is booked together, what it sets apart never is; no child passes a limit.
"""

from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from portal.domain.activities.enums import LimitSpan
from portal.domain.bookings.models import Basket
from portal.domain.bookings.queries import load_draft
from portal.domain.bookings.services import (
    NothingToConfirm,
    change_draft,
    confirm_basket,
    discard_draft,
    release_lapsed_drafts,
    remove_line,
    resume_draft,
)
from tests.domain.activities.factories import BookingLimitFactory, PlacePoolFactory, UnitRelationFactory
from tests.domain.bookings.conftest import AT, MONDAY, TUESDAY
from tests.domain.bookings.factories import household, join, priced_unit
from tests.domain.bookings.invariants import check_drafts, check_limits, check_numbers, check_places, check_relations

DAYS = (MONDAY, TUESDAY)


@pytest.fixture
def homes(db):
    """Three families of two children, one of them with a household in each of two families; few places.

    A meal and a club share the pool of the school. The meal goes with the lunch break, the evening is short or long,
    the bus needs an evening, and the workshop crosses the club. One club and one lunch break by week, one evening by
    day.
    """
    school, kitchen, hall = (PlacePoolFactory(capacity=places) for places in (3, 2, 2))
    meal = priced_unit(pools=[school, kitchen], activity__short_name="Cantine")
    club = priced_unit(pools=[school], activity__short_name="Club", may_overlap=False)
    lunch = priced_unit(pools=[hall], activity=meal.activity, code="pause")
    short = priced_unit(pools=[hall], activity__short_name="Soir")
    long = priced_unit(pools=[hall, school], activity=short.activity, code="long")
    bus = priced_unit(activity__short_name="Bus")
    workshop = priced_unit(activity__short_name="Atelier", may_overlap=False)
    UnitRelationFactory(unit=meal, other=lunch)
    UnitRelationFactory(unit=short, other=long, exclusive=True)
    UnitRelationFactory(unit=bus, other=short, dependent=True)
    UnitRelationFactory(unit=bus, other=long, dependent=True)
    BookingLimitFactory(activity=club.activity, count=1)
    BookingLimitFactory(activity=meal.activity, count=1, units=[lunch])
    BookingLimitFactory(activity=short.activity, count=1, span=LimitSpan.DAY)
    units = (meal, club, lunch, short, long, bus, workshop)
    made = [household(*units, children=2) for _ in range(3)]
    shared = made[0].child
    join(made[1].family, shared)
    made[1].children[1] = shared
    return made


cells = st.tuples(st.sampled_from(DAYS), st.integers(0, 1), st.integers(0, 6))
MEAL, CLUB, LUNCH, SHORT, LONG, BUS, WORKSHOP = range(7)


def change(*add):
    return ("change", [*add], [])


def both(first, second=None):
    """The first household wishes for a cell, the second for another one; the first validates, then the second."""
    seconds = [] if second is None else [(1, change(second), 0)]
    return [(0, change(first), 0), *seconds, (0, ("confirm",), 0), *([(1, ("confirm",), 0)] if second else [])]


actions = st.one_of(
    st.tuples(st.just("change"), st.lists(cells, max_size=4, unique=True), st.lists(cells, max_size=4, unique=True)),
    st.tuples(st.just("remove_line"), cells),
    st.tuples(st.sampled_from(["confirm", "discard", "resume", "lapse"])),
)
steps = st.lists(st.tuples(st.integers(0, 2), actions, st.sampled_from([0, 1, 15, 25])), max_size=14)


def act(home, action, at):
    def codes(chosen):
        return [home.code(day, child=child, unit=unit) for day, child, unit in chosen]

    match action:
        case ("change", add, remove):
            change_draft(family=home.family, add=codes(add), remove=codes(remove), by=home.parent, at=at)
        case ("remove_line", cell):
            remove_line(family=home.family, code=codes([cell])[0], by=home.parent, at=at)
        case ("confirm",):
            key = Basket.objects.filter(family=home.family).values_list("key", flat=True).first()
            before = load_draft(family=home.family, user=home.parent, at=at)
            try:
                receipt = confirm_basket(family=home.family, key=str(key), by=home.parent, at=at)
            except NothingToConfirm:
                assert before.is_empty or before.count == 0
            else:
                # The recap did not lie: what it announced is what was written. Others' lapsed drafts give way first.
                assert receipt.lines.count() >= before.count
                assert receipt.lines.count() + len(receipt.left_out) == len(before.lines)
        case ("discard",):
            discard_draft(family=home.family, by=home.parent, at=at)
        case ("resume",):
            resume_draft(family=home.family, by=home.parent, at=at)
        case ("lapse",):
            release_lapsed_drafts(at=at)


@pytest.mark.exigence("B1", "P40", "P57", "P33", "P34", "I45")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
@example(  # A lapsed draft takes its places again while the day just asked for is full.
    steps=[
        (0, ("change", [(MONDAY, 0, 0), (MONDAY, 0, 1), (MONDAY, 1, 0)], []), 0),
        (0, ("lapse",), 25),
        (0, ("change", [(MONDAY, 1, 1)], []), 0),
    ]
)
@example(steps=both((MONDAY, 0, SHORT), (MONDAY, 1, LONG)))  # Each household of a child chose another formula.
@example(steps=both((MONDAY, 0, CLUB), (MONDAY, 1, WORKSHOP)))  # Each sends the child elsewhere at the same hour.
@example(  # The day that the other household gives back is not yet free: who validates first has the week.
    steps=[
        *both((MONDAY, 0, CLUB)),
        (0, ("change", [(TUESDAY, 0, CLUB)], [(MONDAY, 0, CLUB)]), 0),
        (1, change((TUESDAY, 1, CLUB)), 0),
        (0, ("remove_line", (MONDAY, 0, CLUB)), 0),
        (1, ("confirm",), 0),
        (0, ("confirm",), 0),
    ]
)
@example(  # The meal still has a place at the validation, its lunch break has none any more.
    steps=[
        (0, change((MONDAY, 0, MEAL)), 0),
        (0, ("lapse",), 25),
        (2, change((MONDAY, 0, SHORT), (MONDAY, 1, SHORT)), 0),
        (0, ("confirm",), 0),
    ]
)
@example(  # The bus is wished for on an evening that the other household gives back first.
    steps=[
        *both((MONDAY, 0, SHORT)),
        (1, change((MONDAY, 1, BUS)), 0),
        (0, ("change", [], [(MONDAY, 0, SHORT)]), 0),
        (0, ("confirm",), 0),
        (1, ("confirm",), 0),
    ]
)
@example(  # The evening is given back by one household while the other books the bus that needs it.
    steps=[
        *both((MONDAY, 0, SHORT)),
        (0, ("change", [], [(MONDAY, 0, SHORT)]), 0),
        (1, change((MONDAY, 1, BUS)), 0),
        (1, ("confirm",), 0),
        (0, ("confirm",), 0),
    ]
)
@example(  # A formula that was to be replaced stays when the other one has no place left.
    steps=[
        *both((MONDAY, 0, SHORT)),
        (0, change((MONDAY, 0, LONG)), 0),
        (0, ("lapse",), 25),
        (2, change((MONDAY, 0, CLUB), (MONDAY, 1, CLUB)), 0),
        (1, change((MONDAY, 0, CLUB)), 0),
        (0, ("confirm",), 0),
    ]
)
def test_the_counts_are_always_right(homes, steps):
    with transaction.atomic():
        at = AT
        for who, action, minutes in steps:
            at += timedelta(minutes=minutes)
            act(homes[who], action, at)
            check_places()
            check_relations()
            check_limits()
        check_drafts()
        check_numbers("2026-09")
        # Each example starts from the same town.
        transaction.set_rollback(True)


def test_the_days_of_the_property_are_open():
    assert all(day > date(2026, 9, 10) for day in DAYS)

"""Whatever families do, in whatever order: the counts are those of the lines, and never above the capacity."""

from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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
from tests.domain.activities.factories import PlacePoolFactory
from tests.domain.bookings.conftest import AT, MONDAY, TUESDAY
from tests.domain.bookings.factories import household, priced_unit
from tests.domain.bookings.invariants import check_drafts, check_numbers, check_places

DAYS = (MONDAY, TUESDAY)


@pytest.fixture
def homes(db):
    """Three families of two children, a meal and a club that share the pool of the school, with few places."""
    school, kitchen = PlacePoolFactory(capacity=3), PlacePoolFactory(capacity=2)
    meal = priced_unit(pools=[school, kitchen], activity__short_name="Cantine")
    club = priced_unit(pools=[school], activity__short_name="Accueil du soir")
    return [household(meal, club, children=2) for _ in range(3)]


cells = st.tuples(st.sampled_from(DAYS), st.integers(0, 1), st.integers(0, 1))
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


@pytest.mark.exigence("B1", "P40", "P57")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
def test_the_counts_are_always_right(homes, steps):
    with transaction.atomic():
        at = AT
        for who, action, minutes in steps:
            at += timedelta(minutes=minutes)
            act(homes[who], action, at)
            check_places()
        check_drafts()
        check_numbers("2026-09")
        # Each example starts from the same town.
        transaction.set_rollback(True)


def test_the_days_of_the_property_are_open():
    assert all(day > date(2026, 9, 10) for day in DAYS)

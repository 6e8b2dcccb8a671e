"""Which household a child is in: every day, exactly one, and the same each time."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.custody.rules import Arrangement, Exception_, Side, Span, Why

FRIDAY = date(2026, 9, 4)
TOUSSAINT = Span(date(2026, 10, 17), date(2026, 11, 1))
DAYS = st.dates(date(2020, 1, 1), date(2040, 1, 1))

pytestmark = pytest.mark.exigence("C7")


@st.composite
def spans(draw: st.DrawFn) -> Span:
    first = draw(DAYS)
    return Span(first, first + timedelta(days=draw(st.integers(0, 60))))


ARRANGEMENTS = st.builds(
    Arrangement,
    pattern=st.sampled_from(["none", "weeks", "fortnight"]),
    reference=DAYS,
    fortnight=st.lists(st.sampled_from(list(Side)), min_size=14, max_size=14).map(tuple),
    first_half_even=st.sampled_from([None, Side.A, Side.B]),
    holidays=st.lists(spans(), max_size=3).map(tuple),
    exceptions=st.lists(st.builds(Exception_, spans(), st.sampled_from(list(Side))), max_size=3).map(tuple),
)


@given(arrangement=ARRANGEMENTS, day=DAYS)
def test_every_day_has_exactly_one_household(arrangement: Arrangement, day: date) -> None:
    assert arrangement.household_on(day) in (Side.A, Side.B)
    assert arrangement.household_on(day) is arrangement.household_on(day)
    for exception in arrangement.exceptions[-1:]:
        assert arrangement.household_on(exception.span.first) is exception.side


@given(reference=DAYS, day=DAYS)
def test_alternate_weeks_change_on_the_changeover_day_only(reference: date, day: date) -> None:
    arrangement = Arrangement(pattern="weeks", reference=reference)
    changes = arrangement.household_on(day) is not arrangement.household_on(day - timedelta(days=1))
    assert changes == (day.weekday() == reference.weekday())
    assert arrangement.household_on(day) is not arrangement.household_on(day + timedelta(days=7))
    assert arrangement.household_on(reference) is Side.A


@given(arrangement=ARRANGEMENTS, day=DAYS)
def test_the_house_changes_only_where_something_begins_or_ends(arrangement: Arrangement, day: date) -> None:
    """Inside one decision (an exception, a half, a week) the child does not move, fortnights by weekday apart."""
    if arrangement.pattern == "fortnight":
        return
    before = day - timedelta(days=1)
    if arrangement.household_on(day) is arrangement.household_on(before):
        return
    edges = {day.weekday() == arrangement.reference.weekday()}
    spans_ = [*arrangement.holidays, *(exception.span for exception in arrangement.exceptions)]
    edges |= {day in (span.first, span.last + timedelta(days=1)) for span in spans_}
    edges |= {day == span.first_half_ends + timedelta(days=1) for span in arrangement.holidays}
    assert True in edges


@pytest.mark.parametrize(
    ("day", "side", "why"),
    [
        (date(2026, 10, 16), Side.A, Why.RHYTHM),
        (date(2026, 10, 17), Side.A, Why.HOLIDAY),
        (date(2026, 10, 24), Side.A, Why.HOLIDAY),
        (date(2026, 10, 25), Side.B, Why.HOLIDAY),
        (date(2026, 11, 1), Side.B, Why.HOLIDAY),
        (date(2026, 11, 2), Side.A, Why.RHYTHM),
    ],
)
def test_holidays_are_halved(day: date, side: Side, why: Why) -> None:
    arrangement = Arrangement(pattern="weeks", reference=FRIDAY, first_half_even=Side.A, holidays=(TOUSSAINT,))
    assert arrangement.decision(day) == (side, why)


def test_the_halves_turn_each_year() -> None:
    odd = Span(date(2027, 10, 23), date(2027, 11, 7))
    arrangement = Arrangement(reference=FRIDAY, first_half_even=Side.A, holidays=(odd,))
    assert arrangement.household_on(odd.first) is Side.B
    assert arrangement.household_on(odd.last) is Side.A


def test_the_last_exception_prevails() -> None:
    day = Span(FRIDAY, FRIDAY)
    arrangement = Arrangement(
        pattern="weeks", reference=FRIDAY, exceptions=(Exception_(day, Side.B), Exception_(day, Side.A))
    )
    assert arrangement.decision(FRIDAY) == (Side.A, Why.EXCEPTION)

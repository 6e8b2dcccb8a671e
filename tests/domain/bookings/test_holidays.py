"""The calendar of the holidays on the planning, and the windows that it announces."""

from datetime import date, datetime, timedelta

import pytest

from portal.domain.activities.deadlines import State, deadline_from_data, period_windows
from portal.domain.bookings.queries import load_planning
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.clock import PARIS
from portal.domain.kernel.refusals import Rule
from tests.domain.bookings.factories import household, priced_unit

AUTUMN = {"label": "Automne 2026", "first": "2026-10-17", "last": "2026-11-01", "closes": "2026-10-01"}
CHRISTMAS = {
    "label": "Noël 2026",
    "first": "2026-12-19",
    "last": "2027-01-03",
    "opens": "2026-11-03",
    "closes": "2026-12-03",
}
DEADLINE = {"kind": "periods", "periods": [CHRISTMAS, AUTUMN]}
SEPTEMBER = DateRange(date(2026, 9, 7), date(2026, 9, 13))
MONDAY_OF_CHRISTMAS = date(2026, 12, 21)


def noon(*day: int) -> datetime:
    return datetime(*day, 12, tzinfo=PARIS)


@pytest.fixture
def home(db):
    unit = priced_unit(
        activity__booking_deadline=DEADLINE,
        activity__cancellation_deadline=DEADLINE,
        activity__short_name="Vacances",
    )
    return household(unit)


def planning(home, at, days=SEPTEMBER):
    return load_planning(family=home.family, user=home.parent, days=days, at=at)


@pytest.mark.exigence("P18")
def test_the_planning_announces_each_holiday_whatever_the_week_shown(home):
    shown = [(p.label, p.state, p.activities) for p in planning(home, noon(2026, 10, 5)).periods]
    assert shown == [("Automne 2026", State.CLOSED, ("Vacances",)), ("Noël 2026", State.NOT_YET, ("Vacances",))]
    assert [p.label for p in planning(home, noon(2026, 11, 2)).periods] == ["Noël 2026"]  # the other is over


@pytest.mark.exigence("P18")
def test_a_family_without_enrolment_is_told_nothing(home):
    stranger = household(priced_unit())
    assert planning(stranger, noon(2026, 10, 5)).periods == ()


@pytest.mark.exigence("P18", "P19")
@pytest.mark.parametrize("minutes", [-1, 0, 1])
def test_the_window_announced_is_the_window_enforced(home, minutes):
    """To the minute, at both ends."""
    (christmas,) = [p for p in planning(home, noon(2026, 11, 2)).periods if p.label == "Noël 2026"]
    day = DateRange(MONDAY_OF_CHRISTMAS, MONDAY_OF_CHRISTMAS)

    def cell(at):
        (row,) = planning(home, at, day).rows
        return row.cells[MONDAY_OF_CHRISTMAS]

    around_opening = cell(christmas.opens_at + timedelta(minutes=minutes))
    assert around_opening.editable is (minutes >= 0)
    assert (around_opening.refusal and around_opening.refusal.rule) == (None if minutes >= 0 else Rule.NOT_YET_OPEN)
    around_closing = cell(christmas.closes_at + timedelta(minutes=minutes))
    assert around_closing.editable is (minutes <= 0)
    assert (around_closing.refusal and around_closing.refusal.rule) == (None if minutes <= 0 else Rule.DEADLINE_PASSED)


def test_periods_are_found_however_deep():
    deep = {"kind": "most_restrictive", "rules": [{"kind": "always"}, DEADLINE]}
    table = {"kind": "per_weekday", "table": {"1": deep}, "otherwise": {"kind": "periods", "periods": [AUTUMN]}}
    assert [p.label for p in period_windows(deadline_from_data(table))] == ["Automne 2026", "Noël 2026"]
    assert period_windows(deadline_from_data({"kind": "always"})) == ()

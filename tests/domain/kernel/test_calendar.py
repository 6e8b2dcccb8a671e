from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.kernel.calendar import (
    DateRange,
    Week,
    day_of_month,
    fortnight_of,
    monday_of,
    month_range,
    shift_month,
    weeks_of,
)
from portal.domain.kernel.school_year import SchoolYear, age_on, running

DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))


def test_a_range_holds_both_its_ends() -> None:
    days = DateRange(date(2026, 9, 14), date(2026, 9, 18))
    assert len(days) == 5
    assert list(days) == [date(2026, 9, 14) + timedelta(days=offset) for offset in range(5)]
    assert date(2026, 9, 18) in days
    assert date(2026, 9, 19) not in days
    assert "2026-09-18" not in days


def test_a_range_is_never_reversed_nor_made_of_instants() -> None:
    with pytest.raises(ValueError, match="comes before"):
        DateRange(date(2026, 9, 2), date(2026, 9, 1))
    with pytest.raises(TypeError):
        DateRange(datetime(2026, 9, 1), date(2026, 9, 2))  # noqa: DTZ001  # refused


def test_ranges_meet_on_a_shared_day() -> None:
    first = DateRange(date(2026, 9, 1), date(2026, 9, 10))
    second = DateRange(date(2026, 9, 10), date(2026, 9, 20))
    third = DateRange(date(2026, 9, 11), date(2026, 9, 20))
    assert first.overlaps(second)
    assert first.intersection(second) == DateRange(date(2026, 9, 10), date(2026, 9, 10))
    assert not first.overlaps(third)
    assert first.intersection(third) is None


@pytest.mark.parametrize(
    ("day", "week"),
    [
        (date(2026, 9, 14), Week(2026, 38)),
        (date(2027, 1, 1), Week(2026, 53)),
        (date(2027, 1, 3), Week(2026, 53)),
        (date(2027, 1, 4), Week(2027, 1)),
        (date(2025, 12, 29), Week(2026, 1)),
    ],
)
def test_weeks_are_iso_weeks(day: date, week: Week) -> None:
    assert Week.of(day) == week
    assert day in week.range


def test_a_year_has_not_always_53_weeks() -> None:
    assert Week(2026, 53).sunday == date(2027, 1, 3)
    with pytest.raises(ValueError, match="Invalid week"):
        Week(2027, 53)


def test_weeks_move_across_years() -> None:
    assert Week(2026, 53).shift(1) == Week(2027, 1)
    assert Week(2026, 1).shift(-1) == Week(2025, 52)
    assert Week(2026, 38).day(4) == date(2026, 9, 17)


@given(DAYS, DAYS)
def test_weeks_of_a_range_cover_it_exactly(one: date, other: date) -> None:
    days = DateRange(min(one, other), max(one, other))
    weeks = weeks_of(days)
    assert weeks[0].monday == monday_of(days.first)
    assert days.last in weeks[-1].range
    assert len(weeks) == (weeks[-1].monday - weeks[0].monday).days // 7 + 1


def test_a_fortnight_begins_on_its_monday() -> None:
    assert fortnight_of(date(2026, 9, 17)) == DateRange(date(2026, 9, 14), date(2026, 9, 27))


@pytest.mark.parametrize(
    ("year", "month", "length"), [(2026, 2, 28), (2028, 2, 29), (2026, 4, 30), (2026, 12, 31), (2100, 2, 28)]
)
def test_months_last_28_to_31_days(year: int, month: int, length: int) -> None:
    assert len(month_range(year, month)) == length
    assert day_of_month(year, month, 31).day == length


def test_months_shift_across_years() -> None:
    assert shift_month(date(2027, 1, 31), -1) == date(2026, 12, 1)
    assert shift_month(date(2026, 12, 31), 1) == date(2027, 1, 1)
    assert shift_month(date(2026, 3, 31), -13) == date(2025, 2, 1)


@pytest.mark.parametrize(
    ("day", "label"),
    [
        (date(2026, 7, 31), "2025/2026"),
        (date(2026, 8, 1), "2026/2027"),
        (date(2026, 12, 31), "2026/2027"),
        (date(2027, 7, 31), "2026/2027"),
    ],
)
def test_the_school_year_turns_on_the_first_of_august(day: date, label: str) -> None:
    year = SchoolYear.of(day)
    assert year.label == str(year) == label
    assert running(day) == year
    assert day in year
    assert SchoolYear.from_label(label) == year


def test_school_years_follow_one_another() -> None:
    year = SchoolYear(2026)
    assert year.next.first_day - year.last_day == timedelta(days=1)
    assert year.previous < year < year.next
    assert date(2027, 8, 1) not in year


@pytest.mark.parametrize("label", ["2026", "2026/2028", "x/y", "", "2026/2027/2028", "²/3"])
def test_refuses_a_label_that_is_not_a_school_year(label: str) -> None:
    with pytest.raises(ValueError, match="school year"):
        SchoolYear.from_label(label)


@pytest.mark.parametrize(
    ("birth", "day", "age"),
    [
        (date(2019, 9, 7), date(2026, 9, 6), 6),
        (date(2019, 9, 7), date(2026, 9, 7), 7),
        (date(2020, 2, 29), date(2026, 2, 28), 5),
        (date(2020, 2, 29), date(2026, 3, 1), 6),
        (date(2020, 2, 29), date(2028, 2, 29), 8),
        (date(2026, 9, 7), date(2026, 9, 7), 0),
    ],
)
def test_age_is_completed_years(birth: date, day: date, age: int) -> None:
    assert age_on(birth, day) == age


def test_nobody_has_an_age_before_birth() -> None:
    with pytest.raises(ValueError, match="born"):
        age_on(date(2026, 9, 7), date(2026, 9, 6))

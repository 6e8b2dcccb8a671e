from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.kernel.clock import (
    PARIS,
    at_paris,
    end_of_day,
    paris_date,
    shift,
    start_of_day,
    to_paris,
    to_utc,
)

SPRING = date(2026, 3, 29)
AUTUMN = date(2026, 10, 25)


@pytest.mark.parametrize(
    ("day", "at", "utc"),
    [
        (date(2026, 1, 15), time(23, 59), datetime(2026, 1, 15, 22, 59, tzinfo=UTC)),
        (date(2026, 9, 3), time(23, 59), datetime(2026, 9, 3, 21, 59, tzinfo=UTC)),
        (SPRING, time(1, 59), datetime(2026, 3, 29, 0, 59, tzinfo=UTC)),
        (SPRING, time(3), datetime(2026, 3, 29, 1, tzinfo=UTC)),
        (AUTUMN, time(1, 59), datetime(2026, 10, 24, 23, 59, tzinfo=UTC)),
        (AUTUMN, time(3), datetime(2026, 10, 25, 2, tzinfo=UTC)),
    ],
)
def test_turns_a_wall_time_into_an_instant(day: date, at: time, utc: datetime) -> None:
    assert to_utc(at_paris(day, at)) == utc


@pytest.mark.parametrize("at", [time(2), time(2, 30), time(2, 59, 59)])
def test_a_time_that_does_not_exist_is_the_instant_of_the_jump(at: time) -> None:
    assert to_utc(at_paris(SPRING, at)) == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert at_paris(SPRING, at).time() == time(3)


def test_a_time_lived_twice_is_its_second_pass() -> None:
    assert to_utc(at_paris(AUTUMN, time(2, 30))) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_a_fold_given_by_mistake_changes_nothing() -> None:
    assert at_paris(AUTUMN, time(2, 30, fold=1)) == at_paris(AUTUMN, time(2, 30))
    assert to_utc(at_paris(SPRING, time(2, 30, fold=1))) == to_utc(at_paris(SPRING, time(2, 30)))


@given(day=st.dates(date(2000, 1, 1), date(2099, 12, 31)), at=st.times())
def test_shows_the_wall_time_asked_except_in_the_lost_hour(day: date, at: time) -> None:
    instant = at_paris(day, at)
    assert instant.tzinfo is PARIS
    if instant.time() != at:
        assert at.hour == 2
        assert instant.time() == time(3)
        assert day.month == 3
        assert day.isoweekday() == 7


def test_shifts_by_elapsed_time_across_both_changes() -> None:
    assert shift(at_paris(SPRING, time(1, 59)), timedelta(minutes=1)).time() == time(3)
    assert shift(at_paris(AUTUMN, time(3)), timedelta(minutes=-1)).time() == time(2, 59)
    assert shift(at_paris(AUTUMN, time(1, 30)), timedelta(hours=2)).time() == time(2, 30)


def test_days_of_the_clock_changes_last_23_and_25_hours() -> None:
    assert to_utc(end_of_day(SPRING)) - to_utc(start_of_day(SPRING)) == timedelta(hours=23)
    assert to_utc(end_of_day(AUTUMN)) - to_utc(start_of_day(AUTUMN)) == timedelta(hours=25)


def test_gives_the_day_it_is_in_paris() -> None:
    assert paris_date(datetime(2026, 9, 3, 22, 30, tzinfo=UTC)) == date(2026, 9, 4)
    assert paris_date(datetime(2026, 12, 31, 22, 59, tzinfo=UTC)) == date(2026, 12, 31)


def test_refuses_what_is_not_an_instant() -> None:
    naive = datetime(2026, 9, 3, 22, 30)  # noqa: DTZ001  # the naive instant is the point
    for function in (paris_date, to_paris, to_utc, lambda moment: shift(moment, timedelta())):
        with pytest.raises(ValueError, match="aware"):
            function(naive)
    with pytest.raises(ValueError, match="naive"):
        at_paris(SPRING, time(2, tzinfo=UTC))
    with pytest.raises(TypeError):
        at_paris(naive, time(2))

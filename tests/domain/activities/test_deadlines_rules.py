"""Each kind of deadline against the rules of the guides, day by day. ~ and ^ are the non-breaking spaces."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from portal.domain.activities.deadlines import (
    Always,
    DayKind,
    DayOfMonth,
    DaysBefore,
    Deadline,
    FixedInstant,
    MostRestrictive,
    Never,
    PeriodWindows,
    PerWeekday,
    RollingOpening,
    Span,
    State,
    WeekdayBefore,
    Window,
)
from portal.domain.kernel.clock import PARIS, shift, to_utc
from tests.domain.activities.guide_rules import (
    BEFORE_THE_20TH,
    HOLIDAYS,
    LES_ROUSSES,
    SCHOOL,
    TOWN,
    UNTIL_THE_20TH,
    WORKING,
    Town,
    last_shown,
    paris,
)

# Guide 003


@pytest.mark.exigence("P16", "P20")
@pytest.mark.parametrize("day", [date(2026, 9, 7) + timedelta(days=offset) for offset in range(7)])
def test_thursday_of_the_week_before_governs_all_seven_days(day: date) -> None:
    assert last_shown(LES_ROUSSES, day) == "2026-09-03 23:59"


@pytest.mark.exigence("P20")
def test_thursday_23_59_lasts_until_23_59_59() -> None:
    friday = date(2026, 9, 11)
    assert LES_ROUSSES.allows(friday, paris(2026, 9, 3, 23, 59, 59), TOWN)
    assert not LES_ROUSSES.allows(friday, paris(2026, 9, 4), TOWN)


@pytest.mark.parametrize(
    ("day", "shown"),
    [
        (date(2027, 1, 1), "2026-12-24 23:59"),  # Friday of week 53 of 2026
        (date(2027, 1, 3), "2026-12-24 23:59"),
        (date(2027, 1, 4), "2026-12-31 23:59"),
        (date(2026, 1, 1), "2025-12-25 23:59"),  # Thursday of week 1 of 2026
        (date(2028, 2, 29), "2028-02-24 23:59"),
    ],
)
def test_weeks_cross_the_end_of_the_year(day: date, shown: str) -> None:
    assert last_shown(LES_ROUSSES, day) == shown


@pytest.mark.parametrize("weekday", range(1, 8))
@pytest.mark.parametrize("served", range(1, 8))
def test_any_weekday_may_close_any_weekday(weekday: int, served: int) -> None:
    day = date.fromisocalendar(2026, 38, served)
    expected = date.fromisocalendar(2026, 37, weekday)
    assert last_shown(WeekdayBefore(weekday, time(12)), day) == f"{expected} 12:00"


def test_two_weeks_before() -> None:
    assert last_shown(WeekdayBefore(1, time(9), weeks=2), date(2026, 9, 27)) == "2026-09-07 09:00"


def test_a_limit_in_the_same_week_never_outlives_the_service_day() -> None:
    rule = WeekdayBefore(3, time(12), weeks=0)
    assert last_shown(rule, date(2026, 9, 17)) == "2026-09-16 12:00"
    assert last_shown(rule, date(2026, 9, 16)) == "2026-09-16 12:00"
    assert last_shown(rule, date(2026, 9, 15)) == "2026-09-15 23:59"


def test_a_limit_on_a_public_holiday_stays_or_steps_back_as_declared() -> None:
    after_ascension = date(2026, 5, 18)
    assert last_shown(LES_ROUSSES, after_ascension) == "2026-05-14 23:59"
    moved = WeekdayBefore(4, step_back=WORKING)
    assert last_shown(moved, after_ascension) == "2026-05-13 23:59"
    assert last_shown(WeekdayBefore(7, step_back=WORKING), date(2026, 5, 4)) == "2026-04-30 23:59"


# Guide 002


@pytest.mark.exigence("P17")
@pytest.mark.parametrize(
    ("day", "before", "until"),
    [
        (date(2026, 10, 1), "2026-09-19 23:59", "2026-09-20 23:59"),
        (date(2026, 10, 31), "2026-09-19 23:59", "2026-09-20 23:59"),
        (date(2027, 1, 4), "2026-12-19 23:59", "2026-12-20 23:59"),
        (date(2026, 3, 31), "2026-02-19 23:59", "2026-02-20 23:59"),
    ],
)
def test_before_the_20th_and_until_the_20th_differ_by_a_day(day: date, before: str, until: str) -> None:
    assert last_shown(BEFORE_THE_20TH, day) == before
    assert last_shown(UNTIL_THE_20TH, day) == until


@pytest.mark.parametrize(
    ("day_of_month", "service_day", "shown"),
    [
        (31, date(2026, 3, 10), "2026-02-28 23:59"),
        (30, date(2026, 3, 10), "2026-02-28 23:59"),
        (29, date(2026, 3, 10), "2026-02-28 23:59"),
        (28, date(2026, 3, 10), "2026-02-28 23:59"),
        (31, date(2028, 3, 10), "2028-02-29 23:59"),
        (30, date(2028, 3, 10), "2028-02-29 23:59"),
        (31, date(2026, 5, 10), "2026-04-30 23:59"),
        (31, date(2026, 2, 10), "2026-01-31 23:59"),
    ],
)
def test_a_day_that_the_month_lacks_is_its_last_day(day_of_month: int, service_day: date, shown: str) -> None:
    assert last_shown(DayOfMonth(day_of_month), service_day) == shown


def test_a_day_several_months_before_at_an_hour() -> None:
    assert last_shown(DayOfMonth(15, months=2, hour=time(17, 30)), date(2027, 1, 31)) == "2026-11-15 17:30"


def test_the_20th_steps_back_from_a_weekend() -> None:
    assert last_shown(DayOfMonth(20, step_back=WORKING), date(2026, 10, 6)) == "2026-09-18 23:59"


@pytest.mark.exigence("P18")
@pytest.mark.parametrize(
    ("day", "at", "state"),
    [
        (date(2025, 10, 20), paris(2025, 3, 1), State.OPEN),
        (date(2025, 10, 20), paris(2025, 10, 1, 23, 59, 59), State.OPEN),
        (date(2025, 10, 20), paris(2025, 10, 2), State.CLOSED),
        (date(2025, 12, 22), paris(2025, 11, 2, 23, 59, 59), State.NOT_YET),
        (date(2025, 12, 22), paris(2025, 11, 3), State.OPEN),
        (date(2026, 1, 4), paris(2025, 12, 3, 23, 59), State.OPEN),
        (date(2026, 1, 4), paris(2025, 12, 4), State.CLOSED),
        (date(2026, 1, 5), paris(2025, 12, 1), State.NEVER),
    ],
)
def test_each_holiday_has_its_window(day: date, at: datetime, state: State) -> None:
    assert HOLIDAYS.window(day, TOWN).state(at) is state


def test_days_of_no_period_follow_the_other_rule() -> None:
    rule = PeriodWindows(HOLIDAYS.periods, otherwise=LES_ROUSSES)
    assert last_shown(rule, date(2026, 9, 11)) == "2026-09-03 23:59"
    assert last_shown(rule, date(2026, 2, 10)) == "2026-02-04 23:59"


# Days before


@pytest.mark.parametrize(
    ("rule", "day", "shown"),
    [
        (DaysBefore(0, time(9)), date(2026, 9, 14), "2026-09-14 09:00"),
        (DaysBefore(1, time(10)), date(2026, 9, 14), "2026-09-13 10:00"),
        (DaysBefore(2, time(10)), date(2026, 9, 14), "2026-09-12 10:00"),
        (DaysBefore(2, time(10), not_counted=WORKING), date(2026, 9, 14), "2026-09-10 10:00"),
        (DaysBefore(1, time(10), not_counted=WORKING), date(2026, 5, 15), "2026-05-13 10:00"),
        (DaysBefore(2, time(10), not_counted=WORKING), date(2026, 5, 18), "2026-05-13 10:00"),
        (DaysBefore(1, time(10), not_counted=SCHOOL), date(2026, 11, 2), "2026-10-16 10:00"),
        (DaysBefore(3, time(10), not_counted=SCHOOL), date(2027, 1, 4), "2026-12-16 10:00"),
        (DaysBefore(1, time(10), not_counted=frozenset({DayKind.SUNDAY})), date(2026, 9, 14), "2026-09-12 10:00"),
        (DaysBefore(1, time(10), not_counted=frozenset({DayKind.CLOSED})), date(2026, 9, 26), "2026-09-24 10:00"),
        (DaysBefore(1, time(10), not_counted=frozenset({DayKind.WEDNESDAY})), date(2026, 9, 17), "2026-09-15 10:00"),
        (DaysBefore(2, step_back=WORKING), date(2026, 9, 15), "2026-09-11 23:59"),
        (DaysBefore(2, time(0), inclusive=False), date(2026, 9, 15), "2026-09-12 23:59"),
        (DaysBefore(1, time(12), inclusive=False), date(2026, 9, 15), "2026-09-14 11:59"),
        (DaysBefore(0, time(0), inclusive=False), date(2026, 9, 15), "2026-09-14 23:59"),
        (DaysBefore(366), date(2026, 9, 15), "2025-09-14 23:59"),
    ],
)
def test_counts_days_before_over_the_days_that_count(rule: DaysBefore, day: date, shown: str) -> None:
    assert last_shown(rule, day) == shown


def test_a_calendar_where_no_day_counts_ends_the_walk() -> None:
    class Shut(Town):
        def is_closed(self, day: date) -> bool:
            return True

    window = DaysBefore(1, not_counted=frozenset({DayKind.CLOSED})).window(date(2026, 9, 15), Shut())
    assert window.closes is not None
    assert window.closes.date() < date(2025, 9, 16)


# Clock changes


@pytest.mark.parametrize(
    ("rule", "day", "closes"),
    [
        # Saturday 28 to Sunday 29 March 2026: 2 h becomes 3 h.
        (DaysBefore(1, time(23, 59)), date(2026, 3, 29), datetime(2026, 3, 28, 23, tzinfo=UTC)),
        (DaysBefore(1, time(1, 59)), date(2026, 3, 30), datetime(2026, 3, 29, 1, tzinfo=UTC)),
        (DaysBefore(1, time(2, 30), inclusive=False), date(2026, 3, 30), datetime(2026, 3, 29, 1, tzinfo=UTC)),
        (DaysBefore(1, time(23, 59)), date(2026, 3, 30), datetime(2026, 3, 29, 22, tzinfo=UTC)),
        # Saturday 24 to Sunday 25 October 2026: 3 h becomes 2 h.
        (DaysBefore(1, time(23, 59)), date(2026, 10, 25), datetime(2026, 10, 24, 22, tzinfo=UTC)),
        (DaysBefore(1, time(2, 30), inclusive=False), date(2026, 10, 26), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
        (DaysBefore(1, time(2, 59)), date(2026, 10, 26), datetime(2026, 10, 25, 2, tzinfo=UTC)),
        (DaysBefore(1, time(23, 59)), date(2026, 10, 26), datetime(2026, 10, 25, 23, tzinfo=UTC)),
    ],
)
def test_closes_at_the_real_instant_on_both_nights_of_the_clock_change(
    rule: Deadline, day: date, closes: datetime
) -> None:
    found = rule.window(day, TOWN).closes
    assert found is not None
    assert to_utc(found) == closes
    last_shown(rule, day)


def test_the_repeated_hour_is_allowed_until_its_second_pass() -> None:
    rule = DaysBefore(1, time(2, 30), inclusive=False)
    first_pass = datetime(2026, 10, 25, 2, 45, tzinfo=PARIS, fold=0)
    second_pass = datetime(2026, 10, 25, 2, 15, tzinfo=PARIS, fold=1)
    assert rule.allows(date(2026, 10, 26), first_pass, TOWN)
    assert rule.allows(date(2026, 10, 26), second_pass, TOWN)
    assert not rule.allows(date(2026, 10, 26), second_pass.replace(minute=30), TOWN)


# The other kinds


def test_a_table_gives_each_weekday_its_rule() -> None:
    eve = DaysBefore(1, time(10))
    rule = PerWeekday(((2, eve), (4, eve), (1, WeekdayBefore(5, time(10)))))
    assert last_shown(rule, date(2026, 9, 14)) == "2026-09-11 10:00"
    assert last_shown(rule, date(2026, 9, 15)) == "2026-09-14 10:00"
    assert last_shown(rule, date(2026, 9, 17)) == "2026-09-16 10:00"
    assert rule.window(date(2026, 9, 16), TOWN).never
    assert PerWeekday(rule.table, otherwise=Always()).window(date(2026, 9, 16), TOWN) == Window()


def test_a_fixed_instant_is_the_same_for_every_day() -> None:
    rule = FixedInstant(date(2025, 8, 20), time(17))
    for day in (date(2025, 7, 1), date(2025, 9, 1), date(2026, 7, 1)):
        assert last_shown(rule, day) == "2025-08-20 17:00"


@pytest.mark.parametrize(
    ("rule", "day", "opens"),
    [
        (RollingOpening(30), date(2026, 9, 30), paris(2026, 8, 31)),
        (RollingOpening(8, Span.WEEKS), date(2026, 9, 30), paris(2026, 8, 5)),
        (RollingOpening(8, Span.WEEKS, aligned=True), date(2026, 9, 30), paris(2026, 8, 3)),
        (RollingOpening(3, Span.MONTHS), date(2026, 5, 31), paris(2026, 2, 28)),
        (RollingOpening(2, Span.MONTHS, time(8), aligned=True), date(2026, 9, 30), paris(2026, 7, 1, 8)),
    ],
)
def test_a_rolling_horizon_opens_and_never_closes(rule: RollingOpening, day: date, opens: datetime) -> None:
    assert rule.window(day, TOWN) == Window(opens=opens)
    assert not rule.allows(day, shift(opens, timedelta(seconds=-1)), TOWN)
    assert rule.allows(day, opens, TOWN)
    assert rule.allows(day, paris(2030, 1, 1), TOWN)


def test_never_and_always() -> None:
    for at in (paris(2000, 1, 1), paris(2090, 1, 1)):
        assert not Never().allows(date(2026, 9, 11), at, TOWN)
        assert Always().allows(date(2026, 9, 11), at, TOWN)


def test_the_more_restrictive_of_two_rules_wins() -> None:
    rule = MostRestrictive((HOLIDAYS, LES_ROUSSES))
    # Noël closes on 3 December, Thursday of the week before is later: the window wins.
    assert last_shown(rule, date(2025, 12, 22)) == "2025-12-03 23:59"
    # Hiver closes on 4 February, Thursday 5 February is later for 9 February, earlier for 7 February.
    assert last_shown(rule, date(2026, 2, 9)) == "2026-02-04 23:59"
    assert last_shown(rule, date(2026, 2, 7)) == "2026-01-29 23:59"
    assert rule.window(date(2026, 2, 7), TOWN).opens == paris(2026, 1, 5)
    assert rule.window(date(2026, 3, 9), TOWN).never


def test_rules_that_never_meet_allow_nothing_and_say_so() -> None:
    rule = MostRestrictive((RollingOpening(3), LES_ROUSSES))
    friday = date(2026, 9, 11)
    assert rule.window(friday, TOWN).never
    assert rule.explain(friday, TOWN, paris(2026, 9, 1)) == "la limite est passée avant l’ouverture des réservations"


def test_windows_refuse_naive_instants() -> None:
    naive = datetime(2026, 9, 3)  # noqa: DTZ001  # refused
    with pytest.raises(ValueError, match="aware"):
        LES_ROUSSES.allows(date(2026, 9, 11), naive, TOWN)
    with pytest.raises(ValueError, match="aware"):
        Window(closes=naive)

"""What holds for every rule and every day, on two years of calendar with both clock changes twice."""

import itertools
from datetime import date, datetime, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from portal.domain.activities.deadlines import (
    Always,
    DayKind,
    DayOfMonth,
    DaysBefore,
    Deadline,
    FixedInstant,
    MostRestrictive,
    Never,
    PeriodWindow,
    PeriodWindows,
    PerWeekday,
    RollingOpening,
    Span,
    State,
    WeekdayBefore,
    closings,
    deadline_from_data,
)
from portal.domain.activities.school_calendar import public_holidays, school_holidays
from portal.domain.kernel import french
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.clock import end_of_day, shift, to_utc

TWO_YEARS = DateRange(date(2026, 8, 1), date(2028, 7, 31))
DAYS = list(TWO_YEARS)
LOOK_BACK = DateRange(date(2025, 1, 1), TWO_YEARS.last)


class ZoneA:
    """The published calendar, and a closed week."""

    public = frozenset(named.day for named in public_holidays("", LOOK_BACK))
    holidays = frozenset(day for period in school_holidays("A", LOOK_BACK).periods for day in period.days.days())
    closed = frozenset(DateRange(date(2027, 2, 1), date(2027, 2, 7)))

    def is_public_holiday(self, day: date) -> bool:
        return day in self.public

    def is_school_holiday(self, day: date) -> bool:
        return day in self.holidays

    def is_closed(self, day: date) -> bool:
        return day in self.closed


TOWN = ZoneA()

hours = st.builds(time, st.integers(0, 23), st.integers(0, 59))
kinds = st.frozensets(st.sampled_from(DayKind), max_size=3)
ends = {"hour": hours, "inclusive": st.booleans()}
days_before = st.builds(DaysBefore, st.integers(0, 15), **ends, not_counted=kinds, step_back=kinds)
weekday_before = st.builds(WeekdayBefore, st.integers(1, 7), weeks=st.integers(0, 4), **ends, step_back=kinds)
day_of_month = st.builds(DayOfMonth, st.integers(1, 31), months=st.integers(1, 3), **ends, step_back=kinds)
before = st.one_of(days_before, weekday_before, day_of_month)
some_day = st.dates(TWO_YEARS.first, TWO_YEARS.last)
fixed = st.builds(FixedInstant, some_day, **ends)
rolling = st.builds(RollingOpening, st.integers(1, 20), st.sampled_from(Span), hours)
simple = st.one_of(before, fixed, rolling, st.just(Always()), st.just(Never()))


@st.composite
def period_windows(draw: st.DrawFn) -> PeriodWindows:
    bounds = sorted(draw(st.lists(some_day, min_size=2, max_size=6, unique=True)))
    periods = [
        PeriodWindow(
            f"Période {number}",
            first,
            last,
            closes=first - timedelta(days=draw(st.integers(1, 60))),
            opens=draw(st.sampled_from([None, first - timedelta(days=90)])),
            hour=draw(hours),
            inclusive=draw(st.booleans()),
        )
        for number, (first, last) in enumerate(zip(bounds[::2], bounds[1::2], strict=False))
    ]
    return PeriodWindows(tuple(periods), otherwise=draw(simple))


def composite(inner: st.SearchStrategy[Deadline]) -> st.SearchStrategy[Deadline]:
    tables = st.dictionaries(st.integers(1, 7), inner, min_size=1).map(lambda table: tuple(table.items()))
    return st.one_of(
        st.builds(PerWeekday, tables, otherwise=inner),
        st.builds(MostRestrictive, st.lists(inner, min_size=2, max_size=3).map(tuple)),
    )


any_rule = st.recursive(st.one_of(simple, period_windows()), composite, max_leaves=5)
instants = st.builds(
    lambda day, minutes, seconds: shift(end_of_day(day), timedelta(minutes=minutes, seconds=seconds)),
    st.dates(date(2026, 1, 1), date(2028, 12, 31)),
    st.integers(-1440, 0),
    st.integers(0, 59),
)


def closes(rule: Deadline, day: date) -> datetime:
    window = rule.window(day, TOWN)
    assert window.closes is not None
    return to_utc(window.closes)


@settings(max_examples=60)
@given(before)
def test_a_later_day_never_closes_earlier(rule: Deadline) -> None:
    for earlier, later in itertools.pairwise(closes(rule, day) for day in DAYS):
        assert earlier <= later


@settings(max_examples=60)
@given(before)
def test_closes_before_the_end_of_the_service_day(rule: Deadline) -> None:
    assert all(closes(rule, day) <= to_utc(end_of_day(day)) for day in DAYS)


@settings(max_examples=60)
@given(any_rule)
def test_the_instant_shown_is_the_instant_enforced(rule: Deadline) -> None:
    for day in DAYS[::3]:
        window = rule.window(day, TOWN)
        if window.never or window.closes is None or window.last_shown is None:
            continue
        assert rule.allows(day, window.last_shown, TOWN)
        assert rule.allows(day, shift(window.last_shown, timedelta(seconds=59, microseconds=999_999)), TOWN)
        assert not rule.allows(day, shift(window.last_shown, timedelta(seconds=60)), TOWN)
        at = shift(window.closes, timedelta(days=1))
        assert rule.explain(day, TOWN, at) == f"fermé depuis le {french.instant(window.last_shown)}"
        if window.opens is not None:
            assert rule.allows(day, window.opens, TOWN)
            assert not rule.allows(day, shift(window.opens, timedelta(microseconds=-1)), TOWN)


@given(any_rule, some_day, instants)
def test_allows_is_exactly_being_inside_the_window(rule: Deadline, day: date, at: datetime) -> None:
    window = rule.window(day, TOWN)
    inside = (
        not window.never
        and (window.opens is None or to_utc(window.opens) <= to_utc(at))
        and (window.closes is None or to_utc(at) < to_utc(window.closes))
    )
    assert rule.allows(day, at, TOWN) is inside
    assert (rule.refusal(day, at, TOWN) is None) is inside
    assert (window.state(at) is State.OPEN) is inside


@given(any_rule)
def test_is_read_back_as_it_was_written(rule: Deadline) -> None:
    assert deadline_from_data(rule.to_data()) == rule


@given(any_rule, some_day, instants)
def test_every_sentence_is_well_set_french(rule: Deadline, day: date, at: datetime) -> None:
    refusal = rule.refusal(day, at, TOWN)
    for text in (rule.sentence(), *([refusal.sentence] if refusal else [])):
        assert text[0].isupper()
        assert text.endswith(".")
        assert ".." not in text
        assert "  " not in text
        assert french.typography(text) == text


@given(st.lists(simple, min_size=2, max_size=3), some_day, instants)
def test_the_most_restrictive_allows_what_all_allow(rules: list[Deadline], day: date, at: datetime) -> None:
    together = MostRestrictive(tuple(rules))
    assert together.allows(day, at, TOWN) == all(rule.allows(day, at, TOWN) for rule in rules)


@settings(max_examples=40)
@given(any_rule)
def test_groups_hold_each_day_once_with_its_window(rule: Deadline) -> None:
    month = DAYS[200:231]
    groups = closings(rule, month, TOWN)
    assert sorted(day for group in groups for day in group.days) == month
    assert all(rule.window(day, TOWN) == group.window for group in groups for day in group.days)
    instants = [to_utc(group.closes) for group in groups if group.closes is not None]
    assert instants == sorted(instants)
    assert all(group.closes is None for group in groups[len(instants) :])

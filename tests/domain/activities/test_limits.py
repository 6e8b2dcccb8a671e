"""A limit as a value: the days that it counts, the period of each, its sentence."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.activities.enums import LimitDays, LimitSense, LimitSpan
from portal.domain.activities.limits import Limit, limit_of
from portal.domain.activities.opening import Holiday, ServiceCalendar
from portal.domain.kernel.calendar import DateRange, Week

SEASON = DateRange(date(2026, 9, 1), date(2027, 8, 31))
CALENDAR = ServiceCalendar(
    holidays=(
        Holiday("Toussaint", DateRange(date(2026, 10, 17), date(2026, 11, 1))),
        Holiday("Noël", DateRange(date(2026, 12, 19), date(2027, 1, 3))),
        Holiday("Vacances d’été", DateRange(date(2027, 7, 3), date(2027, 8, 31))),
    )
)
IN_HOLIDAYS = " pendant les vacances scolaires"
DAYS = st.dates(SEASON.first, SEASON.last)


def limit(
    span: LimitSpan = LimitSpan.WEEK, among: LimitDays = LimitDays.ALL, sense: str = "at_most", count: int = 2
) -> Limit:
    return limit_of(1, sense, count, span, among, {1: "Journée"}, SEASON, "Centre", chosen=False)


@pytest.mark.parametrize(
    ("span", "among", "day", "period"),
    [
        (LimitSpan.DAY, LimitDays.ALL, date(2026, 9, 30), (date(2026, 9, 30), date(2026, 9, 30))),
        (LimitSpan.WEEK, LimitDays.ALL, date(2026, 10, 1), (date(2026, 9, 28), date(2026, 10, 4))),
        (LimitSpan.WEEK, LimitDays.ALL, date(2027, 1, 1), (date(2026, 12, 28), date(2027, 1, 3))),
        (LimitSpan.WEEK, LimitDays.ALL, date(2027, 1, 4), (date(2027, 1, 4), date(2027, 1, 10))),
        (LimitSpan.MONTH, LimitDays.ALL, date(2027, 2, 14), (date(2027, 2, 1), date(2027, 2, 28))),
        (LimitSpan.HOLIDAY, LimitDays.HOLIDAYS, date(2027, 1, 2), (date(2026, 12, 19), date(2027, 1, 3))),
        (LimitSpan.SEASON, LimitDays.ALL, date(2027, 1, 2), (SEASON.first, SEASON.last)),
        # Days that do not count have no period.
        (LimitSpan.WEEK, LimitDays.SCHOOL, date(2026, 10, 20), None),
        (LimitSpan.WEEK, LimitDays.HOLIDAYS, date(2026, 10, 16), None),
        (LimitSpan.WEEK, LimitDays.SHORT, date(2027, 7, 14), None),
        (LimitSpan.WEEK, LimitDays.SUMMER, date(2026, 12, 22), None),
        (LimitSpan.SEASON, LimitDays.ALL, date(2027, 9, 1), None),
    ],
)
def test_the_period_of_a_day(span, among, day, period) -> None:
    found = limit(span, among).period(day, CALENDAR)
    assert (found and (found.first, found.last)) == period


@given(day=DAYS, span=st.sampled_from([LimitSpan.DAY, LimitSpan.WEEK, LimitSpan.MONTH, LimitSpan.SEASON]))
def test_the_days_of_one_period_share_it_and_are_all_read(day, span) -> None:
    counted = limit(span)
    period = counted.period(day, CALENDAR)
    assert period is not None
    assert day in period
    shared = period.intersection(SEASON)
    assert shared is not None
    for other in shared:
        assert counted.period(other, CALENDAR) == period
    reach = counted.reach(DateRange(day, day))
    assert reach.first <= period.first
    assert period.last <= reach.last


@given(day=DAYS)
def test_a_week_is_the_iso_week(day) -> None:
    assert limit().period(day, CALENDAR) == Week.of(day).range


@pytest.mark.parametrize(
    ("span", "among", "sense", "count", "said"),
    [
        (LimitSpan.DAY, LimitDays.ALL, "at_most", 1, "1 réservation par jour au plus"),
        (LimitSpan.WEEK, LimitDays.SHORT, "at_most", 2, "2 jours par semaine au plus pendant les petites vacances"),
        (
            LimitSpan.WEEK,
            LimitDays.HOLIDAYS,
            "at_least",
            3,
            "au moins 3 jours par semaine pendant les vacances scolaires",
        ),
        (LimitSpan.HOLIDAY, LimitDays.HOLIDAYS, "at_most", 5, "5 jours par période de vacances au plus"),
        (LimitSpan.MONTH, LimitDays.SCHOOL, "at_least", 1, "au moins 1 jour par mois les jours d’école"),
        (LimitSpan.SEASON, LimitDays.SUMMER, "at_most", 10, "10 jours au plus en tout pendant les vacances d’été"),
    ],
)
def test_the_sentence_is_made_from_the_rule(span, among, sense, count, said) -> None:
    assert limit(span, among, sense, count).rule.replace("\u00a0", " ") == said


def test_every_rule_that_the_database_accepts_has_a_sentence() -> None:
    for span in LimitSpan:
        for sense in LimitSense:
            for among in LimitDays:
                if (span, sense) != (LimitSpan.DAY, LimitSense.AT_LEAST):
                    assert limit(span, among, sense.value).rule

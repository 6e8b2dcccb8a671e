"""Which days are served, and the words for the others. ~ stands for the non-breaking space."""

from dataclasses import replace
from datetime import date

import pytest

from portal.domain.activities.deadlines import Always, WeekdayBefore
from portal.domain.activities.enums import ServiceDays
from portal.domain.activities.opening import ClosedPeriod, Holiday, Offer, ServiceCalendar
from portal.domain.kernel import french
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.refusals import Rule

CANTEEN = Offer(
    unit_id=1,
    activity_id=10,
    structure_id=100,
    starts_on=date(2026, 9, 2),
    ends_on=date(2027, 7, 2),
    service_days=ServiceDays.SCHOOL,
    weekdays=frozenset({1, 2, 4, 5}),
    booking=WeekdayBefore(4),
    cancellation=WeekdayBefore(4),
    article="règlement intérieur, article 5",
)
CENTRE = replace(
    CANTEEN, activity_id=20, service_days=ServiceDays.HOLIDAYS, weekdays=frozenset(range(1, 6)), booking=Always()
)
ALL_YEAR = replace(CENTRE, activity_id=30, service_days=ServiceDays.ALL)

TOUSSAINT = DateRange(date(2026, 10, 17), date(2026, 11, 1))
CALENDAR = ServiceCalendar(
    public_holidays={date(2026, 11, 11): "Armistice", date(2027, 5, 17): "Lundi de Pentecôte"},
    holidays=(Holiday("Vacances de la Toussaint", TOUSSAINT),),
    closures=(
        ClosedPeriod("réunion d'équipe.", DateRange(date(2026, 9, 25), date(2026, 9, 25)), structure_id=100),
        ClosedPeriod("travaux", DateRange(date(2026, 9, 14), date(2026, 9, 18)), structure_id=999),
        ClosedPeriod("sortie", DateRange(date(2026, 9, 21), date(2026, 9, 22)), activity_id=10),
        ClosedPeriod("neige", DateRange(date(2026, 12, 10), date(2026, 12, 11))),
    ),
)


def seen(text: str) -> str:
    return text.replace("\u00a0", "~").replace("\u202f", "^")


@pytest.mark.exigence("P67", "P68")
@pytest.mark.parametrize(
    ("offer", "day", "rule", "sentence", "mark"),
    [
        (
            CANTEEN,
            date(2026, 9, 1),
            Rule.BEFORE_OPENING,
            "Cette activité est ouverte à partir du 2~septembre 2026.",
            "",
        ),
        (CANTEEN, date(2027, 7, 5), Rule.AFTER_END, "Cette activité se termine le 2~juillet 2027.", ""),
        (CANTEEN, date(2026, 9, 9), Rule.NOT_OFFERED, "Cette activité n’a pas lieu le mercredi.", ""),
        (CANTEEN, date(2026, 9, 12), Rule.NOT_OFFERED, "Cette activité n’a pas lieu le samedi.", ""),
        (
            CENTRE,
            date(2026, 11, 11),
            Rule.PUBLIC_HOLIDAY,
            "Le mercredi 11~novembre 2026 est férié~: Armistice.",
            "férié",
        ),
        (
            CANTEEN,
            date(2026, 9, 25),
            Rule.CLOSED_DAY,
            "Fermé le 25~septembre 2026~: réunion d’équipe.",
            "réunion d’équipe",
        ),
        (CANTEEN, date(2026, 9, 21), Rule.CLOSED_DAY, "Fermé du 21 au 22~septembre 2026~: sortie.", "sortie"),
        (CANTEEN, date(2026, 12, 10), Rule.CLOSED_DAY, "Fermé du 10 au 11~décembre 2026~: neige.", "neige"),
        (
            CANTEEN,
            date(2026, 10, 20),
            Rule.SCHOOL_HOLIDAY,
            "Vacances de la Toussaint, du 17~octobre au 1er~novembre 2026~: cette activité a lieu les jours d’école.",
            "vacances",
        ),
        (
            CENTRE,
            date(2026, 10, 16),
            Rule.TERM_TIME,
            "Cette activité a lieu pendant les vacances scolaires, pas les jours d’école.",
            "école",
        ),
    ],
)
def test_says_why_a_day_is_not_served(offer: Offer, day: date, rule: Rule, sentence: str, mark: str) -> None:
    refusal = CALENDAR.refusal(offer, day)
    assert refusal is not None
    assert refusal.rule is rule
    assert refusal.since is None
    assert seen(refusal.sentence) == sentence
    assert french.typography(refusal.sentence) == refusal.sentence
    assert not CALENDAR.serves(offer, day)
    assert CALENDAR.mark(offer, day) == mark


@pytest.mark.parametrize(
    ("offer", "day"),
    [
        (CANTEEN, date(2026, 9, 3)),
        (CANTEEN, date(2027, 7, 2)),
        (CANTEEN, date(2026, 9, 14)),  # another structure is closed
        (ALL_YEAR, date(2026, 9, 21)),  # another activity is closed
        (CENTRE, date(2026, 10, 19)),
        (ALL_YEAR, date(2026, 10, 16)),
        (ALL_YEAR, date(2026, 10, 19)),
    ],
)
def test_serves_the_other_days(offer: Offer, day: date) -> None:
    assert CALENDAR.serves(offer, day)
    assert CALENDAR.refusal(offer, day) is None
    assert CALENDAR.mark(offer, day) == ""


def test_quotes_the_article_only_where_the_reglement_is_the_reason() -> None:
    holiday = CALENDAR.refusal(CANTEEN, date(2026, 10, 20))
    closed = CALENDAR.refusal(CANTEEN, date(2026, 9, 25))
    assert holiday is not None
    assert closed is not None
    assert holiday.article == "règlement intérieur, article 5"
    assert closed.article == ""


def test_lists_the_served_days_of_a_range() -> None:
    september = DateRange(date(2026, 8, 25), date(2026, 9, 11))
    assert [day.day for day in CALENDAR.served_days(CANTEEN, september)] == [3, 4, 7, 8, 10, 11]
    assert list(CALENDAR.served_days(CANTEEN, DateRange(date(2026, 7, 1), date(2026, 8, 31)))) == []


def test_only_the_closures_of_the_whole_town_stop_the_deadlines() -> None:
    assert CALENDAR.is_closed(date(2026, 12, 10))
    assert not CALENDAR.is_closed(date(2026, 9, 25))
    assert not CALENDAR.is_closed(date(2026, 9, 21))
    assert CALENDAR.is_public_holiday(date(2026, 11, 11))
    assert CALENDAR.is_school_holiday(date(2026, 11, 1))
    assert not CALENDAR.is_school_holiday(date(2026, 11, 2))
    holiday = CALENDAR.holiday_on(date(2026, 10, 20))
    assert holiday is not None
    assert holiday.days == TOUSSAINT


def test_an_empty_calendar_knows_ordinary_days_only() -> None:
    assert ServiceCalendar().serves(CANTEEN, date(2026, 10, 20))

"""The published calendar, corrected, against the official dates of 2025 to 2027."""

from datetime import date, timedelta

import pytest

from portal.domain.activities.school_calendar import (
    REGIONS,
    ZONES,
    UnknownCalendar,
    public_holidays,
    school_holidays,
    unknown_notice,
)
from portal.domain.kernel.calendar import DateRange

YEARS = DateRange(date(2025, 10, 1), date(2027, 8, 31))


OFFICIAL = {
    "A": [
        ("Vacances de la Toussaint", "2025-10-18", "2025-11-02"),
        ("Vacances de Noël", "2025-12-20", "2026-01-04"),
        ("Vacances d’hiver", "2026-02-07", "2026-02-22"),
        ("Vacances de printemps", "2026-04-04", "2026-04-19"),
        ("Pont de l’Ascension", "2026-05-15", "2026-05-16"),
        ("Vacances d’été", "2026-07-04", "2026-08-31"),
        ("Vacances de la Toussaint", "2026-10-17", "2026-11-01"),
        ("Vacances de Noël", "2026-12-19", "2027-01-03"),
        ("Vacances d’hiver", "2027-02-13", "2027-02-28"),
        ("Vacances de printemps", "2027-04-10", "2027-04-25"),
        ("Pont de l’Ascension", "2027-05-06", "2027-05-08"),
        ("Vacances d’été", "2027-07-03", "2027-08-31"),
    ],
    "B": [("Vacances d’hiver", "2026-02-14", "2026-03-01"), ("Vacances de printemps", "2027-04-17", "2027-05-02")],
    "C": [("Vacances d’hiver", "2027-02-06", "2027-02-21"), ("Vacances de printemps", "2026-04-18", "2026-05-03")],
}


def test_zone_a_is_the_official_calendar() -> None:
    found = [
        (period.name, period.days.first.isoformat(), period.days.last.isoformat())
        for period in school_holidays("A", YEARS).periods
    ]
    assert found == OFFICIAL["A"]


@pytest.mark.parametrize("zone", ["B", "C"])
def test_the_other_zones_have_their_own_weeks(zone: str) -> None:
    found = [
        (period.name, period.days.first.isoformat(), period.days.last.isoformat())
        for period in school_holidays(zone, YEARS).periods
    ]
    assert set(OFFICIAL[zone]) <= set(found)
    assert len(found) == len(OFFICIAL["A"])


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("friday", [date(2025, 5, 30), date(2026, 5, 15), date(2027, 5, 7), date(2028, 5, 26)])
def test_no_zone_has_class_on_the_bridge_of_ascension(zone: str, friday: date) -> None:
    (period,) = school_holidays(zone, DateRange(friday, friday + timedelta(days=1))).periods
    assert period.name == "Pont de l’Ascension"


@pytest.mark.parametrize("zone", ZONES)
def test_periods_follow_one_another_without_overlap(zone: str) -> None:
    periods = school_holidays(zone, DateRange(date(2024, 1, 1), date(2028, 12, 31))).periods
    for before, after in zip(periods, periods[1:], strict=False):
        assert before.days.last < after.days.first
        assert before.zone == after.zone == zone


def test_gives_whole_periods_even_when_one_day_is_asked() -> None:
    (period,) = school_holidays("A", DateRange(date(2027, 1, 1), date(2027, 1, 1))).periods
    assert period.days == DateRange(date(2026, 12, 19), date(2027, 1, 3))
    assert school_holidays("A", DateRange(date(2026, 9, 7), date(2026, 9, 11))).periods == ()


def test_says_that_later_years_are_not_published() -> None:
    known = DateRange(date(2026, 9, 1), date(2028, 8, 31))
    assert unknown_notice(known) == ""
    beyond = school_holidays("A", DateRange(date(2028, 9, 1), date(2031, 8, 31)))
    assert beyond.periods == ()
    assert beyond.notice == (
        "Les vacances scolaires ne sont connues que jusqu’au 31\u00a0août 2028\u00a0: "
        "saisissez les suivantes dès leur parution officielle."
    )


def test_names_the_zones_when_one_does_not_exist() -> None:
    with pytest.raises(UnknownCalendar, match="La zone «\u00a0D\u00a0» n’existe pas\u00a0: choisissez A, B ou C"):
        school_holidays("D", YEARS)


def test_gives_the_eleven_national_days() -> None:
    found = [
        (named.day.isoformat(), named.name)
        for named in public_holidays("", DateRange(date(2026, 1, 1), date(2026, 12, 31)))
    ]
    assert found == [
        ("2026-01-01", "Jour de l’an"),
        ("2026-04-06", "Lundi de Pâques"),
        ("2026-05-01", "Fête du Travail"),
        ("2026-05-08", "Fête de la Victoire"),
        ("2026-05-14", "Ascension"),
        ("2026-05-25", "Lundi de Pentecôte"),
        ("2026-07-14", "Fête nationale"),
        ("2026-08-15", "Assomption"),
        ("2026-11-01", "Toussaint"),
        ("2026-11-11", "Armistice"),
        ("2026-12-25", "Noël"),
    ]


@pytest.mark.parametrize(
    ("region", "local"),
    [
        ("57", {date(2026, 4, 3), date(2026, 12, 26)}),
        ("6AE", {date(2026, 4, 3), date(2026, 12, 26)}),
        ("974", {date(2026, 12, 20)}),
        ("976", {date(2026, 4, 27)}),
    ],
)
def test_adds_the_days_of_a_region(region: str, local: set[date]) -> None:
    year = DateRange(date(2026, 1, 1), date(2026, 12, 31))
    national = {named.day for named in public_holidays("", year)}
    assert {named.day for named in public_holidays(region, year)} - national == local


@pytest.mark.parametrize("region", sorted(REGIONS))
def test_every_region_of_the_list_is_known(region: str) -> None:
    assert len(public_holidays(region, DateRange(date(2027, 1, 1), date(2027, 12, 31)))) >= 11


def test_two_holidays_on_one_day_are_one_day() -> None:
    first_of_may = DateRange(date(2008, 5, 1), date(2008, 5, 1))
    assert [named.name for named in public_holidays("", first_of_may)] == ["Ascension et Fête du Travail"]


def test_crosses_the_end_of_the_year() -> None:
    winter = public_holidays("", DateRange(date(2026, 12, 20), date(2027, 1, 10)))
    assert [named.day for named in winter] == [date(2026, 12, 25), date(2027, 1, 1)]


def test_names_the_regions_when_one_does_not_exist() -> None:
    with pytest.raises(UnknownCalendar, match="est inconnue"):
        public_holidays("39", YEARS)

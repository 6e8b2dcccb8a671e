"""School holidays by zone and public holidays, as published, with the known gaps of the sources corrected.

Sources: the packages `vacances-scolaires-france` (official calendar of the ministry, zones A, B and C) and
`holidays` (Code du travail, article L3133-1, and the local days of Alsace-Moselle and overseas). Nothing here
touches the database: `services.seed_calendar` stores these values, which agents may then correct.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache

from holidays import country_holidays
from vacances_scolaires_france import SchoolHolidayDates

from portal.domain.kernel.calendar import ONE_DAY, DateRange
from portal.domain.kernel.french import full_date, join_words, typography

ZONES = ("A", "B", "C")

# The package ends with the summer of 2028; before 2000 its rows are of no use to a portal.
KNOWN = DateRange(date(2000, 1, 1), date(2028, 8, 31))

# Missing in the package: Friday and Saturday after Ascension, “vaqués” in every zone by the official calendar.
MISSING_BRIDGES = (
    DateRange(date(2025, 5, 30), date(2025, 5, 31)),
    DateRange(date(2026, 5, 15), date(2026, 5, 16)),
)
BRIDGE_NAME = "Pont de l’Ascension"

REGIONS = {
    "": "France métropolitaine",
    "57": "Moselle",
    "6AE": "Alsace",
    "971": "Guadeloupe",
    "972": "Martinique",
    "973": "Guyane",
    "974": "La Réunion",
    "976": "Mayotte",
    "BL": "Saint-Barthélemy",
    "MF": "Saint-Martin",
    "NC": "Nouvelle-Calédonie",
    "PF": "Polynésie française",
    "PM": "Saint-Pierre-et-Miquelon",
    "WF": "Wallis-et-Futuna",
}


class UnknownCalendar(ValueError):
    """A zone or a region that does not exist; the message is French and lists the choices."""


@dataclass(frozen=True, slots=True)
class HolidayPeriod:
    """A period without school, both days included: from the morning after the last class to the eve of return."""

    zone: str
    name: str
    days: DateRange


@dataclass(frozen=True, slots=True)
class NamedDay:
    """A public holiday."""

    day: date
    name: str


@dataclass(frozen=True, slots=True)
class SchoolHolidays:
    """The periods found, and a French sentence about the days for which nothing is published, or nothing."""

    periods: tuple[HolidayPeriod, ...]
    notice: str


def school_holidays(zone: str, wanted: DateRange) -> SchoolHolidays:
    """The whole periods of `zone` that share a day with `wanted`, in order.

    Days beyond what is published are not an error: they have no period, and `notice` says so.
    Raises UnknownCalendar on another zone than A, B or C.
    """
    if zone not in ZONES:
        choices = join_words(ZONES, last="ou")
        raise UnknownCalendar(typography(f"La zone « {zone} » n’existe pas : choisissez {choices}."))
    periods = tuple(period for period in _periods(zone) if period.days.overlaps(wanted))
    return SchoolHolidays(periods, unknown_notice(wanted))


def unknown_notice(wanted: DateRange) -> str:
    """A sentence when the calendar of some wanted days is not published yet, else nothing."""
    if wanted.last <= KNOWN.last:
        return ""
    return typography(
        f"Les vacances scolaires ne sont connues que jusqu’au {full_date(KNOWN.last)} : "
        "saisissez les suivantes dès leur parution officielle."
    )


def public_holidays(region: str, wanted: DateRange) -> tuple[NamedDay, ...]:
    """The public holidays of `wanted`, in order; `region` is empty for the eleven national days.

    Two holidays on one day (1 May 2008: Ascension and Labour Day) are one day with both names.
    Raises UnknownCalendar on a region that is not in `REGIONS`.
    """
    if region not in REGIONS:
        codes = join_words((code for code in REGIONS if code), last="ou")
        raise UnknownCalendar(typography(f"La région « {region} » est inconnue : choisissez {codes}, ou rien."))
    found = (
        named for year in range(wanted.first.year, wanted.last.year + 1) for named in _public_holidays(region, year)
    )
    return tuple(named for named in found if named.day in wanted)


@cache
def _periods(zone: str) -> tuple[HolidayPeriod, ...]:
    source = SchoolHolidayDates()
    published = {
        day: typography(row["nom_vacances"])
        for year in range(KNOWN.first.year, KNOWN.last.year + 1)
        for day, row in source.holidays_for_year_and_zone(year, zone).items()
        if day in KNOWN
    }
    for bridge in MISSING_BRIDGES:
        for day in bridge.days():
            published.setdefault(day, BRIDGE_NAME)
    return tuple(HolidayPeriod(zone, name, days) for name, days in _runs(published))


def _runs(named: dict[date, str]) -> Iterator[tuple[str, DateRange]]:
    """Consecutive days of the same name, as ranges."""
    first = last = None
    for day in sorted(named):
        if first is not None and last is not None:
            if day - last == ONE_DAY and named[day] == named[first]:
                last = day
                continue
            yield named[first], DateRange(first, last)
        first = last = day
    if first is not None and last is not None:
        yield named[first], DateRange(first, last)


@lru_cache(maxsize=64)
def _public_holidays(region: str, year: int) -> tuple[NamedDay, ...]:
    found = country_holidays("FR", subdiv=region or None, years=year, language="fr")
    return tuple(NamedDay(day, typography(name.replace("; ", " et "))) for day, name in sorted(found.items()))

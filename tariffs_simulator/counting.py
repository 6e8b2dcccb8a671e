"""The days of a school year that a week of habits comes to, one by one on the calendar: never 4,33 × a week."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from portal.domain.activities.opening import Holiday, Offer, ServiceCalendar
from portal.domain.kernel.calendar import DateRange, Week
from portal.domain.kernel.school_year import SchoolYear


@dataclass(frozen=True, slots=True)
class HolidayWeeks:
    """A school holiday in which something opens: the weeks that do, in order.

    `key` names it in addresses, by its first day (1017 for 17 October); `days` are those of the school year.
    """

    key: int
    holiday: Holiday
    days: DateRange
    weeks: tuple[Week, ...]

    @property
    def name(self) -> str:
        return self.holiday.name


def holidays_of(calendar: ServiceCalendar, offers: Iterable[Offer], year: SchoolYear) -> tuple[HolidayWeeks, ...]:
    """The school holidays of the year in which at least one of these units opens, with the weeks that do."""
    offers = list(offers)
    found = []
    for holiday in sorted(calendar.holidays, key=lambda each: each.days.first):
        days = holiday.days.intersection(year.range)
        if days is None:
            continue
        weeks = {Week.of(day) for offer in offers for day in calendar.served_days(offer, days)}
        if weeks:
            key = holiday.days.first.month * 100 + holiday.days.first.day
            found.append(HolidayWeeks(key, holiday, days, tuple(sorted(weeks))))
    return tuple(found)


def chosen_weeks(holidays: Iterable[HolidayWeeks], numbers: Mapping[int, int]) -> frozenset[Week]:
    """The weeks of holidays that count: the first ones of each, as many as were asked for."""
    return frozenset(week for holiday in holidays for week in holiday.weeks[: numbers.get(holiday.key, 0)])


def used_days(
    calendar: ServiceCalendar,
    offer: Offer,
    year: SchoolYear,
    weekdays: Iterable[int],
    holiday_weeks: frozenset[Week],
) -> list[date]:
    """The days of the year on which the unit opens and the child comes, in order.

    A day of school counts on its weekday; a day of holidays when its week is one of `holiday_weeks` too.
    """
    wanted = frozenset(weekdays)
    return [
        day
        for day in calendar.served_days(offer, year.range)
        if day.isoweekday() in wanted and (calendar.holiday_on(day) is None or Week.of(day) in holiday_weeks)
    ]

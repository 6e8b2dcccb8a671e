"""Days, weeks, fortnights and months. Weeks are ISO weeks: Monday is the first day, weekdays are 1 to 7."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(1, 8)
WEEKEND = frozenset({SATURDAY, SUNDAY})
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class DateRange:
    """Days from `first` to `last`, both included; never empty.

    Raises ValueError when `last` comes before `first`, TypeError on datetimes (a day has no hour).
    """

    first: date
    last: date

    def __post_init__(self) -> None:
        # datetime is a date: it would compare, then break far from here.
        if type(self.first) is not date or type(self.last) is not date:
            raise TypeError("a DateRange is made of dates")
        if self.last < self.first:
            raise ValueError(f"{self.last} comes before {self.first}")

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.first <= day <= self.last

    def __len__(self) -> int:
        return (self.last - self.first).days + 1

    def __iter__(self) -> Iterator[date]:
        return self.days()

    def days(self) -> Iterator[date]:
        """Each day, in order."""
        return (self.first + timedelta(days=offset) for offset in range(len(self)))

    def overlaps(self, other: Self) -> bool:
        """Whether the two ranges share a day."""
        return self.first <= other.last and other.first <= self.last

    def intersection(self, other: Self) -> "DateRange | None":
        """The shared days, or None."""
        if not self.overlaps(other):
            return None
        return DateRange(max(self.first, other.first), min(self.last, other.last))


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """An ISO week. `year` is the ISO year: 1 January 2027 belongs to week 53 of 2026.

    Raises ValueError when the year has no such week.
    """

    year: int
    number: int

    def __post_init__(self) -> None:
        date.fromisocalendar(self.year, self.number, MONDAY)

    @classmethod
    def of(cls, day: date) -> Self:
        """The week that holds `day`."""
        iso = day.isocalendar()
        return cls(iso.year, iso.week)

    @property
    def monday(self) -> date:
        return date.fromisocalendar(self.year, self.number, MONDAY)

    @property
    def sunday(self) -> date:
        return date.fromisocalendar(self.year, self.number, SUNDAY)

    @property
    def range(self) -> DateRange:
        return DateRange(self.monday, self.sunday)

    def day(self, iso_weekday: int) -> date:
        """Its Monday (1) … Sunday (7)."""
        return date.fromisocalendar(self.year, self.number, iso_weekday)

    def shift(self, weeks: int) -> "Week":
        """The week that many weeks later (earlier if negative)."""
        return Week.of(self.monday + timedelta(weeks=weeks))


def monday_of(day: date) -> date:
    """The Monday of the ISO week that holds `day`."""
    return day - timedelta(days=day.isoweekday() - 1)


def weeks_of(period: DateRange) -> list[Week]:
    """The ISO weeks that hold at least one day of `period`, in order."""
    weeks = []
    monday = monday_of(period.first)
    while monday <= period.last:
        weeks.append(Week.of(monday))
        monday += timedelta(weeks=1)
    return weeks


def fortnight_of(day: date) -> DateRange:
    """Two weeks, Monday to Sunday: the one that holds `day` and the next."""
    monday = monday_of(day)
    return DateRange(monday, monday + timedelta(days=13))


def month_range(year: int, month: int) -> DateRange:
    """From the first to the last day of a month. Raises ValueError outside 1 to 12."""
    first = date(year, month, 1)
    return DateRange(first, first.replace(day=monthrange(year, month)[1]))


def shift_month(day: date, months: int) -> date:
    """The first day of the month that many months after the month of `day` (before if negative)."""
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def day_of_month(year: int, month: int, day: int) -> date:
    """That day of the month, or its last day when the month is shorter (31 → 28 February)."""
    return date(year, month, min(day, monthrange(year, month)[1]))

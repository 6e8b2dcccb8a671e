"""Days that do not count, and how to count over them."""

from collections.abc import Set
from datetime import date
from enum import StrEnum
from typing import Protocol

from portal.domain.kernel.calendar import ONE_DAY, SUNDAY, WEDNESDAY, WEEKEND
from portal.domain.kernel.french import join_words

# No closure lasts a year: beyond that, the walk back stops instead of looking for ever.
LONGEST_WALK = 366


class Calendar(Protocol):
    """What a deadline needs to know about days. `is_closed` is about the town, not about one activity."""

    def is_public_holiday(self, day: date) -> bool: ...

    def is_school_holiday(self, day: date) -> bool: ...

    def is_closed(self, day: date) -> bool: ...


class DayKind(StrEnum):
    """A kind of day that a règlement leaves out of its counts. The value is the code used in data."""

    WEEKEND = "weekend"
    SUNDAY = "sunday"
    WEDNESDAY = "wednesday"
    PUBLIC_HOLIDAY = "public_holiday"
    SCHOOL_HOLIDAY = "school_holiday"
    CLOSED = "closed"

    @property
    def label(self) -> str:
        """In the plural, as in “sans compter les …”."""
        return _LABELS[self]

    def holds(self, day: date, calendar: Calendar) -> bool:
        """Whether `day` is of this kind."""
        match self:
            case DayKind.WEEKEND:
                return day.isoweekday() in WEEKEND
            case DayKind.SUNDAY:
                return day.isoweekday() == SUNDAY
            case DayKind.WEDNESDAY:
                return day.isoweekday() == WEDNESDAY
            case DayKind.PUBLIC_HOLIDAY:
                return calendar.is_public_holiday(day)
            case DayKind.SCHOOL_HOLIDAY:
                return calendar.is_school_holiday(day)
            case DayKind.CLOSED:
                return calendar.is_closed(day)


_LABELS = {
    DayKind.WEEKEND: "week-ends",
    DayKind.SUNDAY: "dimanches",
    DayKind.WEDNESDAY: "mercredis",
    DayKind.PUBLIC_HOLIDAY: "jours fériés",
    DayKind.SCHOOL_HOLIDAY: "vacances scolaires",
    DayKind.CLOSED: "jours de fermeture",
}

# What administrations call these sets. “Jours d’école” leaves out what has no class, Wednesday or not.
_NAMED: dict[frozenset[DayKind], str] = {
    frozenset({DayKind.WEEKEND, DayKind.PUBLIC_HOLIDAY}): "ouvré",
    frozenset({DayKind.SUNDAY, DayKind.PUBLIC_HOLIDAY}): "ouvrable",
    frozenset({DayKind.WEEKEND, DayKind.PUBLIC_HOLIDAY, DayKind.SCHOOL_HOLIDAY}): "d’école",
    frozenset({DayKind.WEEKEND, DayKind.WEDNESDAY, DayKind.PUBLIC_HOLIDAY, DayKind.SCHOOL_HOLIDAY}): "d’école",
}


def counts(day: date, not_counted: Set[DayKind], calendar: Calendar) -> bool:
    """Whether `day` is of none of the kinds left out."""
    return not any(kind.holds(day, calendar) for kind in not_counted)


def last_counting(day: date, not_counted: Set[DayKind], calendar: Calendar) -> date:
    """`day` if it counts, else the nearest day before it that does.

    When no day counts within a year, the answer is the day a year before: too early rather than too late.
    """
    for _ in range(LONGEST_WALK):
        if counts(day, not_counted, calendar):
            return day
        day -= ONE_DAY
    return day


def counting_back(day: date, number: int, not_counted: Set[DayKind], calendar: Calendar) -> date:
    """The `number`-th day before `day`, counting only days that count; `day` itself for zero."""
    for _ in range(number):
        day = last_counting(day - ONE_DAY, not_counted, calendar)
    return day


def adjective(not_counted: Set[DayKind]) -> tuple[str, str]:
    """How counted days are named: (“ouvré”, “”), or, without a name, (“”, “sans compter les …”)."""
    if not not_counted:
        return "", ""
    name = _NAMED.get(frozenset(not_counted))
    return (name, "") if name else ("", f"sans compter les {labels(not_counted)}")


def labels(kinds: Set[DayKind], *, last: str = "et") -> str:
    """“week-ends et jours fériés”, in the order of the enumeration."""
    return join_words((kind.label for kind in DayKind if kind in kinds), last=last)

"""Which household a child is in on a day. Pure, total, deterministic.

A day belongs to the household where the child sleeps that night: on a changeover day, to the one that collects.
In order: an exception, then a half of the school holidays, then the usual rhythm.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

FORTNIGHT = 14


class Side(StrEnum):
    """The two households: `A` is the one that proposed the arrangement."""

    A = "a"
    B = "b"

    @property
    def other(self) -> "Side":
        return Side.B if self is Side.A else Side.A


class Why(StrEnum):
    """What decided a day."""

    EXCEPTION = "exception"
    HOLIDAY = "holiday"
    RHYTHM = "rhythm"


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `first` to `last`, both included."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    @property
    def first_half_ends(self) -> date:
        """The last day of the first half; an odd number of days gives it the middle one."""
        days = (self.last - self.first).days + 1
        return self.first + timedelta(days=(days + 1) // 2 - 1)


@dataclass(frozen=True, slots=True)
class Exception_:
    """Days agreed otherwise; a later one prevails over an earlier one."""

    span: Span
    side: Side


@dataclass(frozen=True, slots=True)
class Arrangement:
    """`pattern` is "none", "weeks" or "fortnight".

    `reference` is a changeover day on which the child goes to A: weeks and fortnights count from it, in both
    directions. `fortnight` holds fourteen letters from `reference` on. `first_half_even` says who has the first
    half of holidays that begin in an even year; None: holidays follow the rhythm.
    """

    pattern: str = "none"
    reference: date = date(2026, 1, 5)
    fortnight: tuple[Side, ...] = ()
    first_half_even: Side | None = None
    holidays: tuple[Span, ...] = ()
    exceptions: tuple[Exception_, ...] = field(default=())

    def household_on(self, day: date) -> Side:
        """The household of that day."""
        return self.decision(day)[0]

    def decision(self, day: date) -> tuple[Side, Why]:
        """The household, and what decided it."""
        for exception in reversed(self.exceptions):
            if day in exception.span:
                return exception.side, Why.EXCEPTION
        if self.first_half_even is not None:
            for holiday in self.holidays:
                if day in holiday:
                    return self._half(holiday, day, self.first_half_even), Why.HOLIDAY
        return self._rhythm(day), Why.RHYTHM

    def changeovers(self, days: Iterable[date]) -> list[date]:
        """The days of a period on which the child arrives in another household than the day before."""
        return [day for day in days if self.household_on(day) is not self.household_on(day - timedelta(days=1))]

    def _half(self, holiday: Span, day: date, first_even: Side) -> Side:
        first = first_even if holiday.first.year % 2 == 0 else first_even.other
        return first if day <= holiday.first_half_ends else first.other

    def _rhythm(self, day: date) -> Side:
        offset = (day - self.reference).days % FORTNIGHT
        if self.pattern == "weeks":
            return Side.A if offset < FORTNIGHT // 2 else Side.B
        if self.pattern == "fortnight" and len(self.fortnight) == FORTNIGHT:
            return self.fortnight[offset]
        return Side.A

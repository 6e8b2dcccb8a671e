"""The calendar of the custody: weeks of days, each with its household in words, shape and colour."""

from dataclasses import dataclass
from datetime import date, timedelta

from portal.domain.custody.models import Custody
from portal.domain.custody.queries import arrangement_of
from portal.domain.custody.rules import Side, Why
from portal.domain.families.models import Family
from portal.domain.kernel.calendar import monday_of, month_range, shift_month


@dataclass(frozen=True, slots=True)
class Day:
    """A cell. `mine` for the household that looks; `arrives` on a changeover; `why` when it is not the rhythm."""

    day: date
    mine: bool
    arrives: bool
    why: str
    today: bool
    inside: bool


@dataclass(frozen=True, slots=True)
class Month:
    first: date
    weeks: list[list[Day]]

    @property
    def previous(self) -> date:
        return shift_month(self.first, -1)

    @property
    def next(self) -> date:
        return shift_month(self.first, 1)


def months_of(custody: Custody, *, family: Family, first: date, count: int, today: date) -> list[Month]:
    """`count` months from the one of `first`, in a constant number of queries."""
    starts = [shift_month(first.replace(day=1), number) for number in range(count)]
    last = month_range(starts[-1].year, starts[-1].month).last
    begin, end = monday_of(starts[0]) - timedelta(days=1), last + timedelta(days=7)
    arrangement = arrangement_of(custody, first=begin, last=end)
    mine = Side.A if custody.household_a_id == family.pk else Side.B
    months = []
    for start in starts:
        days = month_range(start.year, start.month)
        weeks = []
        monday = monday_of(days.first)
        while monday <= days.last:
            week = []
            for day in (monday + timedelta(days=number) for number in range(7)):
                side, why = arrangement.decision(day)
                before = arrangement.household_on(day - timedelta(days=1))
                week.append(
                    Day(
                        day=day,
                        mine=side is mine,
                        arrives=side is not before,
                        why="" if why is Why.RHYTHM else why.value,
                        today=day == today,
                        inside=day in days,
                    )
                )
            weeks.append(week)
            monday += timedelta(days=7)
        months.append(Month(start, weeks))
    return months

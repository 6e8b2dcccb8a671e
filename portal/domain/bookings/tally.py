"""What counts for the limits of a child, while wishes are being decided: pure, and without places."""

from collections.abc import Collection, Iterable, Mapping, Set
from dataclasses import dataclass, field
from datetime import date

from portal.domain.activities.enums import LimitSpan
from portal.domain.activities.limits import Limit
from portal.domain.activities.opening import ServiceCalendar
from portal.domain.bookings.codes import CellKey


@dataclass(frozen=True, slots=True)
class Counted:
    """What was read of the limited units of some children, in every household.

    `booked` gives the household that made each booking; `excused` are the bookings that a closure took away; `mine`
    and `elsewhere` the additions of live drafts, of the family of the context and of the others.
    """

    booked: Mapping[CellKey, int] = field(default_factory=dict)
    excused: Set[CellKey] = frozenset()
    mine: Set[CellKey] = frozenset()
    elsewhere: Set[CellKey] = frozenset()


class Tally:
    """The units that each child would have, day by day, as wishes come and go."""

    def __init__(self, cells: Iterable[CellKey] = ()) -> None:
        self._days: dict[int, dict[date, set[int]]] = {}
        for cell in cells:
            self.plan(cell)

    def plan(self, key: CellKey) -> None:
        self._days.setdefault(key.child_id, {}).setdefault(key.day, set()).add(key.unit_id)

    def unplan(self, key: CellKey) -> None:
        self._days.get(key.child_id, {}).get(key.day, set()).discard(key.unit_id)

    def used(
        self, limit: Limit, child: int, day: date, calendar: ServiceCalendar, *, on_day: Collection[int] | None = None
    ) -> int:
        """How many days, or reservations of the day, the limit counts with `day`.

        `on_day` replaces what the child would have that very day.
        """
        mine = self._days.get(child, {})
        there = mine.get(day, set()) if on_day is None else set(on_day)
        if limit.span == LimitSpan.DAY:
            return len(limit.units & there)
        period = limit.period(day, calendar)
        if period is None:
            return 0
        others = sum(
            1
            for other, units in mine.items()
            if other != day and other in period and units & limit.units and limit.counts(other, calendar)
        )
        return others + bool(limit.units & there)

    def days_of(self, child: int) -> list[date]:
        """The days on which the child would have something."""
        return [day for day, units in self._days.get(child, {}).items() if units]

    def units_on(self, child: int, day: date) -> set[int]:
        """What the child would have that day, among the limited units."""
        return set(self._days.get(child, {}).get(day, ()))

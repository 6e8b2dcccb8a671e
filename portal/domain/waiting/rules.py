"""The order of a line and the instants of an offer: plain values, no database, no clock."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from portal.domain.kernel.clock import at_paris, end_of_day, shift, to_utc
from portal.domain.waiting.enums import Criterion
from portal.domain.waiting.models import WaitingEntry

#: Below, nobody reads a mail, thinks and answers: no offer is made.
LEAST_TIME = timedelta(minutes=10)
#: The precedence of whom an agent put before all others.
PUT_FIRST = 0


def precedence(priorities: Sequence[str], met: Collection[str]) -> int:
    """Where an entry stands among the published priorities, from 1: the first priority counts before all the others.

    A binary number, one digit for each criterion there is (so that lines with different priorities compare), 0 when
    it is met. `PUT_FIRST` comes before all.
    """
    digits = [0 if criterion in met else 1 for criterion in priorities]
    digits += [1] * (len(Criterion) - len(digits))
    return 1 + int("".join(map(str, digits)), 2)


@dataclass(frozen=True, slots=True)
class Party:
    """Who is served together: one entry, or siblings who come together or not at all."""

    entries: tuple[WaitingEntry, ...]

    @property
    def first(self) -> WaitingEntry:
        return self.entries[0]

    @property
    def place_in_line(self) -> tuple[int, datetime, int]:
        return min(entry.place_in_line for entry in self.entries)


def in_order(entries: Iterable[WaitingEntry]) -> list[Party]:
    """The line: published priority, arrival, key; siblings who come together stand where the first of them does."""
    groups: dict[UUID | int, list[WaitingEntry]] = {}
    for entry in sorted(entries, key=lambda entry: entry.place_in_line):
        groups.setdefault(entry.group or entry.pk, []).append(entry)
    return sorted((Party(tuple(group)) for group in groups.values()), key=lambda party: party.place_in_line)


def exchange_limit(day: date, starts_at: time | None, hours: int) -> datetime:
    """Until when a place changes hands: so many hours before the unit starts, or before the day without an hour."""
    return shift(at_paris(day, starts_at or time(0)), -timedelta(hours=hours))


def booking_end(day: date, closes: datetime | None) -> datetime:
    """When nobody can be booked for that day any more: the deadline, or the end of the day without deadline."""
    return closes or end_of_day(day)


def expiry(*, at: datetime, hours: int, limit: datetime) -> datetime | None:
    """Until when an offer made at `at` may be answered, never beyond `limit`; None when too little time is left."""
    until = min(to_utc(shift(at, timedelta(hours=hours))), to_utc(limit))
    return until if until - to_utc(at) >= LEAST_TIME else None

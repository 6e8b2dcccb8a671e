"""May this child be booked for that day, places apart? Asked again whenever a place could be proposed.

Nothing is locked here: an acceptance asks everything once more under its locks.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from portal.domain.accounts.models import User
from portal.domain.activities.relations import Relations
from portal.domain.bookings.codes import CellKey
from portal.domain.bookings.context import BookableUnit, BookingContext
from portal.domain.bookings.enums import Wish
from portal.domain.bookings.loading import Scope, load_context
from portal.domain.bookings.policy import out_of_reach
from portal.domain.bookings.relations import Days, tick
from portal.domain.families.models import Family
from portal.domain.kernel.clock import paris_date, shift, to_utc
from portal.domain.kernel.refusals import Refusal, Rule
from portal.domain.waiting.models import WaitingEntry
from portal.domain.waiting.rules import booking_end, exchange_limit
from portal.domain.waiting.terms import Terms

#: There is nothing left to wait for: the entry leaves the line. What other rules refuse may change, it keeps its rank.
SETTLING = frozenset({Rule.ALREADY_BOOKED})


@dataclass(frozen=True, slots=True)
class Limits:
    """Until when the day can be booked, and until when a place may change hands (None: never)."""

    booking: datetime
    exchange: datetime | None

    @property
    def last(self) -> datetime:
        """When the line of that day ends."""
        return max(self.booking, self.exchange, key=to_utc) if self.exchange else self.booking


@dataclass(frozen=True, slots=True)
class Verdict:
    """`units` are what would be booked together; empty with a `refusal`."""

    units: tuple[int, ...] = ()
    refusal: Refusal | None = None


def limits_of(context: BookingContext, unit: BookableUnit, day: date, terms: Terms | None) -> Limits:
    """The instants of one day of a unit."""
    hours = terms.exchange_hours if terms else None
    return Limits(
        booking=booking_end(day, context.window(unit, Wish.ADD, day).closes),
        exchange=None if hours is None else exchange_limit(day, unit.starts_at, hours),
    )


def judge(context: BookingContext, key: CellKey, *, at: datetime, limits: Limits, first_name: str = "") -> Verdict:
    """What booking this cell would book, or why it may not be. Past the deadline, as long as places are exchanged, it
    is judged as at the last minute before it.
    """
    if key.child_id not in context.children:
        return Verdict(refusal=out_of_reach(first_name))
    when = at
    if limits.exchange is not None and to_utc(limits.booking) <= to_utc(at) < to_utc(limits.exchange):
        when = shift(limits.booking, -timedelta(minutes=1))
    days = Days(context)
    moves = tick(context, days.of(key.child_id, key.day), key.unit_id, at=when, replacing=False)
    if isinstance(moves, Refusal):
        return Verdict(refusal=moves)
    return Verdict(units=tuple(move.unit_id for move in moves))


def judge_entries(
    entries: Iterable[WaitingEntry], terms: Mapping[int, Terms], *, at: datetime
) -> dict[int, tuple[Verdict, Limits]]:
    """The verdict of each entry (by key), under the rights of its household; as many queries for each family."""
    by_family: dict[int, list[WaitingEntry]] = {}
    for entry in entries:
        by_family.setdefault(entry.family_id, []).append(entry)
    found: dict[int, tuple[Verdict, Limits]] = {}
    for family in Family.objects.filter(pk__in=by_family).order_by("pk"):
        mine = by_family[family.pk]
        context = context_of(family, [cell(entry) for entry in mine], user=None, at=at)
        for entry in mine:
            limits = limits_of(context, context.units[entry.unit_id], entry.day, terms.get(entry.unit_id))
            verdict = judge(context, cell(entry), at=at, limits=limits, first_name=entry.child.first_name)
            found[entry.pk] = (verdict, limits)
    return found


def context_of(family: Family, cells: Collection[CellKey], *, user: User | None, at: datetime) -> BookingContext:
    """What the policy reads for these cells, without places."""
    scope = Scope.of_cells(cells, otherwise=paris_date(at))
    return load_context(family=family, user=user, scope=scope, today=paris_date(at), at=at)


def cell(entry: WaitingEntry) -> CellKey:
    return CellKey(entry.child_id, entry.unit_id, entry.day)


def pools_needed(units: Mapping[int, BookableUnit], relations: Relations, unit: int) -> list[int]:
    """All the pools that booking this unit may need: its own, and those of what the town books with it."""
    return sorted({pool for each in relations.group(unit) if each in units for pool in units[each].pools})

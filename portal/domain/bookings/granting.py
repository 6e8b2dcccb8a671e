"""What the service grants beyond the rules that families follow: days past their deadline, days beyond the places.

The deadlines and what is not changed on line are passed over, since that is what was asked for. Everything else is
asked again: the calendar, the enrolment, the dossier, the price, what the units are to each other. A full day needs to
be named.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from portal.domain.accounts.models import User
from portal.domain.bookings.codes import CellKey
from portal.domain.bookings.context import BookingContext
from portal.domain.bookings.enums import BookingSource, BookingState, Wish
from portal.domain.bookings.expiry import take_out
from portal.domain.bookings.loading import Scope, load_context
from portal.domain.bookings.models import BasketLine, Booking, Receipt
from portal.domain.bookings.notes import notes_of
from portal.domain.bookings.notifications import compose_receipt, queue_receipt
from portal.domain.bookings.outcomes import LeftOut
from portal.domain.bookings.places import lock_places, needed, save_places
from portal.domain.bookings.policy import full, out_of_reach, why_not
from portal.domain.bookings.receipts import issue_receipt, prepare_receipt
from portal.domain.bookings.relations import Day, Days, Move, tick, untick
from portal.domain.bookings.room import PlaceKey, Room
from portal.domain.families.models import Family
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.refusals import Refusal, Rule


@dataclass(frozen=True, slots=True)
class Verdict:
    """What granting a wish would move, or the reason that nobody passes over.

    `units`: the one asked for, then those that the town ties to it. `passed`: the rules of families against it, in the
    same order, that granting passes over; empty when a family may still do it by itself.
    """

    units: tuple[int, ...] = ()
    passed: tuple[Refusal, ...] = ()
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """A cell to book or to cancel. `late`: at the price of a late booking; `beyond`: even when no place is left."""

    key: CellKey
    wish: Wish
    late: bool = False
    beyond: bool = False


@dataclass(slots=True)
class Granted:
    """What was done: the receipt, the cells booked or cancelled, and the (pool, day) that got a place more."""

    receipt: Receipt
    cells: list[CellKey] = field(default_factory=list)
    extra: list[PlaceKey] = field(default_factory=list)


class GrantRefused(Exception):
    """Nothing was written. `reasons` says why, by code of the cell asked for."""

    def __init__(self, reasons: Mapping[str, Refusal]) -> None:
        super().__init__(", ".join(sorted(reasons)))
        self.reasons = dict(reasons)


def judge_grant(
    context: BookingContext, key: CellKey, wish: Wish, *, at: datetime, day: Day | None = None, first_name: str = ""
) -> Verdict:
    """What granting this wish at `at` would do, places apart. `context` comes without room, `day` when it changed."""
    if key.child_id not in context.children:
        return Verdict(refusal=out_of_reach(first_name))
    day = day or Days(context).of(key.child_id, key.day)
    moves = _moves(context, day, key, wish, at=at)
    if isinstance(moves, Refusal):
        return Verdict(refusal=moves)
    units = tuple(move.unit_id for move in moves)
    asked = (
        why_not(context, wish=wish, child_id=key.child_id, unit_id=unit, day=key.day, at=at, places=False)
        for unit in units
    )
    return Verdict(units, tuple(refusal for refusal in asked if refusal is not None))


def _moves(context: BookingContext, day: Day, key: CellKey, wish: Wish, *, at: datetime) -> list[Move] | Refusal:
    if wish == Wish.ADD:
        return tick(context, day, key.unit_id, at=at, replacing=False, granted=True)
    refusal = why_not(context, wish=wish, child_id=key.child_id, unit_id=key.unit_id, day=key.day, at=at, granted=True)
    return refusal or untick(context, day, key.unit_id, at=at, granted=True)


def full_pools(context: BookingContext, room: Room, units: Iterable[int], key: CellKey) -> list[int]:
    """The pools of these units that have no place left that day."""
    pools = dict.fromkeys(pool for unit in units for pool in context.units[unit].pools)
    return [pool for pool in pools if not room.has_one(pool, key.day)]


def grant_context(family: Family, keys: Collection[CellKey], *, at: datetime) -> BookingContext:
    """What deciding reads, under the rights of the household: who asked may have left since."""
    scope = Scope.of_cells(keys, otherwise=paris_date(at))
    return load_context(family=family, user=None, scope=scope, today=paris_date(at), at=at)


def grant_days(
    *,
    family: Family,
    grants: Sequence[Grant],
    left_out: Sequence[LeftOut],
    key: UUID,
    asked_by: User,
    asked_at: datetime,
    sent_to: str,
    by: User,
    at: datetime,
) -> Granted:
    """Book or cancel these cells, all of them or none, with the receipt of `key` and its mail to `sent_to`.

    In the caller's transaction, which shares the calendar and holds the drafts of the household, the household and the
    children. Wishes of the household's draft for these cells go: they are granted. Raises GrantRefused.
    """
    context = grant_context(family, [grant.key for grant in grants], at=at)
    moved = _Moves(context, grants, at)
    cells = {*moved.cells}
    drafted = [
        line
        for line in BasketLine.objects.filter(basket__family=family, day__in={cell.day for cell in cells})
        if CellKey(line.child_id, line.unit_id, line.day) in cells and line.unit_id in context.units
    ]
    room = lock_places(needed((context.units[cell.unit_id].pools, cell.day) for cell in cells))
    for line in drafted:
        if line.holding:
            room.release(context.units[line.unit_id].pools, line.day)
    extra = moved.place(room)
    save_places(room)
    take_out([line.pk for line in drafted])
    lines = [moved.line(cell) for cell in moved.cells]
    _write(lines, family=family, by=by, at=at)
    notes = notes_of({cell: line.enrolment_id for cell, line in zip(moved.cells, lines, strict=True)})
    receipt, receipt_lines = prepare_receipt(
        context=context,
        family=family,
        basket_key=key,
        standing=lines,
        fallen=left_out,
        by=by,
        at=at,
        notes=notes if moved.adds else {},
        sent_to=sent_to,
    )
    mail = compose_receipt(
        context=context, receipt=receipt, lines=receipt_lines, at=at, asked_by=asked_by, granted_at=asked_at
    )
    # Every validation of the town waits for the counter from here to the end.
    issue_receipt(receipt, receipt_lines)
    queue_receipt(receipt, mail, at=at)
    return Granted(receipt, moved.cells, extra)


class _Moves:
    """The cells that the grants move, in order, each with the grant that brought it."""

    def __init__(self, context: BookingContext, grants: Sequence[Grant], at: datetime) -> None:
        self.context = context
        self.at = at
        self.cells: list[CellKey] = []
        self.of: dict[CellKey, Grant] = {}
        self.refused: dict[str, Refusal] = {}
        self._days: dict[tuple[int, object], Day] = {}
        waiting = list(grants)
        while waiting:
            later = [grant for grant in waiting if not self._take(grant)]
            if len(later) == len(waiting):
                break
            waiting = later  # what needs another unit of the same day may follow it
        if self.refused:
            raise GrantRefused(self.refused)

    @property
    def adds(self) -> bool:
        return any(grant.wish == Wish.ADD for grant in self.of.values())

    def place(self, room: Room) -> list[PlaceKey]:
        """Take or give back the places in `room`; gives those that were added. Raises GrantRefused."""
        extra: list[PlaceKey] = []
        for cell in self.cells:
            grant, unit = self.of[cell], self.context.units[cell.unit_id]
            if grant.wish == Wish.REMOVE:
                if self.context.booked[cell].holds_place:
                    room.cancel(unit.pools, cell.day)
            elif not room.book(unit.pools, cell.day):
                lacking = full_pools(self.context, room, [unit.pk], cell)
                if not grant.beyond:
                    self.refused.setdefault(grant.key.code, full(unit, pool=lacking[0]))
                    continue
                extra += [(pool, cell.day) for pool in room.add_place(unit.pools, cell.day)]
                room.book(unit.pools, cell.day)
        if self.refused:
            raise GrantRefused(self.refused)
        return extra

    def line(self, cell: CellKey) -> BasketLine:
        """The change as a draft would hold it: bookings and receipts are made of such lines."""
        grant = self.of[cell]
        if grant.wish == Wish.REMOVE:
            booking = self.context.booked[cell]
            return BasketLine(
                wish=Wish.REMOVE,
                child_id=cell.child_id,
                unit_id=cell.unit_id,
                day=cell.day,
                booking_id=booking.pk,
                enrolment_id=booking.enrolment_id,
                tariff_version_id=booking.tariff_version_id,
                unit_price=booking.unit_price,
            )
        quote = self.context.service_quote(cell, late=grant.late)
        if quote is None:  # the policy has asked for the price
            raise LookupError(cell.code)
        return BasketLine(
            wish=Wish.ADD,
            child_id=cell.child_id,
            unit_id=cell.unit_id,
            day=cell.day,
            enrolment_id=self.context.live_enrolment(cell).pk,
            tariff_version_id=quote.price.version_key,
            unit_price=quote.amount,
            surcharge=quote.surcharge,
            explanation=list(quote.explanation),
        )

    def _take(self, grant: Grant) -> bool:
        """Whether the grant is settled, for good or not yet."""
        key = grant.key
        if key in self.of:
            return True
        day = self._day(key)
        verdict = judge_grant(self.context, key, grant.wish, at=self.at, day=day)
        if verdict.refusal is not None:
            self.refused[key.code] = verdict.refusal
            return verdict.refusal.rule is not Rule.DEPENDENT
        self.refused.pop(key.code, None)
        for unit in verdict.units:
            cell = key._replace(unit_id=unit)
            self.cells.append(cell)
            self.of[cell] = grant
            day.wishes[unit] = grant.wish
        return True

    def _day(self, key: CellKey) -> Day:
        known = (key.child_id, key.day)
        if known not in self._days:
            self._days[known] = Days(self.context).of(*known)
        return self._days[known]


def _write(lines: Sequence[BasketLine], *, family: Family, by: User, at: datetime) -> None:
    gone = [line.booking_id for line in lines if line.booking_id is not None]
    if gone:
        Booking.objects.filter(pk__in=gone).update(state=BookingState.CANCELLED, cancelled_at=at, cancelled_by=by)
    Booking.objects.bulk_create(
        Booking(
            child_id=line.child_id,
            unit_id=line.unit_id,
            day=line.day,
            enrolment_id=line.enrolment_id,
            family=family,
            source=BookingSource.SERVICE,
            tariff_version_id=line.tariff_version_id,
            unit_price=line.unit_price,
            surcharge=line.surcharge,
            explanation=line.explanation,
            booked_at=at,
            booked_by=by,
        )
        for line in lines
        if line.wish == Wish.ADD
    )

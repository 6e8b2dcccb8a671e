"""What would happen if the draft were validated now: the same answer on the recap and at the validation."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from portal.domain.bookings.codes import CellKey
from portal.domain.bookings.context import BookingContext
from portal.domain.bookings.enums import Wish
from portal.domain.bookings.limiting import Shortfall, beyond_limit, missing_days
from portal.domain.bookings.loading import key_of
from portal.domain.bookings.models import BasketLine
from portal.domain.bookings.outcomes import LeftOut
from portal.domain.bookings.planning import Draft, DraftLine
from portal.domain.bookings.policy import (
    changed_meanwhile,
    full,
    late_price_changed,
    late_surcharge,
    out_of_reach,
    why_not,
)
from portal.domain.bookings.relations import fall_together
from portal.domain.bookings.room import Room
from portal.domain.bookings.tally import Tally
from portal.domain.kernel.money import ZERO, total
from portal.domain.kernel.refusals import Refusal


@dataclass(slots=True)
class Settlement:
    """The lines that stand, and those that fall out with their reason, each in the order of the draft; the minimums
    that those that stand do not meet.
    """

    removals: list[BasketLine] = field(default_factory=list)
    additions: list[BasketLine] = field(default_factory=list)
    fallen: list[tuple[BasketLine, Refusal]] = field(default_factory=list)
    missing: tuple[Shortfall, ...] = ()

    @property
    def standing(self) -> list[BasketLine]:
        return [*self.removals, *self.additions]


def settle(context: BookingContext, lines: Sequence[BasketLine], room: Room, *, at: datetime) -> Settlement:
    """Apply the draft to `room`: cancellations first, then the additions that hold a place, then the others.

    Moving a place therefore never fails on a full day nor on a limit of the child, and a held place is never lost to a
    line that holds none. Lines that their units tie together stand or fall together. For the limits the books of every
    household count, and not their drafts: who validates first has the day.
    `context` must come without room: places are those of `room`.
    """
    settlement = _settle(context, lines, room, at=at)
    settlement.missing = missing_days(
        context,
        additions={key_of(line) for line in settlement.additions},
        removals={key_of(line) for line in settlement.removals},
    )
    return settlement


def _settle(context: BookingContext, lines: Sequence[BasketLine], room: Room, *, at: datetime) -> Settlement:
    fallen = {key_of(line): refusal for line in lines if (refusal := why_not_line(context, line, at=at)) is not None}
    tied = {key_of(line) for line in lines if context.relations.concerns(line.unit_id)}
    if not tied:
        return _apply(context, lines, room, fallen)
    fallen |= fall_together(context, lines, fallen)
    while True:
        # A tied line without place brings others down, whose own places then count again: once more from the start.
        rehearsed = _apply(context, lines, room.copy(), fallen, until_lost=tied)
        lost = {key: refusal for line, refusal in rehearsed.fallen if (key := key_of(line)) in tied - fallen.keys()}
        if not lost:
            return _apply(context, lines, room, fallen)
        fallen |= lost
        fallen |= fall_together(context, lines, fallen)


def _apply(
    context: BookingContext,
    lines: Sequence[BasketLine],
    room: Room,
    fallen: Mapping[CellKey, Refusal],
    *,
    until_lost: Collection[CellKey] = (),
) -> Settlement:
    """The lines that have not `fallen`, in their places; stops at the first of `until_lost` that finds none."""
    settlement = Settlement()
    waiting: list[BasketLine] = []
    tally = Tally(context.counted.booked if context.counted is not None else ())
    for line in lines:
        if line.wish == Wish.REMOVE and key_of(line) not in fallen:
            tally.unplan(key_of(line))
    for line in lines:
        pools = context.units[line.unit_id].pools
        refusal = fallen.get(key_of(line))
        if refusal is not None:
            settlement.fallen.append((line, refusal))
            if line.holding:
                room.release(pools, line.day)
        elif line.wish == Wish.REMOVE:
            settlement.removals.append(line)
            if context.booked[key_of(line)].holds_place:
                room.cancel(pools, line.day)
        elif not line.holding:
            waiting.append(line)
        elif (refusal := _beyond_limit(context, line, tally)) is not None:
            settlement.fallen.append((line, refusal))
            room.release(pools, line.day)
        else:
            settlement.additions.append(line)
            tally.plan(key_of(line))
            room.book_held(pools, line.day)
    for line in waiting:
        unit = context.units[line.unit_id]
        refusal = _beyond_limit(context, line, tally)
        if refusal is not None:
            settlement.fallen.append((line, refusal))
            if key_of(line) in until_lost:
                break
        elif room.book(unit.pools, line.day):
            settlement.additions.append(line)
            tally.plan(key_of(line))
        else:
            pool = next(pool for pool in unit.pools if not room.has_one(pool, line.day))
            settlement.fallen.append((line, full(unit, pool=pool)))
            if key_of(line) in until_lost:
                break
    return settlement


def _beyond_limit(context: BookingContext, line: BasketLine, tally: Tally) -> Refusal | None:
    return beyond_limit(context, line.child_id, line.day, [line.unit_id], tally=tally)


def why_not_line(context: BookingContext, line: BasketLine, *, at: datetime) -> Refusal | None:
    """Why this line of the draft could not be validated at `at`, places and limits of the child apart."""
    if line.child_id not in context.children:
        return out_of_reach(line.child.first_name)
    booking = context.booked.get(key_of(line))
    if line.wish == Wish.REMOVE and booking is not None and booking.pk != line.booking_id:
        return changed_meanwhile()
    refusal = why_not(
        context,
        wish=Wish(line.wish),
        child_id=line.child_id,
        unit_id=line.unit_id,
        day=line.day,
        at=at,
        limits=False,
    )
    if refusal is None and line.wish == Wish.ADD:
        due = late_surcharge(context, key_of(line), at=at)
        if bool(due) != bool(line.surcharge):
            return late_price_changed(context, key_of(line), at=at)
    return refusal


def fall_within_limits(
    context: BookingContext, lines: Sequence[BasketLine], fallen: Mapping[CellKey, Refusal]
) -> dict[CellKey, Refusal]:
    """The lines that no longer stand beside those that have `fallen`: what these held together, and what passes a
    limit of the child with the days of every household, live drafts too.
    """
    lost = dict(fallen)
    while True:
        known = len(lost)
        lost |= fall_together(context, lines, lost)
        standing = [line for line in lines if key_of(line) not in lost]
        context.recount({key_of(line): Wish.REMOVE for line in standing if line.wish == Wish.REMOVE})
        for line in standing:
            if line.wish == Wish.REMOVE:
                continue
            refusal = _beyond_limit(context, line, context.tally)
            if refusal is None:
                context.tally.plan(key_of(line))
            else:
                lost[key_of(line)] = refusal
        if len(lost) == known:
            return {key: refusal for key, refusal in lost.items() if key not in fallen}


def reprice(context: BookingContext, lines: Sequence[BasketLine], *, at: datetime) -> None:
    """Give the additions of a draft that is no longer live the prices of now: a price is fixed while it lives.

    In memory only. A line without price any more keeps its own and falls out by the policy. A line chosen in time gets
    no surcharge meanwhile: it falls out and says so (`why_not_line`).
    """
    context.together(key_of(line) for line in lines if line.wish == Wish.ADD)
    for line in lines:
        if line.wish == Wish.REMOVE or line.basket.is_live(at=at):
            continue
        quote = context.quote(key_of(line), at=at)
        if quote is None:
            continue
        late = bool(line.surcharge)
        line.unit_price = quote.amount if late else quote.price.amount
        line.surcharge = quote.surcharge if late else ZERO
        line.explanation = list(quote.explanation if late else quote.price.explanation)
        line.tariff_version_id = quote.price.version_key


def amount(line: BasketLine) -> Decimal:
    """What the line changes on the bill, in euros: negative for a cancellation."""
    return -line.unit_price if line.wish == Wish.REMOVE else line.unit_price


def left_out(context: BookingContext, line: BasketLine, refusal: Refusal) -> LeftOut:
    """A line that fell out, in words."""
    return LeftOut(
        code=key_of(line).code,
        child_name=child_name(context, line),
        label=context.units[line.unit_id].label,
        day=line.day,
        wish=line.wish,
        refusal=refusal,
    )


def tariff_words(context: BookingContext, line: BasketLine) -> tuple[str, str]:
    """The name of the line's tariff and how it counts (“à l’unité”), without a query for a line just made."""
    if "tariff_version" in line._state.fields_cache:
        tariff = line.tariff_version.tariff
        return tariff.name, tariff.rate_label
    price = context.price(key_of(line))
    return (price.tariff_name, price.rate_label) if price else ("", "")


def child_name(context: BookingContext, line: BasketLine) -> str:
    """The first name, even of a child whom the family does not see any more."""
    child = context.children.get(line.child_id)
    return child.first_name if child else line.child.first_name


def in_reading_order(context: BookingContext, lines: Sequence[BasketLine]) -> list[BasketLine]:
    """By day, then as the planning lists children and activities."""
    children = {pk: position for position, pk in enumerate(context.children)}
    return sorted(
        lines,
        key=lambda line: (
            line.day,
            children.get(line.child_id, len(children)),
            context.units[line.unit_id].rank,
        ),
    )


def draft_values(
    context: BookingContext, lines: Sequence[BasketLine], settlement: Settlement, *, at: datetime
) -> Draft:
    """The draft as pages show it."""
    if not lines:
        return Draft()
    basket = lines[0].basket
    reasons = {key_of(line): refusal for line, refusal in settlement.fallen}
    return Draft(
        key=str(basket.key),
        version=basket.version,
        additions=len(settlement.additions),
        removals=len(settlement.removals),
        amount=total(amount(line) for line in settlement.standing),
        expires_at=basket.expires_at,
        lapsed=not basket.is_live(at=at),
        missing=settlement.missing,
        changed_at=basket.changed_at,
        changed_by=basket.changed_by.first_name or str(basket.changed_by),
        lines=tuple(
            _draft_line(context, line, reasons.get(key_of(line))) for line in in_reading_order(context, lines)
        ),
    )


def _draft_line(context: BookingContext, line: BasketLine, refusal: Refusal | None) -> DraftLine:
    tariff_name, rate_label = tariff_words(context, line)
    return DraftLine(
        code=key_of(line).code,
        wish=line.wish,
        child_id=line.child_id,
        child_name=child_name(context, line),
        unit_id=line.unit_id,
        label=context.units[line.unit_id].label,
        day=line.day,
        tariff_name=tariff_name,
        rate_label=rate_label,
        amount=amount(line),
        refusal=refusal,
        surcharge=line.surcharge,
    )

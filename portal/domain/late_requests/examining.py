"""What an agent looks at before deciding: each day as it is now, nothing locked; the verb asks everything again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from portal.domain.bookings.codes import CellKey
from portal.domain.bookings.context import BookingContext
from portal.domain.bookings.enums import Wish
from portal.domain.bookings.granting import Verdict, full_pools, judge_grant
from portal.domain.bookings.loading import Scope, load_context, load_room
from portal.domain.bookings.room import Room
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.clock import paris_date, to_utc
from portal.domain.kernel.money import ZERO
from portal.domain.kernel.refusals import Refusal, Rule
from portal.domain.late_requests.asking import rule_sentence
from portal.domain.late_requests.enums import DayState
from portal.domain.late_requests.models import LateDay, LateRequest
from portal.domain.late_requests.services import days_of

#: A day, the first name of a child, what is booked.
Booked = tuple[date, str, str]


@dataclass(frozen=True, slots=True)
class Examined:
    """One day of a request. `refusal` is what nobody passes over; `is_full` what asks for a place more.

    `left`: the places left where fewest are, None without limit. `amount` in euros: what it costs now, or gives back.
    `week` is what the children of the household have booked in that ISO week, in order.
    """

    row: LateDay
    code: str
    label: str
    rule: str
    refusal: Refusal | None
    is_full: bool
    left: int | None
    capacity: int | None
    amount: Decimal
    surcharge: Decimal
    explanation: tuple[str, ...]
    together: tuple[str, ...]
    week: tuple[Booked, ...]

    @property
    def is_possible(self) -> bool:
        """Whether it can be accepted, beyond the places if need be."""
        return self.refusal is None


def examine(request: LateRequest, *, at: datetime) -> list[Examined]:
    """The days still open, in order; a constant number of queries."""
    rows = [row for row in days_of(request) if row.state == DayState.OPEN]
    if not rows:
        return []
    keys = [CellKey(row.child_id, row.unit_id, row.day) for row in rows]
    first, last = min(row.day for row in rows), max(row.day for row in rows)
    weeks = DateRange(first - timedelta(days=first.isoweekday() - 1), last + timedelta(days=7 - last.isoweekday()))
    scope = Scope(weeks, cells=keys)
    context = load_context(family=request.family, user=None, scope=scope, today=paris_date(at), at=at)
    room = load_room(context, scope, at=at, exact=True)
    return [
        _examine(context, room, row, key, request.child.first_name, at=at) for row, key in zip(rows, keys, strict=True)
    ]


def _examine(
    context: BookingContext, room: Room, row: LateDay, key: CellKey, first_name: str, *, at: datetime
) -> Examined:
    unit, wish = context.units[key.unit_id], Wish(row.wish)
    verdict = judge_grant(context, key, wish, at=at, first_name=first_name)
    if verdict.refusal is None and to_utc(row.closes_at) <= to_utc(at):
        verdict = Verdict(
            refusal=Refusal(rule=Rule.DAY_PAST, sentence="Ce jour a commencé : il ne se décide plus ici.")
        )
    units = verdict.units or (key.unit_id,)
    amount, surcharge, steps = _price(context, units, key, row, wish)
    left, capacity = _places(context, room, units, key)
    return Examined(
        row=row,
        code=key.code,
        label=unit.label,
        rule=rule_sentence(unit, wish),
        refusal=verdict.refusal,
        is_full=wish == Wish.ADD and verdict.refusal is None and bool(full_pools(context, room, units, key)),
        left=left,
        capacity=capacity,
        amount=amount,
        surcharge=surcharge,
        explanation=steps,
        together=tuple(context.units[each].label for each in units if each != key.unit_id),
        week=_week(context, key),
    )


def _price(
    context: BookingContext, units: Sequence[int], key: CellKey, row: LateDay, wish: Wish
) -> tuple[Decimal, Decimal, tuple[str, ...]]:
    amount = surcharge = ZERO
    steps: list[str] = []
    for each in units:
        if wish == Wish.REMOVE:
            booking = context.booked.get(key._replace(unit_id=each))
            amount += booking.unit_price if booking is not None else ZERO
            continue
        quote = context.service_quote(key._replace(unit_id=each), late=row.is_late)
        if quote is not None:
            amount += quote.amount
            surcharge += quote.surcharge
            steps += quote.explanation
    return amount, surcharge, tuple(dict.fromkeys(steps))


def _places(context: BookingContext, room: Room, units: Sequence[int], key: CellKey) -> tuple[int | None, int | None]:
    """Left and offered, in the pool where fewest are left."""
    found = [
        (max(left, 0), limit)
        for each in units
        for pool, limit in context.units[each].pools.items()
        if (left := room.free(pool, key.day)) is not None
    ]
    return min(found, key=lambda each: each[0], default=(None, None))


def _week(context: BookingContext, key: CellKey) -> tuple[Booked, ...]:
    monday = key.day - timedelta(days=key.day.isoweekday() - 1)
    days = DateRange(monday, monday + timedelta(days=6))
    order = {child: rank for rank, child in enumerate(context.children)}
    booked = [each for each in context.booked if each.child_id in order and each.day in days]
    booked.sort(key=lambda each: (each.day, order[each.child_id], context.units[each.unit_id].rank))
    return tuple(
        (each.day, context.children[each.child_id].first_name, context.units[each.unit_id].label) for each in booked
    )

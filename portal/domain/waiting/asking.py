"""What a family may wait for around some full days: those, and the other full days of the month, siblings included."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from portal.domain.accounts.models import User
from portal.domain.bookings.codes import CellKey, UnknownCell
from portal.domain.bookings.context import BookingContext
from portal.domain.bookings.loading import Scope, load_context, load_room
from portal.domain.families.models import Family
from portal.domain.kernel.calendar import DateRange, month_range
from portal.domain.kernel.clock import paris_date, to_utc
from portal.domain.kernel.refusals import Refusal
from portal.domain.waiting.judging import judge, limits_of
from portal.domain.waiting.models import WaitingEntry
from portal.domain.waiting.terms import Terms, sentences, terms_of


@dataclass(frozen=True, slots=True)
class Askable:
    """A cell that the family may wait for. `exchanged`: only a place that changes hands may come."""

    code: str
    child_id: int
    child_name: str
    unit_id: int
    label: str
    day: date
    siblings_together: bool
    exchanged: bool = False


@dataclass(frozen=True, slots=True)
class Asking:
    """What is proposed on the form, how the line works, and why a day asked for is not proposed."""

    day: date
    cells: tuple[Askable, ...]
    rules: tuple[str, ...]
    refusals: tuple[Refusal, ...]
    waiting: bool = False


def askable_cells(*, family: Family, user: User, codes: Collection[str], at: datetime) -> Asking:
    """The cells of the form, in order, as the places are now; nothing is locked.

    Those of `codes` that the rules allow, and the other full ones of the same units in the month of the first of them.
    A cell already in a line, or with a place left, is not proposed. Raises UnknownCell.
    """
    asked = [CellKey.parse(code) for code in codes]
    if not asked:
        raise UnknownCell("")
    first = min(key.day for key in asked)
    month = month_range(first.year, first.month)
    scope = Scope(DateRange(month.first, month.last), cells=asked)
    context = load_context(family=family, user=user, scope=scope, today=paris_date(at), at=at)
    context.check({*asked})
    context.room = load_room(context, scope, at=at, exact=True)
    wanted = {key.unit_id for key in asked}
    terms = terms_of(context.units[unit] for unit in wanted)
    waiting = {
        CellKey(*row)
        for row in WaitingEntry.objects.live()
        .filter(child__in=list(context.children), unit__in=wanted)
        .values_list("child", "unit", "day")
    }
    around = {
        CellKey(child, unit, day)
        for child in context.children
        for unit in wanted
        for day in month
        if day >= paris_date(at)
    }
    cells, refusals = [], []
    for key in sorted({*around, *asked}, key=lambda key: (key.unit_id, key.day, key.child_id)):
        found = (
            _askable(context, key, terms.get(key.unit_id), asked=key in asked, at=at) if key not in waiting else None
        )
        if isinstance(found, Askable):
            cells.append(found)
        elif isinstance(found, Refusal) and key in asked:
            refusals.append(found)
    rules = sentences(terms[asked[0].unit_id]) if asked[0].unit_id in terms else []
    return Asking(first, tuple(cells), tuple(rules), tuple(refusals), waiting=bool(waiting & {*asked}))


def _askable(
    context: BookingContext, key: CellKey, terms: Terms | None, *, asked: bool, at: datetime
) -> Askable | Refusal | None:
    unit = context.units[key.unit_id]
    if terms is None or not (unit.shown and unit.editable):
        return None
    limits = limits_of(context, unit, key.day, terms)
    over = to_utc(limits.booking) <= to_utc(at)
    if over and not asked:
        return None
    room, context.room = context.room, None
    verdict = judge(context, key, at=at, limits=limits)
    context.room = room
    if verdict.refusal is not None:
        return verdict.refusal
    pools = {pool for each in verdict.units for pool in context.units[each].pools}
    if not over and room is not None and all(room.has_one(pool, key.day) for pool in pools):
        return None
    child = context.children[key.child_id]
    return Askable(
        key.code, child.pk, child.first_name, unit.pk, unit.label, key.day, terms.siblings_together, exchanged=over
    )

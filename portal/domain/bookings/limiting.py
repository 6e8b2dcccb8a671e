"""Limits of a child (rule 22): the refusal of a day too many, the days that a minimum still asks for, what is left.

Pure, over a `BookingContext`. Days of another household count, and nobody is told whose they are. A maximum is asked
with each wish, a minimum with the validation.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.domain import language
from portal.domain.activities.enums import LimitSpan
from portal.domain.activities.limits import Limit
from portal.domain.bookings.codes import CellKey
from portal.domain.bookings.context import BookableUnit, BookingContext
from portal.domain.bookings.tally import Counted, Tally
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.refusals import Refusal, Rule, WayOut, WayOutKind

_RULES = {LimitSpan.DAY: Rule.DAY_LIMIT, LimitSpan.WEEK: Rule.WEEK_LIMIT}


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A minimum that a validation would not meet: `planned` days of the `needed` ones, over `days`.

    `period` names these days (“la semaine du 19 octobre 2026”), `sentence` says it all, ready to show.
    """

    child_name: str
    what: str
    period: str
    days: DateRange
    planned: int
    needed: int
    sentence: str

    @property
    def missing(self) -> int:
        return self.needed - self.planned


def beyond_limit(
    context: BookingContext,
    child_id: int,
    day: date,
    adds: Collection[int],
    *,
    gone: Collection[int] = (),
    tally: Tally | None = None,
) -> Refusal | None:
    """Why these units may not all be added for that child on that day, `gone` being taken away first; None when they
    may. What adds nothing to a count is never refused by it.
    """
    if context.counted is None:
        return None
    tally = context.tally if tally is None else tally
    before = tally.units_on(child_id, day)
    after = (before - {*gone}) | {*adds}
    for unit in adds:
        for limit in context.units[unit].limits:
            if limit.is_floor or not limit.counts(day, context.calendar):
                continue
            had = tally.used(limit, child_id, day, context.calendar, on_day=before)
            would = tally.used(limit, child_id, day, context.calendar, on_day=after)
            if would > limit.count and would > had:
                kept = tally.used(limit, child_id, day, context.calendar, on_day=before - {*gone})
                return _too_many(context, child_id, context.units[unit], limit, day, kept)
    return None


def missing_days(
    context: BookingContext, *, additions: Collection[CellKey], removals: Collection[CellKey]
) -> tuple[Shortfall, ...]:
    """The minimums that the books would not meet once these wishes are granted, in the periods that they change.

    Nothing is asked of a period in which the household keeps no day, nor of one that becomes no worse than it was.
    Days that a closure took away count as if they had been kept; where fewer days than the minimum are served while
    the child is enrolled, all of them are enough.
    """
    counted = context.counted
    if counted is None:
        return ()
    after = Tally({*counted.booked, *additions} - {*removals})
    found: dict[tuple[int, int, date], Shortfall | None] = {}
    for key in sorted({*additions, *removals}):
        if key.child_id not in context.children:
            continue
        for limit in context.units[key.unit_id].limits:
            period = limit.period(key.day, context.calendar) if limit.is_floor else None
            if period is not None and (key.child_id, limit.pk, period.first) not in found:
                cell = (key.child_id, limit.pk, period.first)
                found[cell] = _missing(context, key, limit, period, after, additions, counted)
    return tuple(shortfall for shortfall in found.values() if shortfall is not None)


def _missing(
    context: BookingContext,
    key: CellKey,
    limit: Limit,
    period: DateRange,
    after: Tally,
    additions: Collection[CellKey],
    counted: Counted,
) -> Shortfall | None:
    child = key.child_id
    planned = _days(context, after, limit, child, period)
    had = _days(context, Tally(counted.booked), limit, child, period)
    excused = _days(context, Tally(counted.excused), limit, child, period) - planned
    kept = {CellKey(child, unit, day) for day in planned for unit in after.units_on(child, day) & limit.units}
    own = any(each in additions or counted.booked.get(each) == context.family_id for each in kept)
    if not own or len(planned) >= len(had) > 0:
        return None
    needed = min(limit.count, _served(context, key, limit, period)) - len(excused)
    if len(planned) >= needed:
        return None
    return _shortfall(context, key, limit, period, planned=len(planned), needed=needed, giving_back=bool(had))


def left_to_book(context: BookingContext, keys: Iterable[CellKey]) -> tuple[str, ...]:
    """“Hugo : encore 1 jour possible la semaine du 7 septembre 2026.”, for each maximum that these cells count in."""
    if context.counted is None:
        return ()
    said: dict[str, None] = {}
    for key in sorted(keys, key=lambda key: (key.child_id, key.day, key.unit_id)):
        for limit in context.units[key.unit_id].limits:
            if limit.is_floor or not limit.counts(key.day, context.calendar):
                continue
            used = context.tally.used(limit, key.child_id, key.day, context.calendar)
            said[_left(context, key, limit, max(0, limit.count - used))] = None
    return tuple(said)


def _days(context: BookingContext, tally: Tally, limit: Limit, child: int, period: DateRange) -> set[date]:
    """The days of the period that the limit counts."""
    return {
        day
        for day in tally.days_of(child)
        if day in period and limit.counts(day, context.calendar) and tally.units_on(child, day) & limit.units
    }


def _served(context: BookingContext, key: CellKey, limit: Limit, period: DateRange) -> int:
    """On how many days of the period one of the units is really served, while the child is enrolled."""
    enrolment = context.enrolment(key)
    offers = [context.units[unit].offer for unit in limit.units if unit in context.units]
    return sum(
        1
        for day in period
        if limit.counts(day, context.calendar)
        and (enrolment is None or enrolment.starts_on <= day <= enrolment.ends_on)
        and any(context.calendar.serves(offer, day) for offer in offers)
    )


# Words


def _too_many(
    context: BookingContext, child_id: int, unit: BookableUnit, limit: Limit, day: date, kept: int
) -> Refusal:
    """The fact, the rule, the way out. More may be counted than the limit allows: agents pass over it."""
    child = context.children[child_id].first_name
    words = {
        "child": child,
        "days": limit.amount(kept),
        "period": limit.named(day, context.calendar),
        "rule": limit.rule,
        "what": limit.what,
        "service": unit.service.address,
    }
    if kept:
        fact = _("%(child)s a déjà %(days)s %(period)s.") % words
        way = _("Vous pouvez en retirer sur le planning, ou contacter %(service)s.") % words
    else:
        fact = _("Ce serait trop pour %(child)s %(period)s.") % words
        way = _("Vous pouvez choisir autrement sur le planning, ou contacter %(service)s.") % words
    rule = _("La règle pour «\u00a0%(what)s\u00a0»\u00a0: %(rule)s.") % words
    return Refusal(
        rule=_RULES.get(limit.span, Rule.PERIOD_LIMIT),
        sentence=f"{fact} {rule} {way}",
        article=unit.offer.article,
        way_out=WayOut(WayOutKind.CHOOSE_OTHER_DAY, _("Changer les jours choisis")),
    )


def _shortfall(
    context: BookingContext,
    key: CellKey,
    limit: Limit,
    period: DateRange,
    *,
    planned: int,
    needed: int,
    giving_back: bool,
) -> Shortfall:
    child = context.children[key.child_id].first_name
    named = limit.named(key.day, context.calendar)
    missing = needed - planned
    words = {
        "child": child,
        "period": named,
        "what": limit.what,
        "rule": limit.rule,
        "planned": limit.amount(planned),
        "missing": language.words().integer(missing),
    }
    sentence = ngettext(
        "%(child)s, «\u00a0%(what)s\u00a0»\u00a0: il manque %(missing)s\u00a0jour %(period)s. La règle\u00a0: "
        "%(rule)s\u202f; vous en gardez %(planned)s.",
        "%(child)s, «\u00a0%(what)s\u00a0»\u00a0: il manque %(missing)s\u00a0jours %(period)s. La règle\u00a0: "
        "%(rule)s\u202f; vous en gardez %(planned)s.",
        missing,
    )
    way = (
        _("Vous pouvez garder plus de jours, ou annuler tous ceux de cette période.")
        if giving_back
        else _("Vous pouvez ajouter des jours, ou retirer ceux de cette période.")
    )
    return Shortfall(child, limit.what, named, period, planned, needed, f"{sentence % words} {way}")


def _left(context: BookingContext, key: CellKey, limit: Limit, left: int) -> str:
    words = {
        "child": context.children[key.child_id].first_name,
        "count": limit.amount(left),
        "what": limit.what,
        "period": limit.named(key.day, context.calendar),
    }
    if left:
        return (
            ngettext(
                "%(child)s, %(what)s\u00a0: encore %(count)s possible %(period)s.",
                "%(child)s, %(what)s\u00a0: encore %(count)s possibles %(period)s.",
                left,
            )
            % words
        )
    return _("%(child)s, %(what)s\u00a0: le nombre permis est atteint %(period)s.") % words

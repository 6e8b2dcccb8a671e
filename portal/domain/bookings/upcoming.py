"""The instants after which days stop being changeable, over what a `BookingContext` holds. Pure.

The home, the planning of a period, reminders and calendar feeds all ask this: what they announce is what `policy`
enforces, because both read the same windows.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from portal.domain import language
from portal.domain.activities.deadlines import Action, sentences
from portal.domain.activities.deadlines.window import ONE_MINUTE
from portal.domain.bookings.context import BookableUnit, BookingContext
from portal.domain.bookings.enums import Wish
from portal.domain.bookings.planning import UpcomingDeadline
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.clock import end_of_day, shift, to_utc


@dataclass(slots=True)
class _Group:
    """Service days that close at one instant, gathered from the family's lines."""

    days: set[date] = field(default_factory=set)
    units: dict[int, set[Wish]] = field(default_factory=dict)
    children: dict[int, str] = field(default_factory=dict)


def upcoming_deadlines(
    context: BookingContext,
    *,
    days: DateRange,
    at: datetime,
    first_until: date | None = None,
    limit: int | None = None,
) -> tuple[UpcomingDeadline, ...]:
    """When the served days of `days` close, soonest first: those that are open at `at`, for children whom the person
    may book, in activities that families change themselves.

    `first_until` leaves out a deadline whose first day comes later: its days would be known by half.
    """
    groups: dict[datetime, _Group] = {}
    for unit in sorted(context.units.values(), key=lambda each: each.rank):
        for day, children in _served(context, unit, days).items():
            for wish in Wish:
                window = context.window(unit, wish, day)
                if window.last_shown is None or not window.allows(at):
                    continue
                # A day gone cannot change either, whatever a fixed instant allows.
                closes_at = min(window.last_shown, shift(end_of_day(day), -ONE_MINUTE), key=to_utc)
                group = groups.setdefault(closes_at, _Group())
                group.days.add(day)
                group.units.setdefault(unit.pk, set()).add(wish)
                group.children |= children
    announced = {
        closes_at: group
        for closes_at, group in groups.items()
        if first_until is None or min(group.days) <= first_until
    }
    soonest = sorted(announced.items(), key=lambda item: to_utc(item[0]))
    return tuple(_said(context, closes_at, group) for closes_at, group in soonest[:limit])


def _said(context: BookingContext, closes_at: datetime, group: _Group) -> UpcomingDeadline:
    units = [(context.units[pk], wishes) for pk, wishes in group.units.items()]
    ending = {wish for _, wishes in units for wish in wishes}
    return UpcomingDeadline(
        closes_at=closes_at,
        may_book=Wish.ADD in ending,
        may_cancel=Wish.REMOVE in ending,
        days=tuple(sorted(group.days)),
        labels=tuple(dict.fromkeys(unit.label for unit, _ in units)),
        # In the family's order, not that of the activities.
        children=tuple(context.children[pk].first_name for pk in context.children if pk in group.children),
        rules=tuple(dict.fromkeys(rule for unit, wishes in units for rule in _rules(unit, wishes))),
    )


def _rules(unit: BookableUnit, wishes: set[Wish]) -> Iterable[str]:
    """As the règlement prints them."""
    spoken = language.spoken()
    if unit.one_rule:
        yield sentences.rule(unit.deadline(Wish.ADD), Action.CHANGE, language=spoken)
        return
    for wish, action in ((Wish.ADD, Action.BOOK), (Wish.REMOVE, Action.CANCEL)):
        if wish in wishes:
            yield sentences.rule(unit.deadline(wish), action, language=spoken)


def _served(context: BookingContext, unit: BookableUnit, days: DateRange) -> dict[date, dict[int, str]]:
    """The service days of a unit that concern children of the family, with these children."""
    served: dict[date, dict[int, str]] = {}
    if not (unit.shown and unit.editable):
        return served
    for enrolment in context.enrolments.values():
        child = context.children[enrolment.child_id]
        if enrolment.activity_id != unit.activity_id or not (enrolment.accepted and child.may_book):
            continue
        within = days.intersection(DateRange(enrolment.starts_on, enrolment.ends_on))
        for day in context.calendar.served_days(unit.offer, within) if within else ():
            served.setdefault(day, {})[child.pk] = child.first_name
    return served

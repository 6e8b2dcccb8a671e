"""Whole periods in one go: “every Monday and Thursday until December, for both children”."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from portal.domain.accounts.models import User
from portal.domain.activities.late import is_late
from portal.domain.bookings.codes import CellKey, UnknownCell
from portal.domain.bookings.context import BookableUnit, BookingContext
from portal.domain.bookings.draft import Choice, rework
from portal.domain.bookings.enums import Wish
from portal.domain.bookings.loading import Scope, key_of
from portal.domain.bookings.models import BasketLine
from portal.domain.bookings.outcomes import DraftChange, LeftOut
from portal.domain.bookings.policy import late_only, why_not
from portal.domain.families.models import Family
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.refusals import Refusal, Rule

#: Nobody books further than the next school year: beyond, a period is cut before it is read.
BEFORE, AFTER = timedelta(days=366), timedelta(days=800)

#: Said of one day, these are true of all.
ALL_DAYS_ALIKE = frozenset(
    {Rule.NO_RIGHT, Rule.NOT_ENROLLED, Rule.READ_ONLY_ACTIVITY, Rule.NEVER_ONLINE, Rule.INCOMPLETE_FILE}
)


def change_period(
    *,
    family: Family,
    sense: Wish,
    children: Collection[int],
    activity: int | None,
    unit: int | None,
    days: DateRange,
    weekdays: frozenset[int],
    by: User,
    at: datetime,
) -> DraftChange:
    """Wish for, or give back, the same ISO weekdays of a period for several children, in the draft.

    Reserving names an `activity` (all its units, or the one `unit`); cancelling may name none and then takes them all.
    Each day follows the rules of `change_draft`: what is closed, full or too late is left out and listed. Days before
    an activity opens or after it ends are listed once each, and a child who is not enrolled once.

    Raises UnknownCell, and writes nothing, for a child, activity or unit out of the person's reach; ValueError when a
    reservation names no activity.
    """
    if sense == Wish.ADD and activity is None:
        raise ValueError("a reservation names its activity")
    today = paris_date(at)
    within = days.intersection(DateRange(today - BEFORE, today + AFTER))

    def choose(context: BookingContext, lines: list[BasketLine]) -> Choice:
        for child in children:
            if child not in context.children:
                raise UnknownCell(str(child))
        units = _units(context, activity, unit)
        if sense == Wish.REMOVE:
            return Choice(unticked=_booked(context, lines, children, units, within, weekdays))
        choice = Choice()
        for child in children:
            for each in units:
                _add_line(choice, context, child, each, days=days, within=within, weekdays=weekdays, at=at)
        choice.ticked.sort(key=lambda key: key.day)
        return choice

    return rework(
        family=family,
        by=by,
        at=at,
        scope=Scope(within or DateRange(today, today), activities=[activity] if activity else []),
        choose=choose,
        wanted_days=[day for day in within or () if sense == Wish.ADD and day.isoweekday() in weekdays],
    )


def _units(context: BookingContext, activity: int | None, unit: int | None) -> list[BookableUnit]:
    units = sorted(
        (each for each in context.units.values() if activity in (None, each.activity_id) and unit in (None, each.pk)),
        key=lambda each: each.rank,
    )
    if not units and (activity is not None or unit is not None):
        raise UnknownCell(f"{activity}.{unit}")
    return units


def _booked(
    context: BookingContext,
    lines: list[BasketLine],
    children: Collection[int],
    units: list[BookableUnit],
    days: DateRange | None,
    weekdays: frozenset[int],
) -> list[CellKey]:
    """The cells booked, or wished for in the draft, that the period covers."""
    wanted = {each.pk for each in units}
    keys = {*context.booked, *(key_of(line) for line in lines if line.wish == Wish.ADD)}
    return sorted(
        (
            key
            for key in keys
            if key.child_id in children
            and key.unit_id in wanted
            and days is not None
            and key.day in days
            and key.day.isoweekday() in weekdays
        ),
        key=lambda key: key.day,
    )


def _add_line(
    choice: Choice,
    context: BookingContext,
    child: int,
    unit: BookableUnit,
    *,
    days: DateRange,
    within: DateRange | None,
    weekdays: frozenset[int],
    at: datetime,
) -> None:
    """The days of one child in one unit; what would be said of every day is said once."""
    served = within.intersection(unit.offer.period) if within else None
    wanted = [day for day in served if day.isoweekday() in weekdays] if served else []
    offered = [day for day in wanted if day.isoweekday() in unit.offer.weekdays]
    probe = wanted[0] if wanted else days.first
    refusal = why_not(context, wish=Wish.ADD, child_id=child, unit_id=unit.pk, day=probe, at=at)
    once: dict[date, Refusal | None] = (
        {probe: refusal} if refusal and (refusal.rule in ALL_DAYS_ALIKE or not offered) else {}
    )
    if not once:
        late = {day for day in offered if is_late(context.late_window(unit, day), at)}
        choice.ticked += [CellKey(child, unit.pk, day) for day in offered if day not in late]
        once |= {day: late_only(context, CellKey(child, unit.pk, day), at=at) for day in late}
        for day in (days.first, days.last):
            if day not in unit.offer.period:
                once[day] = why_not(context, wish=Wish.ADD, child_id=child, unit_id=unit.pk, day=day, at=at)
    choice.refused += [
        LeftOut(
            code="",
            child_name=context.children[child].first_name,
            label=unit.label,
            day=day,
            wish=Wish.ADD,
            refusal=refusal,
        )
        for day, refusal in once.items()
        if refusal is not None
    ]

"""What comes: the next deadlines of a family, and what each child does on a day."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, OuterRef, Subquery

from portal.domain.accounts.models import User
from portal.domain.activities.models import Unit
from portal.domain.bookings.context import BookableUnit, BookingContext
from portal.domain.bookings.enums import Wish
from portal.domain.bookings.grid import planning_child
from portal.domain.bookings.loading import Scope, load_children, load_context
from portal.domain.bookings.models import Booking
from portal.domain.bookings.rows import label_of
from portal.domain.bookings.summaries import ChildDay, DayEntry, UpcomingDeadline
from portal.domain.families.models import Family
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.clock import paris_date, to_utc
from portal.domain.kernel.school_year import SchoolYear

#: A deadline is announced when its first service day is less than half a year away; its days are then looked for a
#: month further, so that none is announced with half of its week or month.
HORIZON, BEYOND = timedelta(weeks=26), timedelta(days=31)


@dataclass(slots=True)
class _Group:
    """Service days that close at one instant, gathered from the family's lines."""

    days: set[date] = field(default_factory=set)
    labels: dict[str, None] = field(default_factory=dict)
    children: dict[str, None] = field(default_factory=dict)
    wishes: set[Wish] = field(default_factory=set)


def next_deadlines(*, family: Family, user: User, at: datetime, limit: int = 3) -> tuple[UpcomingDeadline, ...]:
    """The coming instants after which days of the family's accepted enrolments stop being changeable, soonest first.

    Only days that are open now, for children whom the person may book, in activities that families change themselves.
    As many queries as a planning, whatever the number of days looked at.
    """
    today = paris_date(at)
    context = load_context(
        family=family,
        user=user,
        scope=Scope(DateRange(today, today)),
        today=today,
        calendar_until=today + HORIZON + BEYOND,
    )
    groups: dict[datetime, _Group] = {}
    for unit in sorted(context.units.values(), key=lambda each: each.rank):
        for day, children in _served(context, unit, today).items():
            for wish in Wish:
                window = context.window(unit, wish, day)
                if window.last_shown is None or not window.allows(at):
                    continue
                group = groups.setdefault(window.last_shown, _Group())
                group.days.add(day)
                group.labels[unit.label] = None
                group.children |= dict.fromkeys(children)
                group.wishes.add(wish)
    announced = {closes_at: group for closes_at, group in groups.items() if min(group.days) <= today + HORIZON}
    soonest = sorted(announced.items(), key=lambda item: to_utc(item[0]))
    return tuple(
        UpcomingDeadline(
            closes_at=closes_at,
            may_book=Wish.ADD in group.wishes,
            may_cancel=Wish.REMOVE in group.wishes,
            days=tuple(sorted(group.days)),
            labels=tuple(group.labels),
            children=tuple(group.children),
        )
        for closes_at, group in soonest[:limit]
    )


def day_summary(*, family: Family, user: User, day: date) -> tuple[ChildDay, ...]:
    """What each child does that day, by the bookings of all their households, in two queries."""
    children = load_children(family=family, user=user, school_year=SchoolYear.of(day).start)
    entries: dict[int, list[DayEntry]] = {pk: [] for pk in children}
    beside = Unit.objects.filter(activity=OuterRef("unit__activity")).order_by().values("activity")
    bookings: Iterable[Any] = (
        Booking.objects.booked()
        .filter(child__in=children, day=day)
        .select_related("unit__activity__structure")
        .annotate(beside=Subquery(beside.annotate(number=Count("pk")).values("number")))
        .order_by("unit__starts_at", "unit__activity__order", "unit__order", "unit")
    )
    for booking in bookings:
        unit, activity = booking.unit, booking.unit.activity
        entries[booking.child_id].append(
            DayEntry(
                unit_id=unit.pk,
                label=label_of(activity.short_name, unit.name, alone=booking.beside == 1),
                activity_name=activity.name,
                structure=activity.structure.name,
                starts_at=unit.starts_at,
                ends_at=unit.ends_at,
            )
        )
    return tuple(ChildDay(planning_child(child, on=day), entries[pk]) for pk, child in children.items())


def _served(context: BookingContext, unit: BookableUnit, today: date) -> dict[date, list[str]]:
    """The service days of a unit that concern children of the family, with their first names."""
    days: dict[date, list[str]] = {}
    if not (unit.shown and unit.editable):
        return days
    for enrolment in context.enrolments.values():
        child = context.children[enrolment.child_id]
        if enrolment.activity_id != unit.activity_id or not (enrolment.accepted and child.may_book):
            continue
        horizon = DateRange(today, today + HORIZON + BEYOND)
        within = horizon.intersection(DateRange(enrolment.starts_on, enrolment.ends_on))
        for day in context.calendar.served_days(unit.offer, within) if within else ():
            days.setdefault(day, []).append(child.first_name)
    return days

"""What comes: the next deadlines of a family, and what each child does on a day."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, OuterRef, Subquery

from portal.domain.accounts.models import User
from portal.domain.activities.models import Unit
from portal.domain.bookings.codes import CellKey
from portal.domain.bookings.context import BookingContext, FamilyChild
from portal.domain.bookings.grid import planning_child
from portal.domain.bookings.loading import Scope, load_children, load_context
from portal.domain.bookings.models import Booking
from portal.domain.bookings.notes import notes_of
from portal.domain.bookings.planning import UpcomingDeadline
from portal.domain.bookings.rows import label_of
from portal.domain.bookings.summaries import ChildDay, DayEntry
from portal.domain.bookings.upcoming import upcoming_deadlines
from portal.domain.families.models import Family
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.school_year import SchoolYear

#: A deadline is announced when its first service day is less than half a year away; its days are then looked for a
#: month further, so that none is announced with half of its week or month.
HORIZON, BEYOND = timedelta(weeks=26), timedelta(days=31)


def next_deadlines(*, family: Family, user: User, at: datetime, limit: int | None = 3) -> tuple[UpcomingDeadline, ...]:
    """The coming instants after which days of the family's accepted enrolments stop being changeable, soonest first.

    Only days that are open now, for children whom the person may book, in activities that families change themselves.
    As many queries as a planning, whatever the number of days looked at. Without `limit`, all of them.
    """
    return _deadlines(_context(family, user, at), at=at, limit=limit)


def what_comes(
    *, family: Family, user: User, at: datetime, limit: int, day: date
) -> tuple[tuple[UpcomingDeadline, ...], tuple[ChildDay, ...]]:
    """`next_deadlines` and the `day_summary` of one day, the children read once for both."""
    context = _context(family, user, at)
    alike = SchoolYear.of(day) == SchoolYear.of(paris_date(at))  # a child changes class with the school year
    days = _summary(family, user, DateRange(day, day), noted=False, children=context.children if alike else None)
    return _deadlines(context, at=at, limit=limit), days[day]


def _context(family: Family, user: User, at: datetime) -> BookingContext:
    today = paris_date(at)
    return load_context(
        family=family,
        user=user,
        scope=Scope(DateRange(today, today)),
        today=today,
        calendar_until=today + HORIZON + BEYOND,
    )


def _deadlines(context: BookingContext, *, at: datetime, limit: int | None) -> tuple[UpcomingDeadline, ...]:
    today = paris_date(at)
    return upcoming_deadlines(
        context,
        days=DateRange(today, today + HORIZON + BEYOND),
        at=at,
        first_until=today + HORIZON,
        limit=limit,
    )


def day_summary(*, family: Family, user: User, day: date) -> tuple[ChildDay, ...]:
    """What each child does that day, by the bookings of all their households, in two queries."""
    return days_summary(family=family, user=user, days=DateRange(day, day))[day]


def days_summary(
    *, family: Family, user: User, days: DateRange, noted: bool = False
) -> dict[date, tuple[ChildDay, ...]]:
    """The same for each day of a period: a child without a booking is there with nothing.

    Two queries; with `noted`, those of the packages that say more of a booked day (`notes`), whatever their number.
    """
    return _summary(family, user, days, noted=noted)


def _summary(
    family: Family, user: User, days: DateRange, *, noted: bool, children: Mapping[int, FamilyChild] | None = None
) -> dict[date, tuple[ChildDay, ...]]:
    if children is None:
        children = load_children(family=family, user=user, school_year=SchoolYear.of(days.first).start)
    entries: dict[tuple[date, int], list[DayEntry]] = {(day, pk): [] for day in days for pk in children}
    beside = Unit.objects.filter(activity=OuterRef("unit__activity")).order_by().values("activity")
    bookings: Iterable[Any] = (
        Booking.objects.booked()
        .filter(child__in=children, day__range=(days.first, days.last))
        .select_related("unit__activity__structure")
        .annotate(beside=Subquery(beside.annotate(number=Count("pk")).values("number")))
        .order_by("unit__starts_at", "unit__activity__order", "unit__order", "unit")
    )
    notes = notes_of({_key(booking): booking.enrolment_id for booking in bookings}) if noted else {}
    for booking in bookings:
        unit, activity = booking.unit, booking.unit.activity
        entries[booking.day, booking.child_id].append(
            DayEntry(
                unit_id=unit.pk,
                label=label_of(activity.short_name, unit.name, alone=booking.beside == 1),
                activity_name=activity.name,
                structure=activity.structure.name,
                starts_at=unit.starts_at,
                ends_at=unit.ends_at,
                note=notes.get(_key(booking).code, ""),
            )
        )
    return {
        day: tuple(ChildDay(planning_child(child, on=day), entries[day, pk]) for pk, child in children.items())
        for day in days
    }


def _key(booking: Booking) -> CellKey:
    return CellKey(booking.child_id, booking.unit_id, booking.day)

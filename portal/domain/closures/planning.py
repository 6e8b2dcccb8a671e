"""What a closure would do, before anything is written: the same reading shows it and does it.

A constant number of queries, whatever the families and the days booked.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import Q, QuerySet

from portal.domain.absences.pricing import price_effects
from portal.domain.activities.models import Activity, Closure, Structure
from portal.domain.bookings.context import BookableUnit
from portal.domain.bookings.enums import BookingState, Wish
from portal.domain.bookings.models import BasketLine, Booking
from portal.domain.bookings.rows import read_units
from portal.domain.closures.rules import fall_with
from portal.domain.families.models import Family
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.money import total
from portal.domain.notices.services import Reach, reach_families

WHOLE_TOWN = "toute la commune"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A closure as an agent asks for it: the whole town, or a structure or an activity (keys)."""

    days: DateRange
    reason: str
    message: str = ""
    structure: int | None = None
    activity: int | None = None

    def about(self, prefix: str = "") -> Q:
        """The condition on a row with a `unit` and a `day`: closed with it."""
        condition = Q(**{f"{prefix}day__range": (self.days.first, self.days.last)})
        if self.activity is not None:
            condition &= Q(**{f"{prefix}unit__activity": self.activity})
        elif self.structure is not None:
            condition &= Q(**{f"{prefix}unit__activity__structure": self.structure})
        return condition

    def place(self) -> str:
        """What closes, in words. One query at most."""
        if self.activity is not None:
            return Activity.objects.get(pk=self.activity).full_name
        if self.structure is not None:
            return Structure.objects.get(pk=self.structure).name
        return WHOLE_TOWN


@dataclass(frozen=True, slots=True)
class Cancelled:
    """A booking that the closure cancels. `credit` in euros is what it would have cost."""

    booking: Booking
    label: str
    activity: str
    credit: Decimal
    is_tied: bool

    @property
    def day(self) -> date:
        return self.booking.day

    @property
    def holds_place(self) -> bool:
        return self.booking.place_given_back_at is None


@dataclass(frozen=True, slots=True)
class Dropped:
    """A line of a draft that the closure takes out. `is_wish`: it asked for a day; else it cancelled one."""

    line: BasketLine
    label: str
    is_tied: bool

    @property
    def is_wish(self) -> bool:
        return self.line.wish == Wish.ADD


@dataclass(frozen=True, slots=True)
class DayLine:
    """What one day of one activity loses."""

    day: date
    activity: str
    bookings: int
    wishes: int
    credits: Decimal


@dataclass(frozen=True, slots=True)
class Plan:
    """What the closure does, whole. `digest` names it: `declare_closure` refuses when it is no longer the same."""

    wanted: Wanted
    cancelled: tuple[Cancelled, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    families: tuple[Family, ...] = ()
    reach: dict[int, Reach] = field(default_factory=dict)
    units: dict[int, BookableUnit] = field(default_factory=dict)
    already: tuple[Closure, ...] = ()

    @property
    def credits(self) -> Decimal:
        """Euros."""
        return total(each.credit for each in self.cancelled)

    @property
    def wishes(self) -> tuple[Dropped, ...]:
        """The days asked for in drafts, which nobody can have any more."""
        return tuple(each for each in self.dropped if each.is_wish)

    @property
    def told(self) -> tuple[Family, ...]:
        """The families that a notice or a mail reaches."""
        return tuple(family for family in self.families if self._reached(family))

    @property
    def unreached(self) -> tuple[Family, ...]:
        """Those whom somebody must telephone."""
        return tuple(family for family in self.families if not self._reached(family))

    @property
    def days(self) -> list[DayLine]:
        """By day, then activity."""
        found: dict[tuple[date, str], tuple[list[Decimal], list[int]]] = defaultdict(lambda: ([], []))
        for each in self.cancelled:
            found[each.day, each.activity][0].append(each.credit)
        for one in self.wishes:
            found[one.line.day, self.units[one.line.unit_id].activity_name][1].append(1)
        return [
            DayLine(day, activity, len(credits), len(wishes), total(credits))
            for (day, activity), (credits, wishes) in sorted(found.items())
        ]

    @property
    def digest(self) -> str:
        """Of what is asked, of each booking with its credit, of each line, of whom is told and where."""
        wanted = self.wanted
        said = [
            f"{wanted.days.first} {wanted.days.last} {wanted.structure} {wanted.activity}",
            wanted.reason,
            wanted.message,
            *(f"b{each.booking.pk} {each.booking.family_id} {each.credit}" for each in self.cancelled),
            *(f"l{each.line.pk} {each.line.basket_id}" for each in self.dropped),
            *(
                f"f{key} {[user.pk for user in reach.users]} {reach.addresses}"
                for key, reach in sorted(self.reach.items())
            ),
        ]
        return hashlib.sha256("\n".join(said).encode()).hexdigest()

    def of(self, family: int) -> tuple[list[Cancelled], list[Dropped]]:
        """What one family loses, in the order of the days."""
        return (
            [each for each in self.cancelled if each.booking.family_id == family],
            [each for each in self.dropped if each.line.basket.family_id == family],
        )

    def _reached(self, family: Family) -> bool:
        reach = self.reach[family.pk]
        return bool(reach.users or reach.addresses)


def read_plan(wanted: Wanted) -> Plan:
    """What the closure would do now."""
    bookings = list(_bookings(Booking.objects.filter(wanted.about())))
    lines = list(_lines(BasketLine.objects.filter(wanted.about())))
    closed = {*map(_cell, bookings), *map(_cell, lines)}
    children = {child for child, _day, _unit in closed}
    others, other_lines = _beside(wanted, children)
    units, relations = read_units(
        activities=(), units={unit for _child, _day, unit in (*closed, *map(_cell, others), *map(_cell, other_lines))}
    )
    present: dict[tuple[int, date], set[int]] = defaultdict(set)
    shut: dict[tuple[int, date], set[int]] = defaultdict(set)
    for child, day, unit in closed:
        shut[child, day].add(unit)
    for booking in (*bookings, *others):
        present[booking.child_id, booking.day].add(booking.unit_id)
    for line in (*lines, *other_lines):
        present[line.child_id, line.day].add(line.unit_id)
    tied = {
        (child, day, unit)
        for (child, day), gone in shut.items()
        for unit in fall_with(relations, present[child, day], gone)
    }
    bookings += [each for each in others if _cell(each) in tied]
    lines += [each for each in other_lines if _cell(each) in tied]
    return _plan(wanted, bookings, lines, units, tied)


def _cell(each: Booking | BasketLine) -> tuple[int, date, int]:
    return each.child_id, each.day, each.unit_id


def _plan(
    wanted: Wanted,
    bookings: Sequence[Booking],
    lines: Sequence[BasketLine],
    units: dict[int, BookableUnit],
    tied: Collection[tuple[int, date, int]],
) -> Plan:
    effects = price_effects([booking.pk for booking in bookings])

    def rank(each: Booking | BasketLine) -> tuple[object, ...]:
        return (each.day, units[each.unit_id].rank, each.child.last_name, each.child.first_name, each.pk)

    cancelled = [
        Cancelled(
            booking,
            label=units[booking.unit_id].label,
            activity=units[booking.unit_id].activity_name,
            credit=effects[booking.pk].amount if booking.pk in effects else booking.unit_price,
            is_tied=_cell(booking) in tied,
        )
        for booking in sorted(bookings, key=rank)
    ]
    dropped = [Dropped(line, units[line.unit_id].label, _cell(line) in tied) for line in sorted(lines, key=rank)]
    # A draft that only gave a day back loses nothing that its family must hear of beside the day itself.
    keys = {each.booking.family_id for each in cancelled}
    keys |= {each.line.basket.family_id for each in dropped if each.is_wish}
    families = Family.objects.filter(pk__in=keys).order_by("name", "pk")
    return Plan(
        wanted,
        cancelled=tuple(cancelled),
        dropped=tuple(dropped),
        families=tuple(families),
        reach=reach_families(sorted(keys)),
        units=units,
        already=tuple(closures_over(wanted)),
    )


def _beside(wanted: Wanted, children: Collection[int]) -> tuple[list[Booking], list[BasketLine]]:
    """What those children have the same days in places that stay open."""
    if not children or (wanted.structure is None and wanted.activity is None):
        return [], []
    days = Q(day__range=(wanted.days.first, wanted.days.last), child__in=children)
    return (
        list(_bookings(Booking.objects.filter(days).exclude(wanted.about()))),
        list(_lines(BasketLine.objects.filter(days).exclude(wanted.about()))),
    )


def _bookings(found: QuerySet[Booking]) -> QuerySet[Booking]:
    return found.filter(state=BookingState.BOOKED).select_related("child", "tariff_version__tariff").order_by("pk")


def _lines(found: QuerySet[BasketLine]) -> QuerySet[BasketLine]:
    return found.select_related("child", "basket").order_by("pk")


def closures_over(wanted: Wanted) -> Iterable[Closure]:
    """The closures that hold some of these days for all that is closed here."""
    wider = Q(structure=None, activity=None)
    if wanted.activity is not None:
        wider |= Q(activity=wanted.activity) | Q(structure__activities=wanted.activity)
    elif wanted.structure is not None:
        wider |= Q(structure=wanted.structure)
    closures = Closure.objects.filter(wider, starts_on__lte=wanted.days.last, ends_on__gte=wanted.days.first)
    return closures.order_by("starts_on", "pk").distinct()

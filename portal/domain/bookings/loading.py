"""Building a `BookingContext` from the database, in a constant number of queries.

Whatever the number of children, activities, days and families: one query each for children with their enrolments,
units (with what they are to each other), bookings, calendar, prices and whether there is a draft, one more for its
lines; and, for a page, the full days, with one more when some are full (whose drafts have lapsed and hold nothing any
more). One more still where a unit has limits.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from django.db.models import Count, Q

from portal.domain.accounts.models import User
from portal.domain.activities.queries import load_calendar
from portal.domain.bookings.codes import CellKey
from portal.domain.bookings.context import BookingContext, FamilyChild, LiveEnrolment
from portal.domain.bookings.models import BasketLine
from portal.domain.bookings.room import PlaceKey, Room
from portal.domain.bookings.rows import (
    has_draft,
    read_bookings,
    read_children,
    read_counted,
    read_people,
    read_places,
    read_units,
)
from portal.domain.dossier.gate import why_blocked
from portal.domain.families.models import Family
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.refusals import Refusal
from portal.domain.kernel.school_year import SchoolYear
from portal.domain.pricing.situations import load_situations
from portal.domain.tariffs.queries import load_price_book


@dataclass(frozen=True, slots=True)
class Scope:
    """What to load: the bookings of `days` and of the days of `cells`; the units of the family's activities, of
    `activities` and of `cells`.
    """

    days: DateRange
    cells: Collection[CellKey] = ()
    activities: Collection[int] = ()
    other_days: frozenset[date] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "other_days", frozenset(key.day for key in self.cells) - frozenset(self.days))

    @classmethod
    def of_cells(cls, cells: Collection[CellKey], *, otherwise: date) -> "Scope":
        """The smallest scope for these cells; without any, the day given."""
        days = [key.day for key in cells] or [otherwise]
        return cls(days=DateRange(min(days), min(days)), cells=cells)

    def with_cells(self, cells: Collection[CellKey]) -> "Scope":
        """The same with more cells."""
        return replace(self, cells=[*self.cells, *cells])

    @property
    def whole(self) -> DateRange:
        """From the first to the last day of all."""
        days = {self.days.first, self.days.last, *self.other_days}
        return DateRange(min(days), max(days))

    def until(self, day: date | None) -> DateRange:
        """The whole, up to `day` at least."""
        whole = self.whole
        return DateRange(whole.first, max(whole.last, day or whole.last))

    def on(self, column: str = "day") -> Q:
        """The condition on a day column."""
        condition = Q(**{f"{column}__range": (self.days.first, self.days.last)})
        if self.other_days:
            condition |= Q(**{f"{column}__in": sorted(self.other_days)})
        return condition


def load_context(
    *,
    family: Family,
    user: User | None,
    scope: Scope,
    today: date,
    calendar_until: date | None = None,
    at: datetime | None = None,
    limited_at: datetime | None = None,
) -> BookingContext:
    """The context of a family for these days, without places.

    `user` None reads the rights of the household alone: nobody is asking, the family's draft is being looked at.
    `calendar_until` reads holidays and closures further than the scope. With `at`, what an incomplete dossier closes
    at that instant is read too, and what counts for the limits of the units where they have some: whoever adds days
    asks for both, and with `limited_at` for the limits alone.
    """
    children, enrolments = read_people(
        family=family.pk,
        user=user.pk if user else None,
        school_year=SchoolYear.of(scope.days.first).start,
        since=min(scope.whole.first, today),
    )
    booked, cancelled = read_bookings(children=children, days=scope.days, others=scope.other_days)
    units, relations = read_units(
        activities={enrolment.activity_id for enrolment in enrolments} | {*scope.activities},
        units={key.unit_id for key in scope.cells} | {key.unit_id for key in booked},
    )
    days = scope.until(calendar_until)
    counted = None
    limits = {limit for unit in units.values() for limit in unit.limits}
    if limits and (counted_at := limited_at or at) is not None:
        reaches = [limit.reach(scope.whole) for limit in limits]
        reach = DateRange(min(each.first for each in reaches), max(each.last for each in reaches))
        # A day counts with others that nobody looks at now: they are read too, and the calendar that says which.
        days = DateRange(min(days.first, reach.first), max(days.last, reach.last))
        limited = {unit for limit in limits for unit in limit.units}
        counted = read_counted(family=family.pk, children=children, units=limited, days=reach, at=counted_at)
    prices = load_price_book(units)
    context = BookingContext(
        family_id=family.pk,
        children=children,
        units=units,
        enrolments={(enrolment.child_id, enrolment.activity_id): enrolment for enrolment in enrolments},
        calendar=load_calendar(days, {unit.offer.structure_id for unit in units.values()}),
        prices=prices,
        situations=load_situations(
            family=family.pk,
            book=prices,
            units=units,
            present=[key for key, each in booked.items() if each.family_id == family.pk],
        ),
        relations=relations,
        booked=booked,
        cancelled=cancelled,
        blocked=_blocked(family, children, enrolments, at) if at is not None else {},
        counted=counted,
    )
    context.recount()
    return context


def _blocked(
    family: Family, children: Collection[int], enrolments: Collection[LiveEnrolment], at: datetime
) -> dict[int, Refusal]:
    """The children for whom no day can be booked, asked for the activities in which they are enrolled."""
    activities: dict[int, set[int]] = {}
    for enrolment in enrolments:
        activities.setdefault(enrolment.child_id, set()).add(enrolment.activity_id)
    return why_blocked(family=family, children=children, activities=activities, at=at)


def load_children(*, family: Family, user: User | None, school_year: int) -> dict[int, FamilyChild]:
    """The children of the family whom the person may see, in its order.

    The rule is that of `families.access`: a right is held by the person and by the household over the child.
    """
    return read_children(family=family.pk, user=user.pk if user else None, school_year=school_year)


def load_lines(family: Family) -> list[BasketLine]:
    """The lines of the family's draft if it has one: one query without draft, as most pages are, two with."""
    return read_lines(family) if has_draft(family=family.pk) else []


def read_lines(family: Family) -> list[BasketLine]:
    """The lines of the family's draft with their draft, child and tariff, in one query.

    In the order of validation: first asked, first served.
    """
    return list(
        BasketLine.objects.filter(basket__family=family)
        .select_related("basket__changed_by", "child", "tariff_version__tariff")
        .order_by("added_at", "day", "pk")
    )


def key_of(line: BasketLine) -> CellKey:
    """The cell of a line."""
    return CellKey(line.child_id, line.unit_id, line.day)


def load_room(context: BookingContext, scope: Scope, *, at: datetime, exact: bool = False) -> Room:
    """The places left as a page may show them: nothing is locked, nothing is decided.

    Only full days and those of the scope's cells are read, all of them when `exact`. Places held by drafts that have
    lapsed count as free: who validates releases them first.
    """
    pools = {pool: limit for unit in context.units.values() for pool, limit in unit.pools.items()}
    own_days = {key.day for key in scope.cells}
    days = {*scope.days, *scope.other_days}
    free = read_places(pools=pools, days=scope.days, others=scope.other_days, wished=own_days, everything=exact)
    if any(left is not None and left <= 0 for left in free.values()):
        for key, places in _lapsed_holds(context, pools, scope, at).items():
            left = free.get(key)
            if left is not None:
                free[key] = left + places
    # Where nobody needed a row yet, all the pool's places are left; a pool without any never has one to give.
    untouched = days if exact else own_days
    for pool, limit in pools.items():
        for day in days if limit == 0 else untouched:
            free.setdefault((pool, day), limit)
    return Room(free)


def _lapsed_holds(context: BookingContext, pools: Collection[int], scope: Scope, at: datetime) -> Counter[PlaceKey]:
    """Places still counted as held by the drafts of others whose time is over."""
    lines = (
        BasketLine.objects.filter(
            scope.on(), holding=True, basket__lapsed_at=None, basket__expires_at__lte=at, unit__pools__in=pools
        )
        .exclude(basket__family=context.family_id)
        .values_list("unit__pools", "day")
        .annotate(places=Count("pk"))
        .order_by()
    )
    return Counter({(pool, day): places for pool, day, places in lines})

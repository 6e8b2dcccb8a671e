"""Building a `BookingContext` from the database, in a constant number of queries.

Whatever the number of children, activities, days and families: one query each for children, enrolments, units,
bookings and the family's draft; those of the price book and of the calendar; and, for a page, the full days, with one
more when some are full (whose drafts have lapsed and hold nothing any more).
"""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import JSONObject

from portal.domain.accounts.models import User
from portal.domain.activities.models import Activity, Unit
from portal.domain.activities.queries import load_calendar, offer_of
from portal.domain.bookings.codes import CellKey
from portal.domain.bookings.context import (
    BookableUnit,
    BookingContext,
    FamilyChild,
    LiveBooking,
    LiveEnrolment,
    ServiceContact,
)
from portal.domain.bookings.enums import BookingState
from portal.domain.bookings.models import BasketLine, Booking, DayPlaces
from portal.domain.bookings.room import PlaceKey, Room
from portal.domain.enrolments.enums import EnrolmentState
from portal.domain.enrolments.models import Enrolment
from portal.domain.families.models import ChildLink, Family, Schooling
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.school_year import SchoolYear
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
    *, family: Family, user: User | None, scope: Scope, today: date, calendar_until: date | None = None
) -> BookingContext:
    """The context of a family for these days, without places.

    `user` None reads the rights of the household alone: nobody is asking, the family's draft is being looked at.
    `calendar_until` reads holidays and closures further than the scope.
    """
    children = load_children(family=family, user=user, school_year=SchoolYear.of(scope.days.first).start)
    enrolments = _load_enrolments(children, since=min(scope.whole.first, today))
    booked, cancelled = _load_bookings(children, scope)
    wanted_units = {key.unit_id for key in scope.cells} | {key.unit_id for key in booked}
    activities = {enrolment.activity_id for enrolment in enrolments} | {*scope.activities}
    units = _load_units(activities, wanted_units)
    return BookingContext(
        family_id=family.pk,
        children=children,
        units=units,
        enrolments={(enrolment.child_id, enrolment.activity_id): enrolment for enrolment in enrolments},
        calendar=load_calendar(scope.until(calendar_until), {unit.offer.structure_id for unit in units.values()}),
        prices=load_price_book(units),
        booked=booked,
        cancelled=cancelled,
    )


def load_children(*, family: Family, user: User | None, school_year: int) -> dict[int, FamilyChild]:
    """The children of the family whom the person may see, in its order, in one query.

    The rule is that of `families.access`: a right is held by the person and by the household over the child.
    """
    links = ChildLink.objects.filter(family=family, can_see=True)
    rights = ["can_book"]
    if user is not None:
        links = links.filter(family__members__adult__user=user, family__members__can_see=True)
        rights.append("family__members__can_book")
    level = Schooling.objects.filter(child=OuterRef("child"), school_year=school_year).values("level")
    rows = (
        links.annotate(level=Subquery(level[:1]))
        .order_by("order", "child__birth_date", "child_id")
        .values_list("child_id", "child__first_name", "child__last_name", "child__birth_date", "level", *rights)
    )
    return {
        pk: FamilyChild(pk, first_name, last_name, birth_date, level or "", all(may_book))
        for pk, first_name, last_name, birth_date, level, *may_book in rows
    }


def load_lines(family: Family) -> list[BasketLine]:
    """The lines of the family's draft with their draft, child and tariff, in one query; empty without draft.

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
    shown = scope.on()
    if not exact:
        shown &= Q(capacity__lte=F("taken") + F("held")) | Q(day__in=own_days)
    rows = {
        (pool, day): None if capacity is None else capacity - taken - held
        for pool, day, capacity, taken, held in DayPlaces.objects.filter(shown, pool__in=pools).values_list(
            "pool", "day", "capacity", "taken", "held"
        )
    }
    if any(free is not None and free <= 0 for free in rows.values()):
        for key, places in _lapsed_holds(context, pools, scope, at).items():
            free = rows.get(key)
            if free is not None:
                rows[key] = free + places
    # Where nobody needed a row yet, all the pool's places are left; a pool without any never has one to give.
    untouched = days if exact else own_days
    for pool, limit in pools.items():
        for day in days if limit == 0 else untouched:
            rows.setdefault((pool, day), limit)
    return Room(rows)


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


def _load_enrolments(children: Iterable[int], *, since: date) -> list[LiveEnrolment]:
    rows = (
        Enrolment.objects.live()
        .filter(child__in=list(children), activity__ends_on__gte=since)
        .order_by("pk")
        .values_list("pk", "child_id", "activity_id", "state", "starts_on", "ends_on")
    )
    return [
        LiveEnrolment(pk, child_id, activity_id, state == EnrolmentState.ACCEPTED, starts_on, ends_on)
        for pk, child_id, activity_id, state, starts_on, ends_on in rows
    ]


def _load_bookings(children: Iterable[int], scope: Scope) -> tuple[dict[CellKey, LiveBooking], frozenset[CellKey]]:
    rows = Booking.objects.filter(scope.on(), child__in=list(children)).values_list(
        "child_id", "unit_id", "day", "state", "pk", "enrolment_id", "family_id", "tariff_version_id", "unit_price"
    )
    booked: dict[CellKey, LiveBooking] = {}
    cancelled: set[CellKey] = set()
    for child_id, unit_id, day, state, pk, enrolment_id, family_id, version_id, price in rows:
        key = CellKey(child_id, unit_id, day)
        if state == BookingState.BOOKED:
            booked[key] = LiveBooking(pk, enrolment_id, family_id, version_id, price)
        else:
            cancelled.add(key)
    return booked, frozenset(cancelled - booked.keys())


def _load_units(activities: Collection[int], units: Collection[int]) -> dict[int, BookableUnit]:
    """The units of these activities and these units, with their pools, in one query."""
    links = Unit.pools.through.objects.filter(unit=OuterRef("pk")).order_by("placepool")
    pools = links.values(json=JSONObject(pool="placepool", limit="placepool__capacity"))
    found = list(
        Unit.objects.filter(Q(activity__in=activities) | Q(pk__in=units))
        .select_related("activity__service", "activity__type")
        .annotate(
            pool_limits=ArraySubquery(pools),
            siblings=units_beside("activity"),
        )
    )
    return {unit.pk: _bookable(unit, alone=unit.siblings == 1) for unit in found}


def _bookable(unit: Any, *, alone: bool) -> BookableUnit:
    activity: Activity = unit.activity
    service = activity.service
    return BookableUnit(
        offer=offer_of(unit),
        name=unit.name,
        label=label_of(activity.short_name, unit.name, alone=alone),
        activity_name=activity.name,
        activity_short_name=activity.short_name,
        shown=activity.shown_on_planning,
        editable=activity.editable_by_families,
        pools={link["pool"]: link["limit"] for link in unit.pool_limits},
        service=ServiceContact(service.name, service.phone, service.email, service.opening_hours),
        rank=(activity.type.order, activity.order, activity.pk, unit.order, unit.pk),
        starts_at=unit.starts_at,
        ends_at=unit.ends_at,
    )


def units_beside(activity: str) -> Subquery:
    """How many units an activity has, as an annotation of a query that reaches it by this path."""
    units = Unit.objects.filter(activity=OuterRef(activity)).order_by().values("activity")
    return Subquery(units.annotate(number=Count("pk")).values("number"))


def label_of(activity: str, unit: str, *, alone: bool) -> str:
    """What families call a unit: its activity's short name, and its own when the activity has several."""
    return activity if alone else f"{activity}, {unit[:1].lower()}{unit[1:]}"

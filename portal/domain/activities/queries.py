"""Reads of the activities: the calendar of a range of days, the rules of units, the table of deadlines."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import BigIntegerField, F, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Coalesce

from portal.domain.activities.deadlines import Action, Window, deadline_from_data
from portal.domain.activities.models import (
    Activity,
    CalendarSettings,
    Closure,
    PublicHoliday,
    SchoolHoliday,
    Unit,
)
from portal.domain.activities.opening import ClosedPeriod, Holiday, Offer, ServiceCalendar
from portal.domain.kernel.calendar import DateRange

DEFAULT_ZONE = "A"

# Deadlines count back from the first day shown: the calendar before it must be known too.
LOOK_BACK = timedelta(days=400)


def load_calendar(days: DateRange, structures: Iterable[int] | None = None) -> ServiceCalendar:
    """The town's calendar for `days` and the year before them, in one query whatever the range.

    `structures` (keys) limits the closures loaded to the town's, theirs and those of their activities; None
    loads all. A town without `CalendarSettings` reads zone A.
    """
    first, last = days.first - LOOK_BACK, days.last
    zone = CalendarSettings.objects.order_by("pk").values("zone")[:1]
    holidays = SchoolHoliday.objects.filter(
        zone=Coalesce(Subquery(zone), Value(DEFAULT_ZONE)), starts_on__lte=last, ends_on__gte=first
    )
    public_holidays = PublicHoliday.objects.filter(day__range=(first, last))
    closures = Closure.objects.filter(starts_on__lte=last, ends_on__gte=first)
    if structures is not None:
        keys = list(structures)
        closures = closures.filter(
            Q(structure=None, activity=None) | Q(structure__in=keys) | Q(activity__structure__in=keys)
        )
    # Every page of the family door reads this: one round trip, three tables.
    found: dict[str, list[tuple[date, int, date, str, int | None, int | None]]] = {"h": [], "p": [], "c": []}
    for kind, *row in _rows("h", holidays, name="name").union(
        _rows("p", public_holidays, name="name", first="day", last="day"),
        _rows("c", closures, name="reason", structure="structure", activity="activity"),
        all=True,
    ):
        found[kind].append(tuple(row))
    return ServiceCalendar(
        public_holidays={day: name for day, _, _, name, _, _ in found["p"]},
        holidays=tuple(Holiday(name, DateRange(start, end)) for start, _, end, name, _, _ in sorted(found["h"])),
        closures=tuple(
            ClosedPeriod(reason, DateRange(start, end), structure, activity)
            for start, _, end, reason, structure, activity in sorted(found["c"], key=lambda row: row[:2])
        ),
    )


def _rows(
    kind: str,
    rows: QuerySet[Any],
    *,
    name: str,
    first: str = "starts_on",
    last: str = "ends_on",
    structure: str = "",
    activity: str = "",
) -> Any:
    """Rows of one table in the shape shared by the three: kind, first day, key, last day, name, scope."""
    nobody = Cast(Value(None), BigIntegerField())
    return rows.annotate(
        row_kind=Value(kind),
        row_first=F(first),
        row_last=F(last),
        row_name=F(name),
        row_structure=F(structure) if structure else nobody,
        row_activity=F(activity) if activity else nobody,
    ).values_list("row_kind", "row_first", "pk", "row_last", "row_name", "row_structure", "row_activity")


def offer_of(unit: Unit) -> Offer:
    """The days and deadlines of `unit`; no query when its activity is loaded (`select_related("activity")`)."""
    activity = unit.activity
    return Offer(
        unit_id=unit.pk,
        activity_id=activity.pk,
        structure_id=activity.structure_id,
        starts_on=activity.starts_on,
        ends_on=activity.ends_on,
        service_days=activity.service_days,
        weekdays=frozenset(unit.weekdays),
        booking=deadline_from_data(unit.booking_deadline or activity.booking_deadline),
        cancellation=deadline_from_data(unit.cancellation_deadline or activity.cancellation_deadline),
        article=activity.rules_article,
    )


@dataclass(frozen=True, slots=True)
class DeadlineRow:
    """One service day of one unit: until when it may be booked and cancelled, and the rules in French."""

    day: date
    unit_code: str
    unit_name: str
    booking: Window
    cancellation: Window
    sentence: str


def deadline_table(*, activity: Activity, days: DateRange) -> list[DeadlineRow]:
    """The days of `days` that `activity` serves, unit by unit within a day, in two queries."""
    units = list(Unit.objects.filter(activity=activity).select_related("activity").order_by("order", "code"))
    calendar = load_calendar(days, [activity.structure_id])
    offers = [(unit, offer_of(unit)) for unit in units]
    rows = [
        DeadlineRow(
            day=day,
            unit_code=unit.code,
            unit_name=unit.name,
            booking=offer.booking.window(day, calendar),
            cancellation=offer.cancellation.window(day, calendar),
            sentence=rules_sentence(offer),
        )
        for unit, offer in offers
        for day in calendar.served_days(offer, days)
    ]
    # A stable sort: within a day, units stay in their own order.
    return sorted(rows, key=lambda row: row.day)


def rules_sentence(offer: Offer) -> str:
    """The règlement's sentence: one when booking and cancelling follow the same rule, else two."""
    if offer.booking == offer.cancellation:
        return offer.booking.sentence(Action.CHANGE)
    return f"{offer.booking.sentence(Action.BOOK)} {offer.cancellation.sentence(Action.CANCEL)}"

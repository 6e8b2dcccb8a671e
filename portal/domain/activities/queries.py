"""Reads of the activities: the calendar of a range of days, the rules of units, the table of deadlines."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from portal.domain import language
from portal.domain.activities.deadlines import Action, Window, deadline_from_data, sentences
from portal.domain.activities.late import LatePath
from portal.domain.activities.models import Activity, Unit
from portal.domain.activities.opening import ClosedPeriod, Holiday, Offer, ServiceCalendar
from portal.domain.kernel.calendar import DateRange

DEFAULT_ZONE = "A"

# Deadlines count back from the first day shown: the calendar before it must be known too.
LOOK_BACK = timedelta(days=400)


# Every page of the family door reads this: one round trip for three tables, in SQL because the ORM takes longer to
# write this union than PostgreSQL to answer it.
_CALENDAR = """
    SELECT 'school', id, starts_on, ends_on, name, NULL::bigint, NULL::bigint
      FROM activities_schoolholiday
     WHERE zone = COALESCE((SELECT zone FROM activities_calendarsettings ORDER BY id LIMIT 1), %(zone)s)
       AND starts_on <= %(last)s AND ends_on >= %(first)s
     UNION ALL
    SELECT 'public', id, day, day, name, NULL, NULL
      FROM activities_publicholiday
     WHERE day BETWEEN %(first)s AND %(last)s
     UNION ALL
    SELECT 'closed', closure.id, closure.starts_on, closure.ends_on, closure.reason,
           closure.structure_id, closure.activity_id
      FROM activities_closure AS closure
      LEFT JOIN activities_activity AS activity ON activity.id = closure.activity_id
     WHERE closure.starts_on <= %(last)s AND closure.ends_on >= %(first)s
       AND (%(structures)s::bigint[] IS NULL
            OR closure.structure_id IS NULL AND closure.activity_id IS NULL
            OR COALESCE(closure.structure_id, activity.structure_id) = ANY(%(structures)s::bigint[]))
     ORDER BY 3, 2
"""


def load_calendar(days: DateRange, structures: Iterable[int] | None = None) -> ServiceCalendar:
    """The town's calendar for `days` and the year before them, in one query whatever the range.

    `structures` (keys) limits the closures loaded to the town's, theirs and those of their activities; None
    loads all. A town without `CalendarSettings` reads zone A.
    """
    values: dict[str, Any] = {
        "first": days.first - LOOK_BACK,
        "last": days.last,
        "zone": DEFAULT_ZONE,
        "structures": None if structures is None else [*structures],
    }
    with connection.cursor() as cursor:
        cursor.execute(_CALENDAR, values)
        rows = cursor.fetchall()
    return ServiceCalendar(
        public_holidays={day: name for kind, _, day, _, name, _, _ in rows if kind == "public"},
        holidays=tuple(
            Holiday(name, DateRange(first, last)) for kind, _, first, last, name, _, _ in rows if kind == "school"
        ),
        closures=tuple(
            ClosedPeriod(reason, DateRange(first, last), structure, activity)
            for kind, _, first, last, reason, structure, activity in rows
            if kind == "closed"
        ),
    )


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
        late=late_path_of(activity.late_booking_deadline, activity.late_kind, activity.late_value),
    )


def late_path_of(deadline: Any, kind: str, value: Decimal | None) -> LatePath | None:
    """How days are booked late, from the columns of an activity; None when they are not."""
    if deadline is None or value is None:
        return None
    return LatePath(deadline_from_data(deadline), kind, value)


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
    """The règlement's sentence: one when booking and cancelling follow one rule, else two, the late path between."""
    spoken = language.spoken()
    if offer.booking == offer.cancellation and offer.late is None:
        return sentences.rule(offer.booking, Action.CHANGE, language=spoken)
    booking = sentences.rule(offer.booking, Action.BOOK, language=spoken)
    late = offer.late.sentence() if offer.late is not None else ""
    cancelling = sentences.rule(offer.cancellation, Action.CANCEL, language=spoken)
    return " ".join(filter(None, (booking, late, cancelling)))

"""The next instants at which days close, for the public home: the same rules as the planning's, for everybody."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from portal.domain import language
from portal.domain.activities.deadlines import Closing, next_closings
from portal.domain.activities.models import Activity, Unit
from portal.domain.activities.queries import load_calendar, offer_of
from portal.domain.kernel.calendar import DateRange, monday_of
from portal.domain.kernel.clock import paris_date, to_utc

#: Far enough for a monthly rule or the window of the next holidays.
LOOK_AHEAD = timedelta(days=70)


@dataclass(frozen=True, slots=True)
class PublicDeadline:
    """What closes, and when. `instant` is the last one to act, as it is printed."""

    title: str
    instant: datetime
    detail: str


def next_deadlines(*, at: datetime, limit: int = 3) -> list[PublicDeadline]:
    """The next closing of each activity, the most urgent first, those that close together being one line.

    Only activities that families book by themselves. Two queries, whatever the number of activities.
    """
    today = paris_date(at)
    days = DateRange(today, today + LOOK_AHEAD)
    units = list(
        Unit.objects.filter(
            activity__in=Activity.objects.current_or_future(on=today),
            activity__editable_by_families=True,
            activity__shown_on_planning=True,
            activity__starts_on__lte=days.last,
        )
        .select_related("activity")
        .order_by("activity__type__order", "activity__order", "activity", "order", "pk")
    )
    if not units:
        return []
    calendar = load_calendar(days)
    first: dict[Activity, list[Closing]] = {}
    for unit in units:
        offer = offer_of(unit)
        found = next_closings(offer.booking, calendar.served_days(offer, days), at, calendar)
        if found:
            first[unit.activity] = _most_urgent([*first.get(unit.activity, []), found[0]])
    groups: dict[tuple[datetime, date], list[tuple[Activity, Closing]]] = defaultdict(list)
    for activity, closings in first.items():
        for closing in closings:
            if closing.last_shown is not None:
                # Activities meet on the instant and on the week they speak of.
                groups[closing.last_shown, monday_of(closing.days[0])].append((activity, closing))
    ordered = sorted(groups.items(), key=lambda group: group[0])[:limit]
    return [_deadline(instant, together) for (instant, _week), together in ordered]


def _most_urgent(closings: list[Closing]) -> list[Closing]:
    """Those that close first: the units of one activity may follow different rules."""
    earliest = min(to_utc(closing.closes) for closing in closings if closing.closes is not None)
    return [closing for closing in closings if closing.closes is not None and to_utc(closing.closes) == earliest]


def _deadline(instant: datetime, together: list[tuple[Activity, Closing]]) -> PublicDeadline:
    names = dict.fromkeys(activity.short_name for activity, _closing in together)
    served = sorted({day for _activity, closing in together for day in closing.days})
    return PublicDeadline(title=" · ".join(names), instant=instant, detail=_days(served))


def _days(served: list[date]) -> str:
    """“pour la semaine du 14 au 18 septembre”, “pour le 14 septembre”, “pour les jours du 1er au 30 octobre”."""
    first, last = served[0], served[-1]
    if first == last:
        return _("pour le %(day)s") % {"day": language.words().day_month(first)}
    span = language.words().date_range(first, last)
    if monday_of(first) == monday_of(last):
        return _("pour la semaine %(days)s") % {"days": span}
    return _("pour les jours %(days)s") % {"days": span}

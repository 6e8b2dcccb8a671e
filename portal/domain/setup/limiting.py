"""How many days a child may have, or must have, in an activity: the limits that an agent writes (rule 22).

A limit counts from the commit on: what is booked stays booked, and what a draft holds beyond it falls out at the
validation with its reason.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from portal.domain.accounts.models import User
from portal.domain.activities.enums import LimitDays, LimitSense, LimitSpan
from portal.domain.activities.limits import Limit, limit_of
from portal.domain.activities.models import Activity, BookingLimit, Unit
from portal.domain.activities.queries import load_calendar
from portal.domain.audit.services import record
from portal.domain.bookings.models import Booking
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.clock import paris_date
from portal.domain.setup.ruling import require


@dataclass(frozen=True, slots=True)
class Wanted:
    """A limit as an agent fills it; without `units` (keys), all those of the activity are counted."""

    sense: LimitSense
    count: int
    span: LimitSpan
    among: LimitDays = LimitDays.ALL
    units: frozenset[int] = frozenset()

    @property
    def code(self) -> str:
        """What a code begins with: “au-plus-2-week”."""
        sense = "au-plus" if self.sense == LimitSense.AT_MOST else "au-moins"
        return f"{sense}-{self.count}-{self.span.value}-{self.among.value}"


def limits_of_activity(activity: Activity) -> list[tuple[BookingLimit, Limit]]:
    """The limits of an activity, each with its value, in the order in which they were written. Three queries."""
    units = {unit.pk: unit.name for unit in activity.units.order_by("order", "pk")}
    found = []
    for row in activity.limits.prefetch_related("units").order_by("pk"):
        chosen = {unit.pk for unit in row.units.all()}
        wanted = Wanted(LimitSense(row.sense), row.count, LimitSpan(row.span), LimitDays(row.among), frozenset(chosen))
        found.append((row, value_of(activity, wanted, units, pk=row.pk)))
    return found


def value_of(activity: Activity, wanted: Wanted, units: dict[int, str], *, pk: int = 0) -> Limit:
    """The limit as a value; `units` gives the names of those of the activity, in their order."""
    counted = {key: name for key, name in units.items() if not wanted.units or key in wanted.units}
    return limit_of(
        pk,
        wanted.sense,
        wanted.count,
        wanted.span,
        wanted.among,
        counted,
        DateRange(activity.starts_on, activity.ends_on),
        activity.short_name,
        chosen=bool(wanted.units),
    )


def children_beyond(*, activity: Activity, limit: Limit, at: datetime) -> int:
    """How many children have more days to come booked than this limit allows; none for a minimum. Two queries."""
    today = paris_date(at)
    if limit.is_floor or activity.ends_on < today:
        return 0
    days = DateRange(activity.starts_on, activity.ends_on)
    calendar = load_calendar(days, [activity.structure_id])
    rows = Booking.objects.booked().filter(unit__in=limit.units, day__range=(days.first, days.last))
    booked = set(rows.values_list("child_id", "unit_id", "day"))
    if limit.span != LimitSpan.DAY:
        booked = {(child, 0, day) for child, _unit, day in booked}
    counted: Counter[tuple[int, date]] = Counter()
    last: dict[tuple[int, date], date] = {}
    for child, _unit, day in booked:
        period = limit.period(day, calendar)
        if period is not None:
            key = (child, period.first)
            counted[key] += 1
            last[key] = max(day, last.get(key, day))
    return len({key[0] for key, number in counted.items() if number > limit.count and last[key] >= today})


@transaction.atomic
def save_limit(
    *, activity: Activity, limit: BookingLimit | None, wanted: Wanted, by: User, at: datetime
) -> BookingLimit:
    """Write a limit of the activity, or replace the one given. Nobody is written to; no booking changes.

    Raises PermissionDenied, ValueError for a unit of another activity; the database refuses what means nothing.
    """
    require(activity, by)
    locked = _lock(activity)
    units = list(Unit.objects.filter(activity=locked, pk__in=wanted.units).order_by("order", "pk"))
    if len(units) != len(wanted.units):
        raise ValueError("a limit counts units of its own activity")
    before = None
    if limit is None:
        limit = BookingLimit(activity=locked, code=_free_code(locked, wanted.code))
    else:
        limit = BookingLimit.objects.prefetch_related("units").get(pk=limit.pk, activity=locked)
        before = _data(limit, limit.units.all())
    limit.sense, limit.count, limit.span, limit.among = wanted.sense, wanted.count, wanted.span, wanted.among
    after = _data(limit, units)
    if before != after:
        limit.save()
        limit.units.set(units)
        record(
            verb="save_limit",
            target=locked,
            by=by,
            at=at,
            before={"limit": before} if before else {},
            after={"limit": after},
        )
    return limit


@transaction.atomic
def remove_limit(*, limit: BookingLimit, by: User, at: datetime) -> None:
    """Take a limit away; removed twice, it is once. Raises PermissionDenied."""
    require(limit.activity, by)
    locked = _lock(limit.activity)
    found = BookingLimit.objects.prefetch_related("units").filter(pk=limit.pk, activity=locked).first()
    if found is None:
        return
    before = _data(found, found.units.all())
    found.delete()
    record(verb="remove_limit", target=locked, by=by, at=at, before={"limit": before}, after={})


def _lock(activity: Activity) -> Activity:
    """Two agents who change the rules of one activity go one after the other."""
    return Activity.objects.select_for_update(of=("self",), no_key=True).get(pk=activity.pk)


def _free_code(activity: Activity, stem: str) -> str:
    taken = set(activity.limits.values_list("code", flat=True))
    rank = 1
    while (code := stem if rank == 1 else f"{stem}-{rank}") in taken:
        rank += 1
    return code


def _data(limit: BookingLimit, units: Collection[Unit]) -> dict[str, object]:
    return {
        "sense": str(limit.sense),
        "count": limit.count,
        "span": str(limit.span),
        "among": str(limit.among),
        "units": sorted(unit.code for unit in units),
    }

"""Reading lines, and the stops of a family's children day by day, in a constant number of queries."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from django.db.models import Prefetch, Q

from portal.domain.accounts.models import User
from portal.domain.activities.models import Unit
from portal.domain.activities.opening import Offer
from portal.domain.activities.queries import offer_of
from portal.domain.bookings.codes import CellKey
from portal.domain.bookings.models import Booking
from portal.domain.enrolments.models import Enrolment
from portal.domain.families.access import Right, children_with
from portal.domain.families.models import Family
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.clock import paris_date
from portal.domain.transport.enums import Release, Way
from portal.domain.transport.models import Boarding, BusLine, BusStop, LineUnit, StopChoice, StopException, StopTime
from portal.domain.transport.rules import DayStops, Line, Stop, Wanted, in_force, stops_on

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

Choices = dict[tuple[int, int], list[tuple[date, Wanted]]]
Exceptions = dict[tuple[int, int, date], Wanted]


def list_lines(*, on: date) -> list[Line]:
    """The lines that still run on that day or later, in the town's order; three queries more than none."""
    rows = BusLine.objects.filter(Q(ends_on=None) | Q(ends_on__gte=on))
    return _loaded(rows.values_list("pk", flat=True))


def has_lines(*, on: date) -> bool:
    """Whether a bus still runs on that day or later; one query."""
    return BusLine.objects.filter(Q(ends_on=None) | Q(ends_on__gte=on)).exists()


def line_by_code(code: str) -> Line | None:
    """One line by its code."""
    found = BusLine.objects.filter(code=code).values_list("pk", flat=True)
    return next(iter(_loaded(found)), None)


def lines_by_key(keys: Iterable[int]) -> dict[int, Line]:
    """Lines by key; no query without any."""
    wanted = set(keys)
    return {line.pk: line for line in _loaded(wanted)} if wanted else {}


def lines_of(activity: int) -> list[Line]:
    """The lines that serve units of this activity."""
    return _loaded(LineUnit.objects.filter(unit__activity=activity).values_list("line", flat=True))


def _loaded(keys: Iterable[int]) -> list[Line]:
    stops = BusStop.objects.order_by("order", "pk").prefetch_related(
        Prefetch("times", queryset=StopTime.objects.order_by("weekday"))
    )
    rows = BusLine.objects.filter(pk__in=list(keys)).prefetch_related("units", Prefetch("stops", queryset=stops))
    return [line_of(row) for row in rows.order_by("order", "name", "pk")]


def line_of(row: BusLine) -> Line:
    """A line as a value; its stops, their times and its units must be prefetched, or are queried."""
    return Line(
        pk=row.pk,
        code=row.code,
        name=row.name,
        destination=row.destination,
        notes=tuple(filter(None, (each.strip() for each in row.notes.splitlines()))),
        first=row.starts_on,
        last=row.ends_on,
        stops=tuple(stop_of(each) for each in row.stops.all()),
        units=frozenset(each.unit_id for each in row.units.all()),
    )


def stop_of(row: BusStop) -> Stop:
    """A stop as a value."""
    times: dict[tuple[int, Way], time] = {}
    for each in row.times.all():
        for way, hour in ((Way.OUTWARD, each.outward), (Way.HOMEWARD, each.homeward)):
            if hour is not None:
                times[each.weekday, way] = hour
    return Stop(row.pk, row.code, row.name, row.place, row.is_terminus, row.starts_on, row.ends_on, times)


def offers_of(line: Line, activity: int) -> list[Offer]:
    """The units of this activity that the line serves, with their deadlines; one query."""
    rows = Unit.objects.filter(pk__in=line.units, activity=activity).select_related("activity")
    return [offer_of(row) for row in rows.order_by("order", "pk")]


def wanted_of(row: Boarding) -> Wanted:
    """A choice as a value."""
    return Wanted(row.outward_id, row.homeward_id, Release(row.release))


def read_choices(enrolments: Collection[int]) -> Choices:
    """Every usual choice of these enrolments, by enrolment and line; one query."""
    found: Choices = defaultdict(list)
    for row in StopChoice.objects.filter(enrolment__in=enrolments).order_by("since"):
        found[row.enrolment_id, row.line_id].append((row.since, wanted_of(row)))
    return found


def read_exceptions(enrolments: Collection[int], days: DateRange) -> Exceptions:
    """The exceptions of these days; one query."""
    rows = StopException.objects.filter(enrolment__in=enrolments, day__range=(days.first, days.last))
    return {(row.enrolment_id, row.line_id, row.day): wanted_of(row) for row in rows.order_by("day", "pk")}


@dataclass(frozen=True, slots=True)
class Asked:
    """A day whose stops are asked: one unit of one enrolment."""

    enrolment: int
    unit: int
    day: date


def day_stops(asked: Collection[Asked]) -> dict[Asked, DayStops]:
    """The stops of each of these days; those of units that no line serves are left out.

    One query when no line serves any of the units, seven at most.
    """
    served = dict(
        LineUnit.objects.filter(unit__in={each.unit for each in asked}).values_list("unit", "line") if asked else ()
    )
    wanted = [each for each in asked if each.unit in served]
    if not wanted:
        return {}
    lines = lines_by_key(served.values())
    enrolments = {each.enrolment for each in wanted}
    days = [each.day for each in wanted]
    choices = read_choices(enrolments)
    exceptions = read_exceptions(enrolments, DateRange(min(days), max(days)))
    found = {}
    for each in wanted:
        line = lines[served[each.unit]]
        if not line.runs_on(each.day):
            continue
        key = (each.enrolment, line.pk)
        found[each] = stops_on(
            line,
            each.day,
            usual=in_force(choices.get(key, ()), each.day),
            exception=exceptions.get((*key, each.day)),
        )
    return found


def cell_stops(cells: Mapping[CellKey, int]) -> dict[str, DayStops]:
    """The stops of booked cells, by code of cell; `cells` gives the enrolment of each."""
    asked = {Asked(enrolment, key.unit_id, key.day): key for key, enrolment in cells.items()}
    return {asked[each].code: stops for each, stops in day_stops(asked).items()}


@dataclass(frozen=True, slots=True)
class ChildLine:
    """A line that a child takes: the enrolment, what is chosen from today on, and the bus days to come."""

    enrolment: Enrolment
    line: Line
    usual: Wanted | None
    coming: Sequence[tuple[date, Wanted]]
    days: Sequence[DayStops]

    @property
    def is_to_choose(self) -> bool:
        """Whether a stop is missing, for the usual days or for one that is booked."""
        return self.usual is None or any(each.is_to_choose for each in self.days)


def child_lines(enrolments: Sequence[Enrolment], *, today: date) -> list[ChildLine]:
    """The lines of these enrolments with the bus days booked from `today` on, soonest first; eight queries at most."""
    served: dict[int, set[int]] = defaultdict(set)
    rows = LineUnit.objects.filter(unit__activity__in={each.activity_id for each in enrolments})
    for line, activity in rows.values_list("line", "unit__activity"):
        served[activity].add(line)
    lines = lines_by_key(line for found in served.values() for line in found)
    if not lines:
        return []
    keys = [each.pk for each in enrolments if each.activity_id in served]
    choices = read_choices(keys)
    booked = Booking.objects.booked().filter(enrolment__in=keys, day__gte=today).order_by("day", "unit")
    asked = [Asked(*each) for each in booked.values_list("enrolment", "unit", "day")]
    exceptions = (
        read_exceptions(keys, DateRange(min(e.day for e in asked), max(e.day for e in asked))) if asked else {}
    )
    found = []
    for enrolment in enrolments:
        for line in sorted(served.get(enrolment.activity_id, ())):
            pair = (enrolment.pk, line)
            mine = choices.get(pair, [])
            days = {
                each.day: stops_on(
                    lines[line], each.day, usual=in_force(mine, each.day), exception=exceptions.get((*pair, each.day))
                )
                for each in asked
                if each.enrolment == enrolment.pk and each.unit in lines[line].units
            }
            usual = in_force(mine, max(today, enrolment.starts_on))
            coming = [(since, wanted) for since, wanted in mine if since > max(today, enrolment.starts_on)]
            found.append(ChildLine(enrolment, lines[line], usual, coming, [*days.values()]))
    return found


def stops_to_choose(*, user: "User | AnonymousUser", family: Family, at: datetime) -> list[ChildLine]:
    """The lines on which a child for whom this person may book has no stop, or one that is no more.

    One query when none of the children's activities has a line.
    """
    if not isinstance(user, User):
        return []
    today = paris_date(at)
    children = children_with(user=user, family=family, right=Right.BOOK)
    enrolments = Enrolment.objects.live().filter(
        child__in=children.order_by().values("pk"), ends_on__gte=today, activity__units__bus_line__isnull=False
    )
    rows = list(enrolments.select_related("child", "activity").distinct().order_by("child", "pk"))
    return [each for each in child_lines(rows, today=today) if each.is_to_choose] if rows else []

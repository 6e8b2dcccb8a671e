"""Who gets on and off where on a day, for the agents in the bus: names, stops, whom to call; never health."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time

from portal.domain.accounts.models import User
from portal.domain.bookings.models import Booking
from portal.domain.contacts.queries import collectors_of
from portal.domain.contacts.rules import Collector
from portal.domain.families.scope import of_children
from portal.domain.scope.queries import is_limited, structures_of
from portal.domain.transport.enums import Release, Way
from portal.domain.transport.models import BusLine
from portal.domain.transport.queries import Asked, day_stops, list_lines
from portal.domain.transport.rules import Line, Stop

#: Who may see which child is at which stop.
PERMISSION = "transport.list_riders"


@dataclass(frozen=True, slots=True)
class Rider:
    """A child at a stop. `collectors` are those to whom the child may be given that day, the first to call first."""

    child: int
    last_name: str
    first_name: str
    unit: str
    alone: bool
    usual: bool
    collectors: Sequence[Collector] = ()

    @property
    def name(self) -> str:
        return f"{self.last_name} {self.first_name}"

    @property
    def called_first(self) -> Collector | None:
        """The first person with a telephone."""
        return next((each for each in self.collectors if each.phone), None)


@dataclass(frozen=True, slots=True)
class StopRiders:
    """The children of one stop, one way, by name. `stop` None: booked without any stop that is served."""

    way: Way
    stop: Stop | None
    hour: time | None
    riders: Sequence[Rider]


def lines_for(agent: User, *, on: date) -> list[Line]:
    """The lines that the agent may list: those that serve a unit of the agent's places; nothing without permission."""
    if not agent.has_perm(PERMISSION):
        return []
    found = list_lines(on=on)
    if not is_limited(agent):
        return found
    mine = BusLine.objects.filter(units__unit__activity__structure__in=structures_of(agent)).values_list("pk")
    keys = {key for (key,) in mine}
    return [line for line in found if line.pk in keys]


def riders_on(agent: User, *, line: Line, day: date) -> list[StopRiders]:
    """Who takes this line that day, way by way and stop by stop as the bus goes, those without stop last.

    Children of the agent's places only; nothing without the permission. A constant number of queries. A child declared
    absent whose place was given back is not listed.
    """
    if not agent.has_perm(PERMISSION):
        return []
    rows = Booking.objects.booked().filter(unit__in=line.units, day=day, place_given_back_at=None)
    if is_limited(agent):
        rows = rows.filter(of_children(agent, "child", on=day), unit__activity__structure__in=structures_of(agent))
    bookings = list(rows.select_related("child", "unit").order_by("child__last_name", "child__first_name", "pk"))
    stops = day_stops([Asked(row.enrolment_id, row.unit_id, row.day) for row in bookings])
    collectors = collectors_of(children=[row.child for row in bookings], day=day) if bookings else {}
    found: dict[tuple[Way, int | None], list[Rider]] = {}
    for row in bookings:
        theirs = stops.get(Asked(row.enrolment_id, row.unit_id, row.day))
        if theirs is None:
            continue
        rider = Rider(
            child=row.child_id,
            last_name=row.child.last_name,
            first_name=row.child.first_name,
            unit=row.unit.name,
            alone=theirs.release == Release.ALONE,
            usual=theirs.usual,
            collectors=collectors.get(row.child_id, ()),
        )
        for way in Way:
            each = theirs.way(way)
            if theirs.known and (each is None or each.stop is None):
                continue
            if not theirs.known and not any(stop.time_on(day, way) for stop in line.stops):
                continue
            served = each.stop.pk if each is not None and each.stop is not None and not each.gone else None
            found.setdefault((way, served), []).append(rider)
    order = {stop.pk: rank for rank, stop in enumerate(line.stops)}
    groups = []
    for (way, key), riders in found.items():
        stop = line.stop(key)
        groups.append(StopRiders(way, stop, stop.time_on(day, way) if stop else None, tuple(riders)))
    return sorted(
        groups,
        key=lambda each: (
            [*Way].index(each.way),
            each.hour is None,
            each.hour or time.min,
            order[each.stop.pk] if each.stop else 0,
        ),
    )

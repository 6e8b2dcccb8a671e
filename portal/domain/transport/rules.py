"""Which stop counts on a day, and from when a change counts. Pure: plain values, no database, no clock."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from portal.domain.activities.deadlines import State
from portal.domain.activities.opening import Offer, ServiceCalendar
from portal.domain.kernel.calendar import DateRange
from portal.domain.transport.enums import Release, Way

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Stop:
    """A stop as families read it. `times` are by ISO weekday and way; a way that is not there is not served."""

    pk: int
    code: str
    name: str
    place: str = ""
    is_terminus: bool = False
    first: date | None = None
    last: date | None = None
    times: Mapping[tuple[int, Way], time] = field(default_factory=dict)

    def serves(self, way: Way) -> bool:
        """Whether the bus ever stops there that way."""
        return any(served == way for _weekday, served in self.times)

    def is_open_on(self, day: date) -> bool:
        """Within its dates, both included."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)

    def time_on(self, day: date, way: Way) -> time | None:
        """When the bus is there that day; None when it does not stop."""
        return self.times.get((day.isoweekday(), way)) if self.is_open_on(day) else None


@dataclass(frozen=True, slots=True)
class Line:
    """A line with its stops in order. Units are keys."""

    pk: int
    code: str
    name: str
    destination: str
    notes: Sequence[str] = ()
    first: date | None = None
    last: date | None = None
    stops: Sequence[Stop] = ()
    units: frozenset[int] = frozenset()

    def stop(self, key: int | None) -> Stop | None:
        """One of its stops."""
        return next((stop for stop in self.stops if stop.pk == key), None)

    def offered(self, way: Way, *, from_day: date) -> list[Stop]:
        """The stops that may be chosen that way on `from_day` or later, the centre apart."""
        return [
            stop
            for stop in self.stops
            if not stop.is_terminus and stop.serves(way) and (stop.last is None or stop.last >= from_day)
        ]

    def runs_on(self, day: date) -> bool:
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Where a child gets on and off, by keys of stops; None is not taking the bus that way."""

    outward: int | None = None
    homeward: int | None = None
    release: Release = Release.COLLECTED

    def at(self, way: Way) -> int | None:
        return self.outward if way == Way.OUTWARD else self.homeward


@dataclass(frozen=True, slots=True)
class Boarded:
    """One way of one day: the stop and its hour. `stop` None: the child does not take the bus that way.

    `gone`: the stop that was chosen is not served any more on that day.
    """

    way: Way
    stop: Stop | None = None
    hour: time | None = None
    gone: bool = False


@dataclass(frozen=True, slots=True)
class DayStops:
    """The stops of a child on a day. `usual` is false on an exception, `known` when nothing was ever chosen."""

    line: Line
    day: date
    ways: Sequence[Boarded] = ()
    release: Release = Release.COLLECTED
    usual: bool = True
    known: bool = True

    @property
    def is_to_choose(self) -> bool:
        """Whether the family still has to say a stop for that day."""
        return not self.known or any(each.gone for each in self.ways)

    def way(self, way: Way) -> Boarded | None:
        return next((each for each in self.ways if each.way == way), None)


def in_force(choices: Iterable[tuple[date, Wanted]], day: date) -> Wanted | None:
    """The usual choice of that day: the last one that counts from it or before."""
    counting = [(since, wanted) for since, wanted in choices if since <= day]
    return max(counting, key=lambda each: each[0])[1] if counting else None


def stops_on(line: Line, day: date, *, usual: Wanted | None, exception: Wanted | None = None) -> DayStops:
    """What a child does that day: the exception if there is one, else the usual stops."""
    wanted = exception or usual
    if wanted is None:
        return DayStops(line, day, known=False)
    ways = []
    for way in Way:
        stop = line.stop(wanted.at(way))
        hour = stop.time_on(day, way) if stop else None
        if stop is None:
            if any(each.time_on(day, way) for each in line.stops):
                ways.append(Boarded(way))
        elif hour is not None:
            ways.append(Boarded(way, stop, hour))
        elif not stop.is_open_on(day):
            ways.append(Boarded(way, stop, gone=True))
    return DayStops(line, day, tuple(ways), wanted.release, usual=exception is None)


def first_open_day(
    offers: Sequence[Offer], calendar: ServiceCalendar, days: DateRange, *, at: datetime
) -> date | None:
    """The first of `days` from which a change counts: after the last one whose booking deadline has passed.

    None when every day that is served is past it, or when days are never booked on line.
    """
    first, any_open = days.first, False
    for day in days:
        states = {offer.booking.window(day, calendar).state(at) for offer in offers if calendar.serves(offer, day)} - {
            State.NEVER
        }
        if State.CLOSED in states:
            first, any_open = day + ONE_DAY, False
        elif states:
            any_open = True
    return first if any_open else None


def is_open_day(offers: Sequence[Offer], calendar: ServiceCalendar, day: date, *, at: datetime) -> bool:
    """Whether the stop of that day may still change: each of the units that serve it may still be booked."""
    states = [offer.booking.window(day, calendar).state(at) for offer in offers if calendar.serves(offer, day)]
    return bool(states) and all(state is State.OPEN for state in states)

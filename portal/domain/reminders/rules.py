"""When a deadline is reminded, and of which days one speaks. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from portal.domain.activities.deadlines.window import ONE_MINUTE
from portal.domain.bookings.enums import Wish
from portal.domain.kernel.calendar import DateRange, monday_of
from portal.domain.kernel.clock import at_paris, paris_date, shift, to_paris, to_utc

#: A mail that comes when it is over is worse than none.
MARGIN = timedelta(minutes=30)
#: Nobody's telephone rings at night for a canteen, even when the worker was down in the evening.
MORNING, NIGHT = time(7), time(22)
#: After so many reminders without a booking since, the activity is not one that the family uses: silence.
MOST_IN_A_ROW = 3


@dataclass(frozen=True, slots=True)
class DueClosing:
    """Days of an activity that close at one instant, about which it is time to tell.

    `closes` is the first instant refused. `cells` are the (unit, day) that close then, by wish; `bookable` tells that
    a place is left on one of them at least.
    """

    activity_id: int
    label: str
    closes: datetime
    units: tuple[int, ...]
    cells: Mapping[Wish, Collection[tuple[int, date]]]
    bookable: bool

    @property
    def last_shown(self) -> datetime:
        """The last minute allowed, as it is printed."""
        return to_paris(shift(self.closes, -ONE_MINUTE))

    @property
    def days(self) -> DateRange:
        """The days concerned: those to book, else those to give back."""
        days = [day for _, day in self.cells.get(Wish.ADD) or self.cells[Wish.REMOVE]]
        return DateRange(min(days), max(days))

    @property
    def period(self) -> DateRange:
        """The days that are looked at to tell whether the family has chosen: the whole week when all is in one."""
        return period_of(self.days)


def period_of(days: DateRange) -> DateRange:
    """The week of days that are all in one, Monday to Sunday; else the days themselves."""
    monday = monday_of(days.first)
    if days.last <= monday + timedelta(days=6):
        return DateRange(monday, monday + timedelta(days=6))
    return days


def is_due(last_shown: datetime, *, at: datetime, hour: time) -> bool:
    """From `hour` of the day before the last minute allowed, until shortly before it."""
    told_from = at_paris(paris_date(last_shown) - timedelta(days=1), hour)
    return to_utc(told_from) <= to_utc(at) < to_utc(last_shown) - MARGIN


def is_awake(at: datetime) -> bool:
    """Whether one may write to people at that hour."""
    return MORNING <= to_paris(at).time() < NIGHT

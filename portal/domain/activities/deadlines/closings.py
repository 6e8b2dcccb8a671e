"""Service days grouped by the instant at which they close: heads of weeks, “prochaine échéance”."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from portal.domain.activities.deadlines.base import Deadline
from portal.domain.activities.deadlines.days import Calendar
from portal.domain.activities.deadlines.window import State, Window
from portal.domain.kernel.clock import to_utc


@dataclass(frozen=True, slots=True)
class Closing:
    """Service days, in order, that share one window."""

    window: Window
    days: tuple[date, ...]

    @property
    def closes(self) -> datetime | None:
        """The first instant refused; None without a limit."""
        return self.window.closes

    @property
    def last_shown(self) -> datetime | None:
        """The instant to print."""
        return self.window.last_shown


def closings(deadline: Deadline, days: Iterable[date], calendar: Calendar) -> list[Closing]:
    """All the days of `days`, grouped by window: the first to close first, without limit or shut last."""
    groups: dict[Window, list[date]] = {}
    for day in sorted(set(days)):
        groups.setdefault(deadline.window(day, calendar), []).append(day)
    found = [Closing(window, tuple(grouped)) for window, grouped in groups.items()]
    return sorted(found, key=_urgency)


def _urgency(group: Closing) -> tuple[float, date]:
    return (math.inf if group.closes is None else to_utc(group.closes).timestamp(), group.days[0])


def next_closings(deadline: Deadline, days: Iterable[date], at: datetime, calendar: Calendar) -> list[Closing]:
    """The groups that are open at `at` and will close, the most urgent first.

    Raises ValueError on a naive instant.
    """
    return [
        group
        for group in closings(deadline, days, calendar)
        if group.closes is not None and group.window.state(at) is State.OPEN
    ]

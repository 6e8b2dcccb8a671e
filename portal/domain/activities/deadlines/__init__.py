"""Until when a day may be booked or cancelled on line: deadlines as typed values, in pure Python.

A deadline gives, for a service day, the window in which the action is allowed (`window`), its French sentence
(`sentence`), the state of one day (`explain`, `refusal`) and the next instants at which days close
(`next_closings`). `deadline_from_data` and `Deadline.to_data` are its JSON form (docs/profils.md).
Nothing here imports Django, reads a clock or a database.
"""

from portal.domain.activities.deadlines.base import Action, Deadline
from portal.domain.activities.deadlines.closings import Closing, closings, next_closings
from portal.domain.activities.deadlines.composite import (
    MostRestrictive,
    PeriodWindow,
    PeriodWindows,
    PerWeekday,
    period_windows,
)
from portal.domain.activities.deadlines.data import deadline_from_data
from portal.domain.activities.deadlines.days import Calendar, DayKind
from portal.domain.activities.deadlines.errors import InvalidDeadline
from portal.domain.activities.deadlines.simple import (
    Always,
    DayOfMonth,
    DaysBefore,
    FixedInstant,
    Never,
    RollingOpening,
    Span,
    WeekdayBefore,
)
from portal.domain.activities.deadlines.window import State, Window

__all__ = [
    "Action",
    "Always",
    "Calendar",
    "Closing",
    "DayKind",
    "DayOfMonth",
    "DaysBefore",
    "Deadline",
    "FixedInstant",
    "InvalidDeadline",
    "MostRestrictive",
    "Never",
    "PerWeekday",
    "PeriodWindow",
    "PeriodWindows",
    "RollingOpening",
    "Span",
    "State",
    "WeekdayBefore",
    "Window",
    "closings",
    "deadline_from_data",
    "next_closings",
    "period_windows",
]

"""The deadlines that the guides print, and a small town to try them on. ~ and ^ are the non-breaking spaces."""

from datetime import date, datetime, time, timedelta

from portal.domain.activities.deadlines import (
    DayKind,
    DayOfMonth,
    Deadline,
    PeriodWindow,
    PeriodWindows,
    WeekdayBefore,
)
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.clock import PARIS, shift

WORKING = frozenset({DayKind.WEEKEND, DayKind.PUBLIC_HOLIDAY})
SCHOOL = WORKING | {DayKind.SCHOOL_HOLIDAY}

# Guide 003: days change until Thursday 23:59 of the week before.
LES_ROUSSES = WeekdayBefore(weekday=4)
# Guide 002: book before the 20th for the next month; elsewhere in it, until the 20th.
BEFORE_THE_20TH = DayOfMonth(20, inclusive=False, hour=time(0))
UNTIL_THE_20TH = DayOfMonth(20)
# Guide 002: the holidays of 2025/2026, each with its window.
HOLIDAYS = PeriodWindows(
    (
        PeriodWindow("Automne 2025", date(2025, 10, 18), date(2025, 11, 2), closes=date(2025, 10, 1)),
        PeriodWindow(
            "Noël 2025",
            date(2025, 12, 20),
            date(2026, 1, 4),
            opens=date(2025, 11, 3),
            closes=date(2025, 12, 3),
        ),
        PeriodWindow(
            "Hiver 2026", date(2026, 2, 7), date(2026, 2, 22), opens=date(2026, 1, 5), closes=date(2026, 2, 4)
        ),
    )
)


class Town:
    """Zone A around 2026, with a closed week."""

    public = frozenset(
        {
            date(2026, 1, 1),
            date(2026, 4, 6),
            date(2026, 5, 1),
            date(2026, 5, 8),
            date(2026, 5, 14),
            date(2026, 5, 25),
            date(2026, 11, 11),
            date(2026, 12, 25),
            date(2027, 1, 1),
        }
    )
    holidays = (
        DateRange(date(2026, 10, 17), date(2026, 11, 1)),
        DateRange(date(2026, 12, 19), date(2027, 1, 3)),
    )
    closed = frozenset({date(2026, 9, 25)})

    def is_public_holiday(self, day: date) -> bool:
        return day in self.public

    def is_school_holiday(self, day: date) -> bool:
        return any(day in period for period in self.holidays)

    def is_closed(self, day: date) -> bool:
        return day in self.closed


TOWN = Town()


def seen(text: str) -> str:
    return text.replace("\u00a0", "~").replace("\u202f", "^")


def paris(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=PARIS)


def last_shown(rule: Deadline, day: date) -> str:
    """The last instant allowed as it is printed, checked against what is enforced."""
    window = rule.window(day, TOWN)
    shown = window.last_shown
    assert shown is not None
    assert rule.allows(day, shift(shown, timedelta(seconds=59)), TOWN)
    assert not rule.allows(day, shift(shown, timedelta(seconds=60)), TOWN)
    return shown.strftime("%Y-%m-%d %H:%M")

"""Instants in French legal time.

Every rule of a town is written with the wall clock of Paris (“jeudi 23 h 59”). These functions turn such a
rule into an aware instant, and say what happens on the two nights of the year when the wall clock lies.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


def at_paris(day: date, at: time) -> datetime:
    """The aware instant at which the clocks of Paris show `at` on `day`.

    - Last Sunday of October, 2 h to 3 h: the hour is lived twice; the *second* pass is returned, so that
      nobody is refused while a clock still shows an earlier hour than the one printed.
    - Last Sunday of March, 2 h to 3 h: the hour does not exist; the instant of the jump (3 h) is returned.

    Raises ValueError when `at` carries a time zone, TypeError when `day` is a datetime.
    """
    if isinstance(day, datetime):
        raise TypeError("at_paris expects a date and a time, not a datetime")
    if at.tzinfo is not None:
        raise ValueError("at_paris expects a naive time of day")
    wall = datetime.combine(day, at.replace(fold=0))
    instant = wall.replace(tzinfo=PARIS, fold=1)
    if _exists(instant):
        return instant
    return _jump_after(wall)


def shift(instant: datetime, by: timedelta) -> datetime:
    """`instant` moved by a real duration, in Paris time.

    Python adds durations on the wall clock within one zone: across a clock change the result would be an
    hour off. This one counts elapsed time. Raises ValueError on a naive instant.
    """
    return (to_utc(instant) + by).astimezone(PARIS)


def to_utc(instant: datetime) -> datetime:
    """The same instant in UTC, the only zone in which two instants compare safely during a repeated hour.

    Raises ValueError on a naive instant.
    """
    if instant.tzinfo is None:
        raise ValueError("an aware instant is expected")
    return instant.astimezone(UTC)


def to_paris(instant: datetime) -> datetime:
    """The same instant on the clocks of Paris. Raises ValueError on a naive instant."""
    return to_utc(instant).astimezone(PARIS)


def paris_date(instant: datetime) -> date:
    """The day it is in Paris at `instant`. Raises ValueError on a naive instant."""
    return to_paris(instant).date()


def start_of_day(day: date) -> datetime:
    """Midnight at the beginning of `day`, in Paris."""
    return at_paris(day, time(0))


def end_of_day(day: date) -> datetime:
    """The first instant that no longer belongs to `day`: midnight of the day after, in Paris."""
    return at_paris(day + timedelta(days=1), time(0))


def _exists(instant: datetime) -> bool:
    """Whether clocks ever show this wall time: a time lost in March comes back different from UTC."""
    back = instant.astimezone(UTC).astimezone(PARIS)
    return back.replace(tzinfo=None, fold=0) == instant.replace(tzinfo=None, fold=0)


def _jump_after(wall: datetime) -> datetime:
    """The instant of the jump that swallowed `wall`: it begins on a full hour (2 h, European Union rule).

    With fold=0 a lost time is read with the offset in force before the jump, so the beginning of the lost
    hour reads as the very instant of the jump, which clocks show as 3 h.
    """
    beginning = wall.replace(minute=0, second=0, microsecond=0, tzinfo=PARIS, fold=0)
    return beginning.astimezone(UTC).astimezone(PARIS)

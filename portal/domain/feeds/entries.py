"""What an agenda holds, as plain values: days booked, deadlines to come, closures."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta


@dataclass(frozen=True, slots=True)
class Entry:
    """One event. `starts` and `ends` are instants, or days with `ends` included.

    `uid` never changes for the same thing: telephones update it. `sequence` grows each time the thing is done again.
    `alarm` is how long before `starts` one is warned.
    """

    uid: str
    summary: str
    starts: date | datetime
    ends: date | datetime
    changed_at: datetime
    category: str
    sequence: int = 0
    description: str = ""
    location: str = ""
    url: str = ""
    alarm: timedelta | None = None

"""When an action is allowed: a half-open interval of instants."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from portal.domain.kernel.clock import shift, to_paris, to_utc

ONE_MINUTE = timedelta(minutes=1)


class State(StrEnum):
    """Where an instant stands with regard to a window."""

    NOT_YET = "not_yet"
    OPEN = "open"
    CLOSED = "closed"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Window:
    """Allowed from `opens` (included) to `closes` (excluded); None is unbounded.

    Bounds are aware, in Paris time, on whole minutes. `never` says that no instant is allowed, and `note`
    why, in French and without a full stop. Raises ValueError on a naive bound.
    """

    opens: datetime | None = None
    closes: datetime | None = None
    never: bool = False
    note: str = ""

    def __post_init__(self) -> None:
        for bound in (self.opens, self.closes):
            if bound is not None:
                to_utc(bound)

    @classmethod
    def shut(cls, note: str) -> Self:
        """The window that allows nothing."""
        return cls(never=True, note=note)

    @property
    def last_shown(self) -> datetime | None:
        """The last minute in which the action is allowed: what is printed (“jeudi 23 h 59”).

        It is allowed up to the end of that minute (23:59:59), and refused from the next one.
        """
        return None if self.closes is None else shift(self.closes, -ONE_MINUTE)

    def state(self, at: datetime) -> State:
        """Where `at` stands. Raises ValueError on a naive instant."""
        # In UTC: during the repeated hour of October two instants of Paris compare wrongly.
        instant = to_utc(at)
        if self.never:
            return State.NEVER
        if self.closes is not None and instant >= to_utc(self.closes):
            return State.CLOSED
        if self.opens is not None and instant < to_utc(self.opens):
            return State.NOT_YET
        return State.OPEN

    def allows(self, at: datetime) -> bool:
        """Whether `at` is inside. Raises ValueError on a naive instant."""
        return self.state(at) is State.OPEN

    def intersect(self, other: "Window") -> "Window":
        """What both allow. Windows that never meet give a shut one that says so."""
        for window in (self, other):
            if window.never:
                return window
        opens = [to_utc(window.opens) for window in (self, other) if window.opens is not None]
        closes = [to_utc(window.closes) for window in (self, other) if window.closes is not None]
        latest_opening = max(opens, default=None)
        earliest_close = min(closes, default=None)
        if latest_opening is not None and earliest_close is not None and latest_opening >= earliest_close:
            return Window.shut("la limite est passée avant l’ouverture des réservations")
        return Window(
            opens=latest_opening and to_paris(latest_opening),
            closes=earliest_close and to_paris(earliest_close),
        )

"""Decisions about quotients over plain values: which one holds on a day, until when, whom an answer concerns.

Rules 25 and 26: the quotient of the day of the service; zero is a value; a change never touches a day that is past.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum


class Status(StrEnum):
    """Exactly one of them answers for each day."""

    KNOWN = "known"
    EXPIRED = "expired"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Period:
    """A checked value with its days, both included."""

    value: Decimal
    source: str
    month: date
    first: date
    last: date
    key: int = 0

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class Timeline:
    """What is known of a family: periods that never overlap, and the days on which a declaration was refused."""

    periods: tuple[Period, ...] = ()
    refused: tuple[date, ...] = ()
    pending: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """The quotient of one day. `value` is None unless the status is known; zero is known.

    `since` is the day from which it has been expired or refused.
    """

    status: Status
    period: Period | None = None
    since: date | None = None
    pending: bool = False

    @property
    def value(self) -> Decimal | None:
        return self.period.value if self.period is not None and self.status is Status.KNOWN else None

    @property
    def takes_highest_tariff(self) -> bool:
        """Whether the highest tariff (or the grid's own default) applies on that day."""
        return self.status is not Status.KNOWN


def resolve(timeline: Timeline, day: date) -> Answer:
    """The one answer for that day: the value that covers it; else the latest of what ended or was refused before."""
    covering = [period for period in timeline.periods if day in period]
    if covering:
        # The database lets none overlap; were it otherwise, the last to begin would speak.
        return Answer(Status.KNOWN, max(covering, key=lambda each: (each.first, each.key)), pending=timeline.pending)
    ended = max((each for each in timeline.periods if each.last < day), key=lambda each: each.last, default=None)
    refused = max((each for each in timeline.refused if each <= day), default=None)
    if refused is not None and (ended is None or refused > ended.last):
        return Answer(Status.REFUSED, since=refused, pending=timeline.pending)
    if ended is not None:
        return Answer(Status.EXPIRED, ended, since=ended.last + timedelta(days=1), pending=timeline.pending)
    return Answer(Status.UNKNOWN, pending=timeline.pending)


@dataclass(frozen=True, slots=True)
class Change:
    """What a new period does to one that is there: `last` None erases it, else it ends that day."""

    key: int
    last: date | None


def make_room(periods: Iterable[Period], *, first: date) -> list[Change]:
    """How the periods that are there give way to a new one that begins on `first`.

    What began before keeps its days until the eve; what would begin later is replaced as a whole. No day before
    `first` changes its value.
    """
    changes = []
    for period in periods:
        if period.first >= first:
            changes.append(Change(period.key, None))
        elif period.last >= first:
            changes.append(Change(period.key, first - timedelta(days=1)))
    return changes


@dataclass(frozen=True, slots=True)
class Validity:
    """Until when a quotient holds: a day of the year (month, day), or a number of months. Exactly one of them."""

    month: int | None = None
    day: int | None = None
    months: int | None = None


def last_day(validity: Validity, first: date) -> date:
    """The last day of a quotient that begins on `first`, included: never before it.

    A day of the year is the next one, `first` itself if it is that day; months end on the eve of the same day, or on
    the last day of a shorter month.
    """
    if validity.months is not None:
        return _add_months(first, validity.months) - timedelta(days=1)
    if validity.month is None or validity.day is None:
        raise ValueError("a validity is a day of the year or a number of months")
    this_year = date(first.year, validity.month, validity.day)
    return this_year if this_year >= first else date(first.year + 1, validity.month, validity.day)


def _add_months(day: date, months: int) -> date:
    total = day.year * 12 + day.month - 1 + months
    year, month = divmod(total, 12)
    first = date(year, month + 1, 1)
    end = (date(year + 1, 1, 1) if month == 11 else date(year, month + 2, 1)) - timedelta(days=1)
    return min(first.replace(day=min(day.day, end.day)), end)


def reminder_due(
    *, last: date, today: date, delays: Iterable[int], told: Iterable[int]
) -> tuple[int, tuple[int, ...]]:
    """Which reminder to send today, and which to note as told: (0, ()) when none.

    `delays` in days before the last day. When several are due at once (the portal slept, a value accepted late) only
    the nearest is sent, and all of them count as told: nobody gets two on the same day, nor the same one twice.
    """
    left = (last - today).days
    if left < 0:
        return 0, ()
    due = sorted({delay for delay in delays if left <= delay} - set(told))
    nearer_told = any(each <= min(due) for each in told) if due else False
    if not due or nearer_told:
        return 0, tuple(due)
    return due[0], tuple(due)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as two registers may write them. `birth` is ISO, perhaps with an unknown day (“2012-04-00”)."""

    first_names: str
    last_names: tuple[str, ...]
    birth: str = ""


def concerns(answered: Sequence[Person], *, adults: Sequence[Person], children: Sequence[Person]) -> bool:
    """Whether an answer of the administration is about this family: a grown-up by name, or a child by name and birth.

    Somebody's quotient must not be taken for a neighbour's: without such a sign an agent looks first.
    """
    for found in answered:
        if any(_same_name(found, adult) for adult in adults):
            return True
        if found.birth and any(_same_first(found, child) and found.birth == child.birth for child in children):
            return True
    return False


def plain(text: str) -> str:
    """“LÉNA-MARIE ” → “lena marie”: what two registers write of one name."""
    letters = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("Œ", "oe"))
    kept = "".join(letter if letter.isalnum() else " " for letter in letters if not unicodedata.combining(letter))
    return " ".join(kept.casefold().split())


def _same_first(one: Person, other: Person) -> bool:
    """The first of the first names; registers give one or all of them."""
    first, second = plain(one.first_names), plain(other.first_names)
    return bool(first and second) and (first == second or first.split()[0] == second or second.split()[0] == first)


def _same_name(one: Person, other: Person) -> bool:
    names = {plain(name) for name in one.last_names if name} & {plain(name) for name in other.last_names if name}
    return bool(names - {""}) and _same_first(one, other)

"""Deadlines with one reference: days, a weekday, a day of the month, an instant, a horizon, never, always.

Common to those that close at an hour:

- `hour` is a time of Paris on whole minutes; with `inclusive` the minute shown is allowed to its end (23 h 59
  lasts until 23:59:59), without it the hour itself is too late (“avant 12 h”: 11:59:59 is the last instant).
- left out, `hour` is 23 h 59 inclusive (“jusqu’au 20”) or 0 h exclusive (“avant le 20”: the 19th is the last
  day).
- `step_back` names the kinds of days on which the limit may not fall: it then moves to the nearest day before
  that is of none of them. Empty, the limit stays where it is, public holiday or not.
"""

from collections.abc import Set
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any, ClassVar

from portal.domain.activities.deadlines.base import Action, Deadline
from portal.domain.activities.deadlines.days import (
    Calendar,
    DayKind,
    adjective,
    counting_back,
    labels,
    last_counting,
)
from portal.domain.activities.deadlines.errors import InvalidDeadline
from portal.domain.activities.deadlines.window import ONE_MINUTE, Window
from portal.domain.kernel import french
from portal.domain.kernel.calendar import ONE_DAY, day_of_month, monday_of, shift_month
from portal.domain.kernel.clock import at_paris, end_of_day, shift, to_utc
from portal.domain.kernel.french import NBSP

MIDNIGHT = time(0)
LAST_MINUTE = time(23, 59)
NO_KIND: frozenset[DayKind] = frozenset()

MAX_DAYS = 366
MAX_WEEKS = 52
MAX_MONTHS = 24


def closing(day: date, hour: time, *, inclusive: bool) -> datetime:
    """The first instant refused."""
    return _closing(day, hour, inclusive)


# A month of a planning asks the same few instants for each child: once is enough.
@lru_cache(maxsize=4096)
def _closing(day: date, hour: time, inclusive: bool) -> datetime:
    instant = at_paris(day, hour)
    return shift(instant, ONE_MINUTE) if inclusive else instant


@dataclass(frozen=True, slots=True)
class Always(Deadline):
    """No limit of its own. Whether a past day may change is not a matter of deadline."""

    kind: ClassVar[str] = "always"

    def window(self, day: date, calendar: Calendar) -> Window:
        return Window()

    def limit(self) -> str:
        return "à tout moment"

    def to_data(self) -> dict[str, Any]:
        return {"kind": self.kind}


@dataclass(frozen=True, slots=True)
class Never(Deadline):
    """Not on line: through the service only (guide 002: the yearly ALAE, changed by message)."""

    kind: ClassVar[str] = "never"

    def window(self, day: date, calendar: Calendar) -> Window:
        return Window.shut("fermé en ligne")

    def limit(self) -> str:
        return "auprès du service, pas en ligne"

    def clause(self, action: Action = Action.CHANGE) -> str:
        return f"{action.negated[0]} pas en ligne"

    def reason(self, action: Action, explanation: str) -> str:
        return ""

    def to_data(self) -> dict[str, Any]:
        return {"kind": self.kind}


@dataclass(frozen=True, slots=True)
class DaysBefore(Deadline):
    """At an hour, `days` days before the service day; 0 is the day itself.

    Counted over the days that count: those of none of the kinds `not_counted`. “10 h, 2 jours ouvrés avant”
    for a Monday is Thursday at 10 h, and Wednesday if Friday is a public holiday.
    """

    days: int
    hour: time = LAST_MINUTE
    inclusive: bool = True
    not_counted: frozenset[DayKind] = NO_KIND
    step_back: frozenset[DayKind] = NO_KIND

    kind: ClassVar[str] = "days_before"

    def __post_init__(self) -> None:
        check_number("days", self.days, 0, MAX_DAYS)
        check_hour("hour", self.hour)

    def window(self, day: date, calendar: Calendar) -> Window:
        reference = counting_back(day, self.days, self.not_counted, calendar)
        reference = last_counting(reference, self.step_back, calendar)
        return Window(closes=closing(reference, self.hour, inclusive=self.inclusive))

    def limit(self) -> str:
        named, aside = adjective(self.not_counted)
        tail = f", {aside}" if aside and self.days else ""
        if not self.inclusive and self.hour == MIDNIGHT:
            if self.days == 0:
                return f"jusqu’à {french.hour(LAST_MINUTE)} la veille"
            return f"plus {'d’' if self.days == 1 else 'de '}{_days(self.days, named)} avant{tail}"
        hour = f"{'jusqu’à' if self.inclusive else 'avant'} {french.hour(self.hour)}"
        if self.days == 0:
            return f"{hour} le jour même"
        if self.days == 1 and not self.not_counted:
            return f"{hour} la veille"
        if self.days == 1 and named:
            return f"{hour} le jour {named} précédent"
        return f"{hour}, {_days(self.days, named)} avant{tail}"

    def remark(self) -> str:
        return _stepping_back(self.step_back)

    def to_data(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "days": self.days,
            **_end_data(self.hour, inclusive=self.inclusive),
            **_kinds_data("not_counted", self.not_counted),
            **_kinds_data("step_back", self.step_back),
        }


@dataclass(frozen=True, slots=True)
class WeekdayBefore(Deadline):
    """At an hour of a weekday (ISO, 1 is Monday) of the `weeks`-th ISO week before that of the service day.

    Les Rousses (guide 003): Thursday 23 h 59 of the week before. With `weeks` 0 (the same week) the limit
    never comes after the end of the service day.
    """

    weekday: int
    hour: time = LAST_MINUTE
    weeks: int = 1
    inclusive: bool = True
    step_back: frozenset[DayKind] = NO_KIND

    kind: ClassVar[str] = "weekday_before"

    def __post_init__(self) -> None:
        check_number("weekday", self.weekday, 1, 7)
        check_number("weeks", self.weeks, 0, MAX_WEEKS)
        check_hour("hour", self.hour)

    def window(self, day: date, calendar: Calendar) -> Window:
        reference = monday_of(day) + timedelta(days=self.weekday - 1, weeks=-self.weeks)
        reference = last_counting(reference, self.step_back, calendar)
        closes = closing(reference, self.hour, inclusive=self.inclusive)
        if self.weeks == 0:
            closes = min(closes, end_of_day(day), key=to_utc)
        return Window(closes=closes)

    def limit(self) -> str:
        weeks = {0: " de la même semaine", 1: " de la semaine précédente"}.get(
            self.weeks, f", {french.plural(self.weeks, 'semaine')} avant"
        )
        name = french.weekday_name(self.weekday)
        if not self.inclusive and self.hour == MIDNIGHT:
            return f"avant le {name}{weeks}"
        return f"{'jusqu’au' if self.inclusive else 'avant le'} {name} {french.hour(self.hour)}{weeks}"

    def remark(self) -> str:
        return _stepping_back(self.step_back)

    def to_data(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "weekday": self.weekday,
            **({} if self.weeks == 1 else {"weeks": self.weeks}),
            **_end_data(self.hour, inclusive=self.inclusive),
            **_kinds_data("step_back", self.step_back),
        }


@dataclass(frozen=True, slots=True)
class DayOfMonth(Deadline):
    """On day `day` of the `months`-th month before the one of the service day (guide 002: the 20th).

    A day that the month does not have becomes its last day: 31 is always “the last day of the month”.
    """

    day: int
    months: int = 1
    hour: time = LAST_MINUTE
    inclusive: bool = True
    step_back: frozenset[DayKind] = NO_KIND

    kind: ClassVar[str] = "day_of_month"

    def __post_init__(self) -> None:
        check_number("day", self.day, 1, 31)
        check_number("months", self.months, 1, MAX_MONTHS)
        check_hour("hour", self.hour)

    def window(self, day: date, calendar: Calendar) -> Window:
        month = shift_month(day, -self.months)
        reference = last_counting(day_of_month(month.year, month.month, self.day), self.step_back, calendar)
        return Window(closes=closing(reference, self.hour, inclusive=self.inclusive))

    def limit(self) -> str:
        whole_day = not self.inclusive and self.hour == MIDNIGHT
        hour = "" if whole_day else f" à {french.hour(self.hour)}"
        start = "jusqu’au" if self.inclusive else "avant le"
        if self.day == 31:
            number = "dernier jour"
        else:
            number = french.day_number(self.day)
            if self.day >= 29:  # the shorter months have no such day
                number += f" (ou {'au' if self.inclusive else 'le'} dernier jour)"
        if self.months == 1:
            return f"{start} {number} du mois précédent{hour}"
        return f"{start} {number} du mois{hour}, {self.months}{NBSP}mois avant"

    def remark(self) -> str:
        return _stepping_back(self.step_back)

    def to_data(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "day": self.day,
            **({} if self.months == 1 else {"months": self.months}),
            **_end_data(self.hour, inclusive=self.inclusive),
            **_kinds_data("step_back", self.step_back),
        }


@dataclass(frozen=True, slots=True)
class FixedInstant(Deadline):
    """One instant for every service day, whatever the day: “jusqu’au 20 août 2025”."""

    day: date
    hour: time = LAST_MINUTE
    inclusive: bool = True

    kind: ClassVar[str] = "fixed"

    def __post_init__(self) -> None:
        check_day("day", self.day)
        check_hour("hour", self.hour)

    def window(self, day: date, calendar: Calendar) -> Window:
        return Window(closes=closing(self.day, self.hour, inclusive=self.inclusive))

    def limit(self) -> str:
        return until_words(self.day, self.hour, inclusive=self.inclusive)

    def to_data(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "day": self.day.isoformat(),
            **_end_data(self.hour, inclusive=self.inclusive),
        }


class Span(StrEnum):
    """The unit of a rolling opening."""

    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"


@dataclass(frozen=True, slots=True)
class RollingOpening(Deadline):
    """Opens `amount` days, weeks or months before the service day, at `hour`; never closes by itself.

    `aligned` opens whole weeks or months at once: the Monday of that week, the 1st of that month. Without it,
    months keep the day (31 May, three months before: 28 February). Combine with a limit in `MostRestrictive`.
    """

    amount: int
    unit: Span = Span.DAYS
    hour: time = MIDNIGHT
    aligned: bool = False

    kind: ClassVar[str] = "rolling_opening"

    def __post_init__(self) -> None:
        highest = {Span.DAYS: MAX_DAYS, Span.WEEKS: MAX_WEEKS, Span.MONTHS: MAX_MONTHS}[self.unit]
        check_number("amount", self.amount, 1, highest)
        check_hour("hour", self.hour)
        if self.aligned and self.unit is Span.DAYS:
            raise InvalidDeadline("aligned", "ne vaut que pour des semaines (weeks) ou des mois (months).")

    def window(self, day: date, calendar: Calendar) -> Window:
        return Window(opens=at_paris(self._reference(day), self.hour))

    def _reference(self, day: date) -> date:
        match self.unit:
            case Span.DAYS:
                return day - self.amount * ONE_DAY
            case Span.WEEKS:
                start = monday_of(day) if self.aligned else day
                return start - timedelta(weeks=self.amount)
            case Span.MONTHS:
                month = shift_month(day, -self.amount)
                return month if self.aligned else day_of_month(month.year, month.month, day.day)

    def limit(self) -> str:
        hour = "" if self.hour == MIDNIGHT else f" à {french.hour(self.hour)}"
        match self.unit:
            case Span.DAYS:
                return f"à partir de {french.plural(self.amount, 'jour')} avant{hour}"
            case Span.WEEKS:
                delay = f"{french.plural(self.amount, 'semaine')} avant"
                start = f"du lundi{hour}, {delay}"
            case Span.MONTHS:
                delay = f"{self.amount}{NBSP}mois avant"
                start = f"du 1er du mois{hour}, {delay}"
        return f"à partir {start}" if self.aligned else f"à partir de {delay}{hour}"

    def to_data(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "amount": self.amount,
            "unit": self.unit.value,
            **({} if self.hour == MIDNIGHT else {"hour": hour_data(self.hour)}),
            **({"aligned": True} if self.aligned else {}),
        }


# Checks


def check_number(path: str, number: int, lowest: int, highest: int) -> None:
    """Raise InvalidDeadline unless `number` is an integer within the bounds, included."""
    if isinstance(number, bool) or not isinstance(number, int) or not lowest <= number <= highest:
        raise InvalidDeadline(path, f"attend un nombre entier de {lowest} à {highest}.")


def check_hour(path: str, hour: time) -> None:
    """Raise InvalidDeadline unless `hour` is a naive time on a whole minute."""
    if not isinstance(hour, time) or hour.tzinfo is not None or hour.second or hour.microsecond:
        raise InvalidDeadline(path, "attend une heure sans secondes, par exemple 23:59.")


def check_day(path: str, day: date) -> None:
    """Raise InvalidDeadline unless `day` is a date without hour, of this century."""
    if type(day) is not date or not 2000 <= day.year < 2100:
        raise InvalidDeadline(path, "attend une date de ce siècle, par exemple 2026-10-01.")


# Words


def until_words(day: date, hour: time, *, inclusive: bool) -> str:
    """“jusqu’au mercredi 1er octobre 2025 à 23 h 59”, “avant le mercredi 1er octobre 2025”."""
    start = "jusqu’au" if inclusive else "avant le"
    if not inclusive and hour == MIDNIGHT:
        return f"{start} {french.long_date(day)}"
    return f"{start} {french.long_date(day)} à {french.hour(hour)}"


def _days(number: int, named: str) -> str:
    """“3 jours”, “1 jour ouvré”, “2 jours d’école”."""
    if not named:
        return french.plural(number, "jour")
    plural_name = named if named == "d’école" else f"{named}s"
    return french.plural(number, f"jour {named}", f"jours {plural_name}")


def _stepping_back(kinds: Set[DayKind]) -> str:
    if not kinds:
        return ""
    return (
        f"Si la limite tombe pendant les {labels(kinds, last='ou')}, elle est avancée au dernier jour qui les précède."
    )


# Data


def hour_data(hour: time) -> str:
    """“23:59”."""
    return hour.strftime("%H:%M")


def default_hour(*, inclusive: bool) -> time:
    """The hour of a limit that gives none: the end of the day, or its beginning when the day is too late."""
    return LAST_MINUTE if inclusive else MIDNIGHT


def _end_data(hour: time, *, inclusive: bool) -> dict[str, Any]:
    data: dict[str, Any] = {}
    if hour != default_hour(inclusive=inclusive):
        data["hour"] = hour_data(hour)
    if not inclusive:
        data["inclusive"] = False
    return data


def _kinds_data(key: str, kinds: Set[DayKind]) -> dict[str, list[str]]:
    return {key: [kind.value for kind in DayKind if kind in kinds]} if kinds else {}

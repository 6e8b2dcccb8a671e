"""Deadlines made of others: by weekday, by period, and the most restrictive of several."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time
from functools import reduce
from itertools import pairwise
from typing import Any, ClassVar

from portal.domain.activities.deadlines.base import Action, Deadline
from portal.domain.activities.deadlines.days import Calendar
from portal.domain.activities.deadlines.errors import InvalidDeadline
from portal.domain.activities.deadlines.simple import (
    LAST_MINUTE,
    MIDNIGHT,
    Always,
    Never,
    check_day,
    check_hour,
    closing,
    default_hour,
    hour_data,
    until_words,
)
from portal.domain.activities.deadlines.window import Window
from portal.domain.kernel import french
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.clock import at_paris, to_utc
from portal.domain.kernel.french import NBSP, NNBSP

NEVER = Never()


@dataclass(frozen=True, slots=True)
class PerWeekday(Deadline):
    """A rule for each ISO weekday of the service day (“pour le lundi, le vendredi 10 h; pour le mardi…”).

    Weekdays without a rule follow `otherwise`: by default, never on line.
    """

    table: tuple[tuple[int, Deadline], ...]
    otherwise: Deadline = NEVER

    kind: ClassVar[str] = "per_weekday"

    def __post_init__(self) -> None:
        weekdays = [weekday for weekday, _ in self.table]
        if not weekdays:
            raise InvalidDeadline("table", "attend au moins un jour, de 1 (lundi) à 7 (dimanche).")
        for weekday in weekdays:
            if weekday not in range(1, 8):
                raise InvalidDeadline("table", f"{weekday} n’est pas un jour, de 1 (lundi) à 7 (dimanche).")
        if len(set(weekdays)) < len(weekdays):
            raise InvalidDeadline("table", "donne deux règles pour un même jour de la semaine.")
        # One order, so that equal tables are equal values.
        object.__setattr__(self, "table", tuple(sorted(self.table, key=lambda row: row[0])))

    def rule_for(self, day: date) -> Deadline:
        """The rule that governs this service day."""
        return dict(self.table).get(day.isoweekday(), self.otherwise)

    def window(self, day: date, calendar: Calendar) -> Window:
        rule = self.rule_for(day)
        if rule == NEVER:
            return Window.shut(f"pas de changement en ligne pour le {french.weekday_name(day.isoweekday())}")
        return rule.window(day, calendar)

    def limit(self) -> str:
        return f"selon le jour ({self._listed()})"

    def clause(self, action: Action = Action.CHANGE) -> str:
        return f"{action.subject} {action.verb}{NBSP}: {self._listed()}"

    def _listed(self) -> str:
        by_rule: dict[Deadline, list[int]] = {}
        for weekday, rule in self.table:
            by_rule.setdefault(rule, []).append(weekday)
        parts = [
            f"pour le {' et le '.join(french.weekday_name(weekday) for weekday in weekdays)}, {rule.limit()}"
            if len(weekdays) < 3
            else f"pour les {french.join_words(f'{french.weekday_name(weekday)}s' for weekday in weekdays)}, "
            f"{rule.limit()}"
            for rule, weekdays in by_rule.items()
        ]
        if len(self.table) < 7 and self.otherwise != NEVER:
            parts.append(f"pour les autres jours, {self.otherwise.limit()}")
        return f"{NNBSP}; ".join(parts)

    def remark(self) -> str:
        return _remarks(rule for _, rule in self.table)

    def to_data(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "table": {str(weekday): rule.to_data() for weekday, rule in self.table},
            **_otherwise_data(self.otherwise),
        }


@dataclass(frozen=True, slots=True)
class PeriodWindow:
    """The window that governs the service days of one period, both ends included (holidays of guide 002).

    `opens` empty means open since always. Hours and `inclusive` as in the simple deadlines.
    """

    label: str
    first: date
    last: date
    closes: date
    opens: date | None = None
    opens_hour: time = MIDNIGHT
    hour: time = LAST_MINUTE
    inclusive: bool = True

    def __post_init__(self) -> None:
        if not self.label.strip():
            raise InvalidDeadline("label", "attend le nom de la période, par exemple « Noël 2026 ».")
        for path, day in (("first", self.first), ("last", self.last), ("closes", self.closes)):
            check_day(path, day)
        if self.opens is not None:
            check_day("opens", self.opens)
        check_hour("opens_hour", self.opens_hour)
        check_hour("hour", self.hour)
        if self.last < self.first:
            raise InvalidDeadline("last", "le dernier jour de la période vient avant le premier.")
        opens, closes = self.window().opens, self.window().closes
        if opens is not None and closes is not None and to_utc(opens) >= to_utc(closes):
            raise InvalidDeadline("closes", "les réservations ferment avant d’ouvrir.")

    @property
    def days(self) -> DateRange:
        return DateRange(self.first, self.last)

    def window(self) -> Window:
        """The same for each day of the period."""
        return Window(
            opens=None if self.opens is None else at_paris(self.opens, self.opens_hour),
            closes=closing(self.closes, self.hour, inclusive=self.inclusive),
        )

    def words(self) -> str:
        """“Noël 2025, du lundi 3 novembre 2025 au mercredi 3 décembre 2025 à 23 h 59”."""
        until = until_words(self.closes, self.hour, inclusive=self.inclusive)
        if self.opens is None:
            return f"{self.label}, {until}"
        hour = "" if self.opens_hour == MIDNIGHT else f" à {french.hour(self.opens_hour)}"
        start = f"du {french.long_date(self.opens)}{hour}"
        end = until.removeprefix("jusqu’") if self.inclusive else f"et {until}"
        return f"{self.label}, {start} {end}"

    def to_data(self) -> dict[str, Any]:
        return {
            "label": self.label,
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            **({} if self.opens is None else {"opens": self.opens.isoformat()}),
            **({} if self.opens_hour == MIDNIGHT else {"opens_hour": hour_data(self.opens_hour)}),
            "closes": self.closes.isoformat(),
            **({} if self.hour == default_hour(inclusive=self.inclusive) else {"hour": hour_data(self.hour)}),
            **({} if self.inclusive else {"inclusive": False}),
        }


@dataclass(frozen=True, slots=True)
class PeriodWindows(Deadline):
    """A window for each period of service days; days of no period follow `otherwise` (by default, never).

    A period replaces `otherwise`; to apply both, put the two in `MostRestrictive`.
    """

    periods: tuple[PeriodWindow, ...]
    otherwise: Deadline = NEVER

    kind: ClassVar[str] = "periods"

    def __post_init__(self) -> None:
        if not self.periods:
            raise InvalidDeadline("periods", "attend au moins une période.")
        ordered = tuple(sorted(self.periods, key=lambda period: period.first))
        for before, after in pairwise(ordered):
            if before.days.overlaps(after.days):
                raise InvalidDeadline(
                    "periods",
                    f"« {before.label} » et « {after.label} » se recouvrent : un jour suit une seule règle.",
                )
        object.__setattr__(self, "periods", ordered)

    def window(self, day: date, calendar: Calendar) -> Window:
        for period in self.periods:
            if day in period.days:
                return period.window()
        if self.otherwise == NEVER:
            return Window.shut("aucune période de réservation n’est annoncée pour ce jour")
        return self.otherwise.window(day, calendar)

    def limit(self) -> str:
        return f"aux dates de chaque période ({self._listed()})"

    def clause(self, action: Action = Action.CHANGE) -> str:
        return f"{action.subject} {action.verb} aux dates de chaque période{NBSP}: {self._listed()}"

    def _listed(self) -> str:
        parts = [period.words() for period in self.periods]
        if self.otherwise != NEVER:
            parts.append(f"pour les autres jours, {self.otherwise.limit()}")
        return f"{NNBSP}; ".join(parts)

    def remark(self) -> str:
        return self.otherwise.remark()

    def to_data(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "periods": [period.to_data() for period in self.periods],
            **_otherwise_data(self.otherwise),
        }


@dataclass(frozen=True, slots=True)
class MostRestrictive(Deadline):
    """All the rules at once: opens with the last to open, closes with the first to close."""

    rules: tuple[Deadline, ...]

    kind: ClassVar[str] = "most_restrictive"

    def __post_init__(self) -> None:
        if len(self.rules) < 2:
            raise InvalidDeadline("rules", "attend au moins deux règles à appliquer ensemble.")

    def window(self, day: date, calendar: Calendar) -> Window:
        return reduce(Window.intersect, (rule.window(day, calendar) for rule in self.rules))

    def limit(self) -> str:
        *first, last = [rule.limit() for rule in self.rules if rule.kind != Always.kind] or [Always().limit()]
        if not first:
            return last
        # A limit that holds a comma is closed by one, or the “et” would join its end only.
        return f"{', '.join(first)}{',' if ',' in first[-1] else ''} et {last}"

    def clause(self, action: Action = Action.CHANGE) -> str:
        if any(rule.kind == Never.kind for rule in self.rules):
            return NEVER.clause(action)
        return f"{action.subject} {action.verb} {self.limit()}"

    def remark(self) -> str:
        return _remarks(iter(self.rules))

    def to_data(self) -> dict[str, Any]:
        return {"kind": self.kind, "rules": [rule.to_data() for rule in self.rules]}


def _remarks(rules: Iterator[Deadline]) -> str:
    return " ".join(dict.fromkeys(filter(None, (rule.remark() for rule in rules))))


def _otherwise_data(otherwise: Deadline) -> dict[str, Any]:
    return {} if otherwise == NEVER else {"otherwise": otherwise.to_data()}


def period_windows(deadline: Deadline) -> tuple[PeriodWindow, ...]:
    """The windows of periods that a deadline contains, however deep, earliest first; empty when it has none."""
    found: dict[PeriodWindow, None] = {}
    waiting = [deadline]
    while waiting:
        match waiting.pop():
            case PeriodWindows(periods=periods, otherwise=otherwise):
                found.update(dict.fromkeys(periods))
                waiting.append(otherwise)
            case MostRestrictive(rules=rules):
                waiting.extend(rules)
            case PerWeekday(table=table, otherwise=otherwise):
                waiting.extend([*(rule for _weekday, rule in table), otherwise])
    return tuple(sorted(found, key=lambda period: (period.first, period.last, period.closes)))

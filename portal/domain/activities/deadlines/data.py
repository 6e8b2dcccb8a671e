"""Reading deadlines from JSON or TOML data, with mistakes named in French."""

from collections.abc import Callable, Mapping
from datetime import time
from typing import Any

from portal.domain.activities.deadlines.base import Deadline
from portal.domain.activities.deadlines.composite import (
    NEVER,
    MostRestrictive,
    PeriodWindow,
    PeriodWindows,
    PerWeekday,
)
from portal.domain.activities.deadlines.days import DayKind
from portal.domain.activities.deadlines.errors import InvalidDeadline
from portal.domain.activities.deadlines.simple import (
    MIDNIGHT,
    Always,
    DayOfMonth,
    DaysBefore,
    FixedInstant,
    Never,
    RollingOpening,
    Span,
    WeekdayBefore,
    default_hour,
)
from portal.domain.kernel.french import WEEKDAYS
from portal.domain.kernel.structured import Reader, listed, shown

# Rules hold rules; no règlement needs more, and data may come from a file that nobody read.
DEEPEST = 6

_ABSENT = object()


def deadline_from_data(data: Any, path: str = "") -> Deadline:
    """The deadline described by `data`, whose `kind` names the rule; `path` says where the data was found.

    The inverse of `Deadline.to_data`. Dates and hours may be strings (“2026-10-01”, “23:59”) or TOML's own.
    Raises InvalidDeadline with the path and the reason: unknown kind or key, missing or impossible value.
    """
    try:
        return _read(data, DEEPEST)
    except InvalidDeadline as error:
        raise error.under(path) from error


class _Reader(Reader):
    """Takes the values that deadlines are made of."""

    error = InvalidDeadline

    def hour(self, key: str, default: time) -> time:
        value = self.take(key, default)
        if isinstance(value, str):
            try:
                return time.fromisoformat(value)
            except ValueError:
                pass
        elif isinstance(value, time):
            return value
        raise InvalidDeadline(key, f"attend une heure comme 23:59, et non {shown(value)}.")

    def kinds(self, key: str) -> frozenset[DayKind]:
        value = self.take(key, ())
        if isinstance(value, str) or not isinstance(value, list | tuple | set | frozenset):
            raise InvalidDeadline(key, f"attend une liste parmi {listed(kind.value for kind in DayKind)}.")
        known = {kind.value: kind for kind in DayKind}
        for item in value:
            if not isinstance(item, str) or item not in known:
                raise InvalidDeadline(key, f"{shown(item)} n’est pas un genre de jours. Au choix : {listed(known)}.")
        return frozenset(known[item] for item in value)

    def end(self) -> dict[str, Any]:
        """`hour` and `inclusive`: the hour that is left out depends on the other."""
        inclusive = self.boolean("inclusive", default=True)
        return {"inclusive": inclusive, "hour": self.hour("hour", default_hour(inclusive=inclusive))}


def _read(data: Any, depth: int) -> Deadline:
    if not isinstance(data, Mapping):
        raise InvalidDeadline("", f"attend une règle avec sa clé « kind », et non {shown(data)}.")
    if depth == 0:
        raise InvalidDeadline("", f"règles imbriquées sur plus de {DEEPEST} niveaux.")
    kind = data.get("kind", _ABSENT)
    if kind is _ABSENT:
        raise InvalidDeadline("kind", f"manque. Au choix : {listed(_READERS)}.")
    if not isinstance(kind, str) or kind not in _READERS:
        raise InvalidDeadline("kind", f"{shown(kind)} est inconnu. Au choix : {listed(_READERS)}.")
    reader = _Reader(data, f"une règle « {kind} »")
    reader.take("kind")
    make, fields = _READERS[kind]
    values = fields(reader, depth)
    reader.finish()
    return make(**values)


def _inner(data: Any, path: str, depth: int) -> Deadline:
    try:
        return _read(data, depth - 1)
    except InvalidDeadline as error:
        raise error.under(path) from error


def _days_before(reader: _Reader, depth: int) -> dict[str, Any]:
    return {
        "days": reader.integer("days"),
        **reader.end(),
        "not_counted": reader.kinds("not_counted"),
        "step_back": reader.kinds("step_back"),
    }


def _weekday_before(reader: _Reader, depth: int) -> dict[str, Any]:
    return {
        "weekday": _weekday("weekday", reader.take("weekday")),
        "weeks": reader.integer("weeks", 1),
        **reader.end(),
        "step_back": reader.kinds("step_back"),
    }


def _day_of_month(reader: _Reader, depth: int) -> dict[str, Any]:
    return {
        "day": reader.integer("day"),
        "months": reader.integer("months", 1),
        **reader.end(),
        "step_back": reader.kinds("step_back"),
    }


def _fixed(reader: _Reader, depth: int) -> dict[str, Any]:
    return {"day": reader.day("day"), **reader.end()}


def _rolling_opening(reader: _Reader, depth: int) -> dict[str, Any]:
    unit = reader.text("unit", Span.DAYS.value)
    if unit not in {span.value for span in Span}:
        raise InvalidDeadline("unit", f"{shown(unit)} est inconnu. Au choix : {listed(Span)}.")
    return {
        "amount": reader.integer("amount"),
        "unit": Span(unit),
        "hour": reader.hour("hour", MIDNIGHT),
        "aligned": reader.boolean("aligned", default=False),
    }


def _per_weekday(reader: _Reader, depth: int) -> dict[str, Any]:
    table = reader.take("table")
    if not isinstance(table, Mapping):
        raise InvalidDeadline("table", "attend une règle par jour, de 1 (lundi) à 7 (dimanche).")
    return {
        "table": tuple(
            (_weekday(f"table.{key}", key), _inner(rule, f"table.{key}", depth)) for key, rule in table.items()
        ),
        "otherwise": _otherwise(reader, depth),
    }


def _periods(reader: _Reader, depth: int) -> dict[str, Any]:
    periods = reader.take("periods")
    if not isinstance(periods, list | tuple):
        raise InvalidDeadline("periods", "attend une liste de périodes.")
    return {
        "periods": tuple(_period(period, f"periods[{index}]") for index, period in enumerate(periods)),
        "otherwise": _otherwise(reader, depth),
    }


def _period(data: Any, path: str) -> PeriodWindow:
    try:
        if not isinstance(data, Mapping):
            raise InvalidDeadline("", f"attend une période avec ses dates, et non {shown(data)}.")
        reader = _Reader(data, "une période")
        values: dict[str, Any] = {
            "label": reader.text("label"),
            "first": reader.day("first"),
            "last": reader.day("last"),
            "opens": reader.optional_day("opens"),
            "opens_hour": reader.hour("opens_hour", MIDNIGHT),
            "closes": reader.day("closes"),
            **reader.end(),
        }
        reader.finish()
        return PeriodWindow(**values)
    except InvalidDeadline as error:
        raise error.under(path) from error


def _most_restrictive(reader: _Reader, depth: int) -> dict[str, Any]:
    rules = reader.take("rules")
    if not isinstance(rules, list | tuple):
        raise InvalidDeadline("rules", "attend une liste de règles.")
    return {"rules": tuple(_inner(rule, f"rules[{index}]", depth) for index, rule in enumerate(rules))}


def _nothing(reader: _Reader, depth: int) -> dict[str, Any]:
    return {}


def _otherwise(reader: _Reader, depth: int) -> Deadline:
    data = reader.take("otherwise", None)
    return NEVER if data is None else _inner(data, "otherwise", depth)


def _weekday(path: str, value: Any) -> int:
    """1 to 7, as a number, as a string (JSON keys) or by its French name (hand-written profiles)."""
    if isinstance(value, str):
        name = value.strip().lower()
        if name in WEEKDAYS:
            return WEEKDAYS.index(name) + 1
        if name in "1234567" and len(name) == 1:
            return int(name)
    elif isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 7:
        return value
    raise InvalidDeadline(path, f"attend un jour de 1 (lundi) à 7 (dimanche), et non {shown(value)}.")


_READERS: dict[str, tuple[Callable[..., Deadline], Callable[[_Reader, int], dict[str, Any]]]] = {
    Always.kind: (Always, _nothing),
    Never.kind: (Never, _nothing),
    DaysBefore.kind: (DaysBefore, _days_before),
    WeekdayBefore.kind: (WeekdayBefore, _weekday_before),
    DayOfMonth.kind: (DayOfMonth, _day_of_month),
    FixedInstant.kind: (FixedInstant, _fixed),
    RollingOpening.kind: (RollingOpening, _rolling_opening),
    PerWeekday.kind: (PerWeekday, _per_weekday),
    PeriodWindows.kind: (PeriodWindows, _periods),
    MostRestrictive.kind: (MostRestrictive, _most_restrictive),
}

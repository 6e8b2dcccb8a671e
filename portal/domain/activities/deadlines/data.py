"""Reading deadlines from JSON or TOML data, with mistakes named in French."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time
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


class _Reader:
    """Takes keys out of a mapping; whatever is left at the end is a mistake."""

    def __init__(self, data: Mapping[str, Any], what: str) -> None:
        self._left = dict(data)
        self._known: list[str] = []
        self._what = what

    def take(self, key: str, default: Any = _ABSENT) -> Any:
        self._known.append(key)
        value = self._left.pop(key, default)
        if value is _ABSENT:
            raise InvalidDeadline(key, f"manque à {self._what}.")
        return value

    def integer(self, key: str, default: Any = _ABSENT) -> int:
        value = self.take(key, default)
        if isinstance(value, bool) or not isinstance(value, int):
            raise InvalidDeadline(key, f"attend un nombre entier, et non {_shown(value)}.")
        return int(value)

    def boolean(self, key: str, *, default: bool) -> bool:
        value = self.take(key, default)
        if not isinstance(value, bool):
            raise InvalidDeadline(key, f"attend true ou false, et non {_shown(value)}.")
        return value

    def text(self, key: str, default: Any = _ABSENT) -> str:
        value = self.take(key, default)
        if not isinstance(value, str):
            raise InvalidDeadline(key, f"attend un texte, et non {_shown(value)}.")
        return value

    def hour(self, key: str, default: time) -> time:
        value = self.take(key, default)
        if isinstance(value, str):
            try:
                return time.fromisoformat(value)
            except ValueError:
                pass
        elif isinstance(value, time):
            return value
        raise InvalidDeadline(key, f"attend une heure comme 23:59, et non {_shown(value)}.")

    def day(self, key: str) -> date:
        value = self.take(key)
        if isinstance(value, str):
            try:
                return date.fromisoformat(value)
            except ValueError:
                pass
        elif isinstance(value, date) and not isinstance(value, datetime):
            return value
        raise InvalidDeadline(key, f"attend une date comme 2026-10-01, et non {_shown(value)}.")

    def optional_day(self, key: str) -> date | None:
        if self._left.get(key) is None:
            self.take(key, None)
            return None
        return self.day(key)

    def kinds(self, key: str) -> frozenset[DayKind]:
        value = self.take(key, ())
        if isinstance(value, str) or not isinstance(value, list | tuple | set | frozenset):
            raise InvalidDeadline(key, f"attend une liste parmi {_listed(kind.value for kind in DayKind)}.")
        known = {kind.value: kind for kind in DayKind}
        for item in value:
            if not isinstance(item, str) or item not in known:
                raise InvalidDeadline(key, f"{_shown(item)} n’est pas un genre de jours. Au choix : {_listed(known)}.")
        return frozenset(known[item] for item in value)

    def end(self) -> dict[str, Any]:
        """`hour` and `inclusive`: the hour that is left out depends on the other."""
        inclusive = self.boolean("inclusive", default=True)
        return {"inclusive": inclusive, "hour": self.hour("hour", default_hour(inclusive=inclusive))}

    def finish(self) -> None:
        for key in self._left:
            raise InvalidDeadline(
                str(key), f"clé inconnue pour {self._what}. Clés possibles : {_listed(self._known)}."
            )


def _read(data: Any, depth: int) -> Deadline:
    if not isinstance(data, Mapping):
        raise InvalidDeadline("", f"attend une règle avec sa clé « kind », et non {_shown(data)}.")
    if depth == 0:
        raise InvalidDeadline("", f"règles imbriquées sur plus de {DEEPEST} niveaux.")
    kind = data.get("kind", _ABSENT)
    if kind is _ABSENT:
        raise InvalidDeadline("kind", f"manque. Au choix : {_listed(_READERS)}.")
    if not isinstance(kind, str) or kind not in _READERS:
        raise InvalidDeadline("kind", f"{_shown(kind)} est inconnu. Au choix : {_listed(_READERS)}.")
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
        raise InvalidDeadline("unit", f"{_shown(unit)} est inconnu. Au choix : {_listed(Span)}.")
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
            raise InvalidDeadline("", f"attend une période avec ses dates, et non {_shown(data)}.")
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
    raise InvalidDeadline(path, f"attend un jour de 1 (lundi) à 7 (dimanche), et non {_shown(value)}.")


def _shown(value: Any) -> str:
    """A value as the author wrote it, short."""
    text = value if isinstance(value, str) else "vide" if value is None else repr(value)
    text = text if len(text) <= 40 else f"{text[:39]}…"
    return f"« {text} »"


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)


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

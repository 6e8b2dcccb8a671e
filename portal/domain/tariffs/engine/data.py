"""Grids as JSON: what the database keeps, what profiles and imports write. Mistakes are named and placed in French.

What is not said takes its default, and `grid_to_data` says nothing that is a default: a flat price is
`{"parts": [{"method": {"kind": "flat", "price": "4.30"}}]}`.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from portal.domain.kernel.structured import InvalidData, Reader, listed, shown
from portal.domain.tariffs.engine.conditions import ALWAYS, AgeOn, Bounds, Span, When
from portal.domain.tariffs.engine.grids import (
    Change,
    ChangeKind,
    Counting,
    Grid,
    Part,
    Per,
    Rounding,
    Unknown,
    WithoutQuotient,
)
from portal.domain.tariffs.engine.methods import (
    Bracket,
    Brackets,
    Column,
    Effort,
    Flat,
    Lines,
    Method,
    NationalScale,
    Point,
    Rate,
    Reference,
)
from portal.domain.tariffs.engine.situations import Attendance, Counted, Regime, Residence
from portal.domain.tariffs.engine.steps import Direction

T = TypeVar("T")


class InvalidGrid(InvalidData):
    """A grid that cannot be read."""


class _Reader(Reader):
    error = InvalidGrid


def flat_data(price: Decimal) -> dict[str, Any]:
    """The data of one price for everybody, in euros."""
    return {"parts": [{"method": {"kind": Flat.kind, "price": str(price)}}]}


def grid_from_data(
    data: Any, *, valid_from: date, key: int = 0, deliberation: str = "", deliberation_url: str = ""
) -> Grid:
    """The grid that `data` describes; the rest is what the version of the tariff says beside it.

    Read, not judged: see `proof`. Raises InvalidGrid with the path and the reason: unknown kind or key, missing or
    impossible value.
    """
    reader = _Reader(data, "une grille")
    grid = Grid(
        valid_from=valid_from,
        parts=_each(reader, "parts", _part),
        changes=_each(reader, "changes", _change, default=()),
        rounding=_inner("rounding", reader.take("rounding", {}), _rounding),
        counting=_inner("counting", reader.take("counting", {}), _counting),
        without=_inner("without_quotient", reader.take("without_quotient", {}), _without),
        key=key,
        deliberation=deliberation,
        deliberation_url=deliberation_url,
    )
    reader.finish()
    return grid


def _part(data: Any) -> Part:
    reader = _Reader(data, "une partie")
    part = Part(
        method=_inner("method", reader.take("method"), _method),
        when=_when(reader),
        label=reader.text("label", ""),
    )
    reader.finish()
    return part


def _when(reader: Reader) -> When:
    return _inner("when", reader.take("when", {}), _condition)


def condition_from_data(data: Any) -> When:
    """The condition that `data` describes. Raises InvalidGrid."""
    return _condition(data)


def _condition(data: Any) -> When:
    reader = _Reader(data, "une condition")
    when = When(
        residences=reader.words("residences", Residence),
        regimes=reader.words("regimes", Regime),
        ages=_bounds(reader, "ages"),
        age_on=reader.word("age_on", AgeOn, AgeOn.DAY),
        schools=reader.texts("schools"),
        levels=reader.texts("levels"),
        members=reader.texts("members"),
        not_members=reader.texts("not_members"),
        ranks=_bounds(reader, "ranks"),
        children=_bounds(reader, "children"),
        counted=reader.word("counted", Counted, Counted.ENROLLED),
        regular=_answer(reader, "regular"),
        own_meal=_answer(reader, "own_meal"),
        late=_answer(reader, "late"),
        attendances=reader.words("attendances", Attendance),
        quotients=_span(reader, "quotients"),
    )
    reader.finish()
    return ALWAYS if when == ALWAYS else when


def _bounds(reader: Reader, key: str) -> Bounds | None:
    written = reader.take(key, None)

    def read(data: Any) -> Bounds:
        inner = _Reader(data, "un intervalle")
        low = inner.integer("low", 0)
        high = inner.integer("high") if inner.has("high") else inner.take("high", None)
        inner.finish()
        if high is not None and high < low:
            raise InvalidGrid("high", f"vient avant {low}.")
        return Bounds(low, high)

    return None if written is None else _inner(key, written, read)


def _span(reader: Reader, key: str) -> Span | None:
    written = reader.take(key, None)

    def read(data: Any) -> Span:
        inner = _Reader(data, "un intervalle")
        span = Span(inner.decimal("low", Decimal(0)), inner.optional_decimal("high"))
        inner.finish()
        if span.high is not None and span.high <= span.low:
            raise InvalidGrid("high", f"vient avant {span.low}.")
        return span

    return None if written is None else _inner(key, written, read)


def _answer(reader: Reader, key: str) -> bool | None:
    if reader.has(key):
        return reader.boolean(key, default=False)
    reader.take(key, None)
    return None


def _change(data: Any) -> Change:
    reader = _Reader(data, "une modification")
    kind = reader.word("kind", ChangeKind)
    change = Change(
        label=reader.text("label"),
        kind=kind,
        number=reader.decimal("number"),
        when=_when(reader),
        minutes=reader.integer("minutes") if kind is ChangeKind.SLICES else 0,
    )
    reader.finish()
    return change


def _rounding(data: Any) -> Rounding:
    reader = _Reader(data, "un arrondi")
    rounding = Rounding(
        reader.decimal("step", Decimal("0.01")), reader.word("direction", Direction, Direction.NEAREST)
    )
    reader.finish()
    return rounding


def _counting(data: Any) -> Counting:
    reader = _Reader(data, "une façon de compter")
    counting = Counting(
        per=reader.word("per", Per, Per.UNIT),
        minutes=reader.integer("minutes", 60),
        step=reader.integer("step", 1),
        least=reader.integer("least", 0),
        direction=reader.word("direction", Direction, Direction.UP),
    )
    reader.finish()
    return counting


def _without(data: Any) -> WithoutQuotient:
    reader = _Reader(data, "la règle du quotient inconnu")
    kind = reader.word("kind", Unknown, Unknown.HIGHEST)
    without = WithoutQuotient(
        kind=kind,
        number=reader.decimal("number") if kind is not Unknown.HIGHEST else Decimal(0),
        keeps_expired=reader.boolean("keeps_expired", default=False),
    )
    reader.finish()
    return without


def _method(data: Any) -> Method:
    kind = data.get("kind") if isinstance(data, Mapping) else None
    if not isinstance(kind, str) or kind not in _METHODS:
        raise InvalidGrid("kind", f"{shown(kind)} est inconnu. Au choix : {listed(_METHODS)}.")
    reader = _Reader(data, f"un prix « {kind} »")
    reader.take("kind")
    method = _METHODS[kind](reader)
    reader.finish()
    return method


def _flat(reader: Reader) -> Flat:
    return Flat(reader.decimal("price"))


def _brackets(reader: Reader) -> Brackets:
    return Brackets(
        rows=_each(reader, "rows", _bracket),
        columns=_each(reader, "columns", _column, default=()),
        reference=reader.word("reference", Reference, Reference.QUOTIENT),
    )


def _bracket(data: Any) -> Bracket:
    reader = _Reader(data, "une tranche")
    prices = reader.items("prices")
    bracket = Bracket(
        low=reader.decimal("low", Decimal(0)),
        high=reader.optional_decimal("high"),
        prices=tuple(reader.number(f"prices[{index}]", price) for index, price in enumerate(prices)),
    )
    reader.finish()
    return bracket


def _column(data: Any) -> Column:
    reader = _Reader(data, "une colonne")
    column = Column(reader.text("label"), _when(reader))
    reader.finish()
    return column


def _effort(reader: Reader) -> Effort:
    percentages = reader.items("percentages")
    return Effort(
        percentages=tuple(reader.number(f"percentages[{index}]", each) for index, each in enumerate(percentages)),
        lowest=reader.optional_decimal("lowest"),
        highest=reader.optional_decimal("highest"),
        columns=_each(reader, "columns", _column, default=()),
        reference=reader.word("reference", Reference, Reference.QUOTIENT),
    )


def _lines(reader: Reader) -> Lines:
    return Lines(
        points=_each(reader, "points", _point),
        above=reader.optional_decimal("above"),
        reference=reader.word("reference", Reference, Reference.QUOTIENT),
    )


def _point(data: Any) -> Point:
    reader = _Reader(data, "un point")
    point = Point(reader.decimal("reference"), reader.decimal("price"))
    reader.finish()
    return point


def _scale(reader: Reader) -> NationalScale:
    return NationalScale(reader.decimal("lowest"), reader.decimal("highest"), _each(reader, "rates", _rate))


def _rate(data: Any) -> Rate:
    reader = _Reader(data, "un taux")
    rate = Rate(reader.integer("children"), reader.decimal("percentage"))
    reader.finish()
    return rate


_METHODS: dict[str, Callable[[Reader], Method]] = {
    Flat.kind: _flat,
    Brackets.kind: _brackets,
    Effort.kind: _effort,
    Lines.kind: _lines,
    NationalScale.kind: _scale,
}


def _inner(path: str, data: Any, read: Callable[[Any], T]) -> T:
    try:
        return read(data)
    except InvalidData as error:
        raise error.under(path) from error


def _each(reader: Reader, key: str, read: Callable[[Any], T], **options: Any) -> tuple[T, ...]:
    items = reader.items(key, **options)
    return tuple(_inner(f"{key}[{index}]", item, read) for index, item in enumerate(items))


# -- writing ------------------------------------------------------------------------------

_OF_THE_VERSION = frozenset({"valid_from", "key", "deliberation", "deliberation_url"})
_RENAMED = {"without": "without_quotient"}


def grid_to_data(grid: Grid) -> dict[str, Any]:
    """The inverse of `grid_from_data`, with strings for exact numbers: ready for JSON."""
    written: dict[str, Any] = _written(grid)
    return written


def _asked(value: Any, name: str) -> bool:
    """Whether reading asks for this number although it is the default one: nothing to pay is said."""
    return isinstance(value, WithoutQuotient) and name == "number" and value.kind is not Unknown.HIGHEST


def _written(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        data = {"kind": value.kind} if isinstance(value, Method) else {}
        for each in fields(value):
            item = getattr(value, each.name)
            if each.name in _OF_THE_VERSION or item is None or (item == each.default and not _asked(value, each.name)):
                continue
            data[_RENAMED.get(each.name, each.name)] = _written(item)
        return data
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, frozenset):
        return sorted(_written(item) for item in value)
    return [_written(item) for item in value] if isinstance(value, tuple) else value

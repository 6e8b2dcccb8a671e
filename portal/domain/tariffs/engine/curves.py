"""The price over the quotient, exactly: where it bends, where it jumps, and between."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_CEILING, Decimal

from portal.domain.tariffs.engine.grids import Grid
from portal.domain.tariffs.engine.methods import Reference
from portal.domain.tariffs.engine.pricing import price_with
from portal.domain.tariffs.engine.situations import Quotient, Situation

_LEAST = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Mark:
    """The unit price in euros at one quotient."""

    quotient: Decimal
    price: Decimal


def curve(
    grid: Grid,
    day: date,
    situation: Situation,
    *,
    until: Decimal,
    steps: int = 60,
    along: Reference = Reference.QUOTIENT,
) -> tuple[Mark, ...]:
    """The unit price from 0 to `until`: at every edge, just under it, and at regular steps between.

    Drawn as straight lines from mark to mark, a table of brackets has its stairs and a rate its slope. `along` the
    resources, marks are at euros of resources instead of quotients.
    """
    edges = [edge for edge in grid.edges() if edge <= until]
    regular = (
        [(until * index / steps).quantize(Decimal(1)) for index in range(steps + 1)] if has_slopes(grid) else [until]
    )
    wanted = {*edges, *(edge - _LEAST for edge in edges if edge >= _LEAST), *regular}
    return tuple(Mark(value, price_at(grid, day, situation, value, along=along)) for value in sorted(wanted))


def price_at(
    grid: Grid, day: date, situation: Situation, value: Decimal, *, along: Reference = Reference.QUOTIENT
) -> Decimal:
    """The unit price in euros that this grid gives to that quotient, or to those resources."""
    asked = replace(situation, income=value) if along is Reference.INCOME else _with_quotient(situation, value)
    return price_with(grid, day, asked).unit_price


def reach(grid: Grid) -> Decimal:
    """Up to where a drawing goes: past the last edge, in whole hundreds, 1 500 at least."""
    last = max(grid.edges())
    return max(Decimal(1500), (last * Decimal("1.15") / 100).to_integral_value(ROUND_CEILING) * 100)


def stairs(marks: Sequence[Mark]) -> tuple[Mark, ...]:
    """The marks at which the price changes: a table short enough to be read."""
    kept: list[Mark] = []
    for mark in marks:
        if not kept or mark.price != kept[-1].price:
            kept.append(mark)
    return tuple(kept)


def _with_quotient(situation: Situation, value: Decimal) -> Situation:
    return replace(situation, quotient=Quotient.of(value))


def has_slopes(grid: Grid) -> bool:
    """Whether the price also moves between its edges."""
    return any(part.method.kind in ("effort", "lines", "national_scale") for part in grid.parts)

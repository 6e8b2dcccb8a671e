"""The price over the quotient, exactly: where it bends, where it jumps, and between."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from portal.domain.tariffs.engine.grids import Grid
from portal.domain.tariffs.engine.pricing import price_with
from portal.domain.tariffs.engine.situations import Quotient, Situation

_LEAST = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Mark:
    """The unit price in euros at one quotient."""

    quotient: Decimal
    price: Decimal


def curve(grid: Grid, day: date, situation: Situation, *, until: Decimal, steps: int = 60) -> tuple[Mark, ...]:
    """The unit price from 0 to `until`: at every edge, just under it, and at regular steps between.

    Drawn as straight lines from mark to mark, a table of brackets has its stairs and a rate its slope.
    """
    edges = [edge for edge in grid.edges() if edge <= until]
    regular = (
        [(until * index / steps).quantize(Decimal(1)) for index in range(steps + 1)] if _slopes(grid) else [until]
    )
    wanted = {*edges, *(edge - _LEAST for edge in edges if edge >= _LEAST), *regular}
    return tuple(Mark(value, price_at(grid, day, situation, value)) for value in sorted(wanted))


def price_at(grid: Grid, day: date, situation: Situation, quotient: Decimal) -> Decimal:
    """The unit price in euros that this grid gives to that quotient."""
    return price_with(grid, day, replace(situation, quotient=Quotient.of(quotient))).unit_price


def stairs(marks: Sequence[Mark]) -> tuple[Mark, ...]:
    """The marks at which the price changes: a table short enough to be read."""
    kept: list[Mark] = []
    for mark in marks:
        if not kept or mark.price != kept[-1].price:
            kept.append(mark)
    return tuple(kept)


def _slopes(grid: Grid) -> bool:
    return any(part.method.kind in ("effort", "lines", "national_scale") for part in grid.parts)

"""From which to which price a grid goes: for a list, where one price cannot stand for all."""

from collections.abc import Iterator
from decimal import Decimal

from portal.domain.kernel.french import amount
from portal.domain.tariffs.engine.grids import Grid, Per
from portal.domain.tariffs.engine.methods import Brackets, Effort, Flat, Lines, Method, NationalScale


def price_range(grid: Grid) -> str:
    """“4,30 €”, “de 3,77 € à 10,63 €”, “à partir de 0,50 €”, before the changes; by time or by month, it says so."""
    prices = list(_prices(grid))
    open_ended = any(isinstance(part.method, Effort) and part.method.highest is None for part in grid.parts)
    low, high = min(prices), max(prices)
    shown = amount(low)
    if open_ended:
        shown = f"à partir de {shown}"
    elif low != high:
        shown = f"de {shown} à {amount(high)}"
    return shown + {Per.UNIT: "", Per.TIME: " (au temps)", Per.MONTH: " par mois"}[grid.counting.per]


def _prices(grid: Grid) -> Iterator[Decimal]:
    for part in grid.parts:
        yield from _of(part.method)


def _of(method: Method) -> Iterator[Decimal]:
    match method:
        case Flat():
            yield method.price
        case Brackets():
            for row in method.rows:
                yield from row.prices
        case Effort():
            yield method.lowest or Decimal(0)
            yield method.highest or method.lowest or Decimal(0)
        case Lines():
            yield from (point.price for point in method.points)
            yield method.top
        case NationalScale():
            for rate in method.rates:
                yield method.lowest * rate.percentage / 100
                yield method.highest * rate.percentage / 100

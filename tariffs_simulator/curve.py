"""The curves that the page shows: one for each tariff that looks at the quotient, with one's own point."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from portal.domain.tariffs.engine import Grid, Quotient, Situation
from portal.domain.tariffs.engine.conditions import Fact
from portal.domain.tariffs.engine.curves import Mark, curve, price_at, stairs
from portal.domain.tariffs.engine.grids import Per
from tariffs_simulator.drawing import Drawing, draw
from tariffs_simulator.estimating import Line
from tariffs_simulator.wording import bracket, duration, said

#: Beyond the last edge, so that the last price is seen.
_BEYOND = Decimal("1.2")
_LEAST_WIDE = Decimal(1000)
_ROWS = 12


@dataclass(frozen=True, slots=True)
class CurveRow:
    """One line of the table: quotients in words, the price, whether it is one's own."""

    quotients: str
    price: Decimal
    mine: bool


@dataclass(frozen=True, slots=True)
class Curve:
    """The price of one unit over the quotient. `own` is None for a quotient that is not known."""

    line: Line
    drawing: Drawing
    rows: tuple[CurveRow, ...]
    lowest: Decimal
    highest: Decimal
    own: Mark | None

    @property
    def per(self) -> str:
        """What one price is the price of, when it is not one use."""
        counting = self.line.price.grid.counting if self.line.price is not None else None
        if counting is None or counting.per is Per.UNIT:
            return ""
        return _("par mois") if counting.per is Per.MONTH else duration(counting.minutes)


def curves_of(lines: Sequence[Line], *, quotient_on: Callable[[date], Quotient]) -> list[Curve]:
    """A curve for each tariff of these lines whose price depends on the quotient, each once."""
    found: dict[int, Curve] = {}
    for line in lines:
        if line.price is None or line.situation is None or Fact.QUOTIENT not in line.price.grid.facts():
            continue
        if line.price.grid.key not in found:
            found[line.price.grid.key] = _curve(
                line, line.price.grid, line.situation, quotient_on(line.unit.day).value
            )
    return list(found.values())


def _curve(line: Line, grid: Grid, situation: Situation, own: Decimal | None) -> Curve:
    day = line.unit.day
    last = max(grid.edges(), default=Decimal(0))
    until = (max(last, own or Decimal(0), _LEAST_WIDE / _BEYOND) * _BEYOND).quantize(Decimal(1))
    marks = curve(grid, day, situation, until=until)
    here = None if own is None else Mark(own, price_at(grid, day, situation, own))
    changes = stairs(marks)
    sloped = len(changes) > len(grid.edges()) + 1
    rows = _points(marks, own) if sloped else _brackets(changes, own)
    prices = [mark.price for mark in marks]
    return Curve(line, draw(marks, here), tuple(rows), min(prices), max(prices), here)


def _brackets(marks: Sequence[Mark], own: Decimal | None) -> list[CurveRow]:
    rows = []
    for mark, after in zip(marks, [*marks[1:], None], strict=True):
        high = after.quotient if after is not None else None
        mine = own is not None and mark.quotient <= own and (high is None or own < high)
        rows.append(CurveRow(bracket(mark.quotient, high), mark.price, mine))
    return rows


def _points(marks: Sequence[Mark], own: Decimal | None) -> list[CurveRow]:
    """Some points of a slope: enough to read a price, few enough to be read."""
    step = max(len(marks) // _ROWS, 1)
    kept = [*marks[::step], *([marks[-1]] if (len(marks) - 1) % step else [])]
    return [CurveRow(said(mark.quotient), mark.price, own == mark.quotient) for mark in kept]

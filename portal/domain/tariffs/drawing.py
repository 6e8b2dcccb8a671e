"""A price curve as the numbers of a drawing: pure geometry, which the template `components/price_curve.html` writes.

Who shows prices (the agents' screens, the simulator) calls `drawing_of` with a grid, or `draw` with marks of
`engine.curves`, and includes the template with `drawing`; `stairs_of` gives the same prices as a table. Colours are
those of the text, lines differ by their dashes and by their numbers, so that nothing is said by colour alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal

from portal.domain.kernel.french import amount, integer
from portal.domain.tariffs.engine.cases import axis, cases
from portal.domain.tariffs.engine.conditions import Fact
from portal.domain.tariffs.engine.curves import Mark, curve, has_slopes, price_at, reach
from portal.domain.tariffs.engine.grids import Grid
from portal.domain.tariffs.engine.methods import Reference
from portal.domain.tariffs.engine.words_fr import bracket, number

WIDTH, HEIGHT = 640, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 28, 14, 44
#: One per line of the drawing, in their order; the ninth begins again.
DASHES = ("", "8 4", "2 4", "12 4 2 4", "4 4", "16 6", "2 8", "10 3 3 3")
_STEPS = (Decimal("0.1"), Decimal("0.2"), Decimal("0.5"), *(Decimal(n) for n in (1, 2, 5, 10, 20, 50, 100, 200)))


@dataclass(frozen=True, slots=True)
class Curve:
    """One line to draw: what it is the price of, and its marks in order."""

    label: str
    marks: Sequence[Mark]


@dataclass(frozen=True, slots=True)
class Line:
    """A polyline: `points` as SVG reads them, its dashes, where its number stands."""

    rank: int
    label: str
    points: str
    dashes: str
    x: str
    y: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A graduation: its place on its axis, what it says."""

    at: str
    words: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """What the template writes. `here`: the place of a marked value on the horizontal axis, empty for none."""

    lines: tuple[Line, ...]
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    title: str
    axis: str
    here: str = ""
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    top: int = _TOP
    bottom: int = HEIGHT - _BOTTOM


def draw(
    curves: Sequence[Curve],
    *,
    title: str,
    axis: str = "Quotient familial",
    here: Decimal | None = None,
) -> Drawing:
    """The drawing of these curves on the same axes, from 0; `here` marks one value (that of a family)."""
    marks = [mark for curve in curves for mark in curve.marks]
    furthest = max((mark.quotient for mark in marks), default=Decimal(1)) or Decimal(1)
    step = _step(max((mark.price for mark in marks), default=Decimal(1)) or Decimal(1))
    highest = (max((mark.price for mark in marks), default=step) / step).to_integral_value(ROUND_CEILING) * step
    highest = highest or step

    def across(value: Decimal) -> str:
        return _place(_LEFT + (WIDTH - _RIGHT - _LEFT) * value / furthest)

    def up(price: Decimal) -> str:
        return _place(HEIGHT - _BOTTOM - (HEIGHT - _BOTTOM - _TOP) * price / highest)

    lines = []
    for index, each in enumerate(curves):
        # Each number stands at another place along its line, so that two lines that meet keep theirs apart.
        mark = each.marks[-1 - min(index, len(each.marks) - 1)]
        points = " ".join(f"{across(point.quotient)},{up(point.price)}" for point in each.marks)
        dashes = DASHES[index % len(DASHES)]
        lines.append(Line(index + 1, each.label, points, dashes, across(mark.quotient), up(mark.price)))
    prices = [step * rank for rank in range(int(highest / step) + 1)]
    values = _values(furthest)
    return Drawing(
        tuple(lines),
        tuple(Tick(across(value), integer(int(value))) for value in values),
        tuple(Tick(up(price), amount(price)) for price in prices),
        title,
        axis,
        across(here) if here is not None and here <= furthest else "",
    )


def _values(furthest: Decimal) -> list[Decimal]:
    step = next(each for each in map(Decimal, (100, 200, 250, 500, 1000, 2000, 5000, 10**6)) if furthest / each <= 7)
    return [step * rank for rank in range(int(furthest / step) + 1)]


def _step(highest: Decimal) -> Decimal:
    """The distance between two graduations, so that there are six at most."""
    return next((step for step in _STEPS if highest / step <= 6), highest)


def _place(value: Decimal) -> str:
    return f"{value.quantize(Decimal('0.1')):f}"


@dataclass(frozen=True, slots=True)
class Stairs:
    """The same prices as a table: a column per kind of family, a row where the price changes, in words.

    `slopes`: the prices also move between the rows. `income`: rows are of resources, not of quotients.
    """

    labels: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Decimal, ...]], ...]
    slopes: bool
    income: bool = False


#: A table that is longer is not read.
MOST_ROWS = 24


def drawing_of(grid: Grid, day: date, *, here: Decimal | None = None) -> Drawing | None:
    """The drawing of a grid, a line for each kind of family; None when its prices depend on no quotient or income."""
    if not _moves(grid):
        return None
    along, until = axis(grid), reach(grid)
    curves = [
        Curve(case.label, curve(grid, day, case.situation, until=until, along=along)) for case in cases(grid, day)
    ]
    income = along is Reference.INCOME
    return draw(
        curves,
        title="Le prix selon les ressources par mois" if income else "Le prix selon le quotient familial",
        axis="Ressources par mois, en euros" if income else "Quotient familial",
        here=here,
    )


def stairs_of(grid: Grid, day: date) -> Stairs:
    """The prices of a grid as a table; one row for a grid that reads neither quotient nor resources."""
    kinds, along = cases(grid, day), axis(grid)
    labels = tuple(case.label for case in kinds)

    def prices(value: Decimal) -> tuple[Decimal, ...]:
        return tuple(price_at(grid, day, case.situation, value, along=along) for case in kinds)

    if not _moves(grid):
        return Stairs(labels, (("Quel que soit le quotient", prices(Decimal(0))),), slopes=False)
    slopes = has_slopes(grid)
    values = sorted({*grid.edges(), *(_rounds(reach(grid)) if slopes else ())})
    rows: list[tuple[Decimal, tuple[Decimal, ...]]] = []
    for value in values[: MOST_ROWS * 4]:
        found = prices(value)
        if slopes or not rows or rows[-1][1] != found:
            rows.append((value, found))
    rows = rows[:: -(-len(rows) // MOST_ROWS)] if slopes else rows
    words = [number(value) if slopes else _bracket(value, rows, index) for index, (value, _p) in enumerate(rows)]
    return Stairs(
        labels,
        tuple((said, each[1]) for said, each in zip(words, rows, strict=True)),
        slopes,
        along is Reference.INCOME,
    )


def _moves(grid: Grid) -> bool:
    return bool({Fact.QUOTIENT, Fact.INCOME} & grid.facts())


def _rounds(until: Decimal) -> list[Decimal]:
    return [
        until * index / 12 for index in range(13) if (until * index / 12) == (until * index / 12).to_integral_value()
    ]


def _bracket(low: Decimal, rows: Sequence[tuple[Decimal, object]], index: int) -> str:
    return bracket(low, rows[index + 1][0] if index + 1 < len(rows) else None)

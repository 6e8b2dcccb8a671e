"""A price curve as the numbers of a drawing: pure geometry, which the template `components/price_curve.html` writes.

Who shows prices (the agents' screens, the simulator) calls `draw` with the marks of `engine.curves` and includes the
template; colours are those of the text, lines differ by their dashes and by their numbers, so that nothing is said by
colour alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from portal.domain.kernel.french import amount, integer
from portal.domain.tariffs.engine.curves import Mark

WIDTH, HEIGHT = 640, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 14, 14, 44
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
    for index, curve in enumerate(curves):
        # Each number stands at another place along its line, so that two lines that meet keep theirs apart.
        mark = curve.marks[-1 - min(index, len(curve.marks) - 1)]
        points = " ".join(f"{across(each.quotient)},{up(each.price)}" for each in curve.marks)
        dashes = DASHES[index % len(DASHES)]
        lines.append(Line(index + 1, curve.label, points, dashes, across(mark.quotient), up(mark.price)))
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

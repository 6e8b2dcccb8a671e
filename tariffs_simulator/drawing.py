"""The price over the quotient as points of an SVG: pure, from the marks of `engine.curves`."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from portal.domain.tariffs.engine.curves import Mark

WIDTH, HEIGHT = 380, 246
LEFT, RIGHT, TOP, BOTTOM = 58, 366, 20, 200
#: What a step of an axis may be: one, two or five of something.
_STEPS = (Decimal(1), Decimal(2), Decimal(5))


@dataclass(frozen=True, slots=True)
class Tick:
    """A value of an axis and where it stands, in units of the drawing."""

    value: Decimal
    at: int


@dataclass(frozen=True, slots=True)
class Here:
    """One's own point. `anchor` says on which side its words fit, `words_y` at which height."""

    mark: Mark
    x: int
    y: int
    anchor: str

    @property
    def words_y(self) -> int:
        return self.y - 12 if self.y > TOP + 14 else self.y + 24


@dataclass(frozen=True, slots=True)
class Drawing:
    """A curve of straight lines, its axes, and one's own point."""

    path: str
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    here: Here | None


def draw(marks: Sequence[Mark], own: Mark | None = None) -> Drawing:
    """Draw marks in the order of their quotient; the axes begin at zero. `own` beyond the last mark is left out.

    Raises ValueError without a mark.
    """
    if not marks:
        raise ValueError("a curve has at least one mark")
    across = _axis(max(marks[-1].quotient, Decimal(1)), 4)
    up = _axis(max(*(mark.price for mark in marks), Decimal("0.01")), 3)
    widest, highest = marks[-1].quotient or Decimal(1), up[-1]

    def x(value: Decimal) -> int:
        return round(LEFT + (RIGHT - LEFT) * value / widest)

    def y(value: Decimal) -> int:
        return round(height(value))

    def height(value: Decimal) -> Decimal:
        # A tenth of a unit: whole ones would make steps of a slope.
        return round(BOTTOM - (BOTTOM - TOP) * value / highest, 1)

    points: list[tuple[int, Decimal]] = []
    for mark in marks:
        point = (x(mark.quotient), height(mark.price))
        if not points or points[-1] != point:
            points.append(point)
    here = None
    if own is not None and own.quotient <= widest:
        place = x(own.quotient)
        here = Here(own, place, y(own.price), "end" if place > (LEFT + RIGHT) / 2 else "start")
    return Drawing(
        path="M" + "L".join(f"{each[0]} {each[1].normalize():f}" for each in points),
        across=tuple(Tick(value, x(value)) for value in across if value <= widest),
        up=tuple(Tick(value, y(value)) for value in up),
        here=here,
    )


def _axis(highest: Decimal, wanted: int) -> list[Decimal]:
    """Round values from zero to the first that is not under `highest`, some `wanted` steps."""
    step = _round_step(highest / wanted)
    count = int((highest / step).to_integral_value(rounding=ROUND_CEILING))
    return [step * index for index in range(count + 1)]


def _round_step(least: Decimal) -> Decimal:
    """The smallest of 1, 2 or 5 times a power of ten that is not under `least`."""
    power = Decimal(1).scaleb(least.adjusted())
    return next((power * step for step in _STEPS if power * step >= least), power * 10)

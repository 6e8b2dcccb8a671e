"""How a price came about, as numbers: what `recompute` follows again and what the sentences are made of.

Every price carries its steps (rule 32). They are plain values: kept, compared, written in any language.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from enum import StrEnum

from portal.domain.kernel.money import cents, line_amount


class StepKind(StrEnum):
    """Each says which numbers it holds, in their order."""

    QUOTIENT = "quotient"  # the value used, in `numbers[0]`; its origin is in the situation
    HIGHEST = "highest"  # nothing known: the highest price of the grid
    NO_INCOME = "no_income"  # resources not known: the highest price
    DEFAULT = "default"  # nothing known: the quotient that the grid takes instead
    GRID = "grid"  # the part of the grid that applies, by its label
    SHIFT = "shift"  # by how many brackets
    FLAT = "flat"  # price
    BRACKET = "bracket"  # from, to (None: no end), price
    RATE = "rate"  # reference, percentage, lowest price (or None), highest price (or None)
    RESOURCES = "resources"  # resources counted, percentage, resources of the family
    LINE = "line"  # reference, x0, y0, x1, y1
    ADD = "add"  # euros, negative to take off
    SLICES = "slices"  # euros per slice, number of slices, minutes of a slice
    PERCENT = "percent"  # percentage added, negative to take off
    TIMES = "times"  # factor
    SET = "set"  # euros
    AT_LEAST = "at_least"  # euros
    AT_MOST = "at_most"  # euros
    NOT_NEGATIVE = "not_negative"
    ROUND = "round"  # step in euros; the label says which way
    QUANTITY = "quantity"  # quantity, minutes counted (None when it is no time)


class Direction(StrEnum):
    """Which way a price is rounded: to the nearest, halves up (rule 29), or always up or down."""

    NEAREST = "nearest"
    UP = "up"
    DOWN = "down"


_MODES = {Direction.NEAREST: ROUND_HALF_UP, Direction.UP: ROUND_CEILING, Direction.DOWN: ROUND_FLOOR}
_CENT = Decimal("0.01")

Number = Decimal | None


@dataclass(frozen=True, slots=True)
class Step:
    """One step and the amount in euros after it. `label`: the town's words for it."""

    kind: StepKind
    amount: Decimal
    numbers: tuple[Number, ...] = ()
    label: str = ""
    column: str = ""


def rounded(amount: Decimal, step: Decimal, direction: Direction) -> Decimal:
    """`amount` to a multiple of `step`."""
    if step == _CENT:
        return amount.quantize(_CENT, rounding=_MODES[direction])
    return cents((amount / step).to_integral_value(rounding=_MODES[direction]) * step)


def interpolated(reference: Decimal, x0: Decimal, y0: Decimal, x1: Decimal, y1: Decimal) -> Decimal:
    """The price at `reference` on the straight line between two points of which the first comes before the other."""
    return y0 + (y1 - y0) * (reference - x0) / (x1 - x0)


def clamped(amount: Decimal, lowest: Number, highest: Number) -> Decimal:
    """`amount`, not under `lowest` nor over `highest`."""
    if lowest is not None and amount < lowest:
        return lowest
    return highest if highest is not None and amount > highest else amount


def percentage_of(reference: Decimal, percentage: Decimal) -> Decimal:
    return reference * percentage / 100


def recompute(steps: Iterable[Step]) -> Decimal:
    """The amount that the numbers of the steps lead to, without looking at the amounts that they announce.

    The price and its explanation cannot part: this is asked of every price by the tests.
    """
    amount = Decimal(0)
    for step in steps:
        amount = _follow(step, amount)
    return amount


def _follow(step: Step, amount: Decimal) -> Decimal:
    numbers = step.numbers
    match step.kind:
        case StepKind.FLAT | StepKind.SET:
            return _given(numbers[0])
        case StepKind.BRACKET:
            return _given(numbers[2])
        case StepKind.RATE:
            reference, percentage, lowest, highest = numbers
            return clamped(percentage_of(_given(reference), _given(percentage)), lowest, highest)
        case StepKind.RESOURCES:
            return percentage_of(_given(numbers[0]), _given(numbers[1]))
        case StepKind.LINE:
            reference, x0, y0, x1, y1 = (_given(number) for number in numbers)
            return interpolated(reference, x0, y0, x1, y1)
        case StepKind.ADD:
            return amount + _given(numbers[0])
        case StepKind.SLICES:
            return amount + _given(numbers[0]) * _given(numbers[1])
        case StepKind.PERCENT:
            return amount + percentage_of(amount, _given(numbers[0]))
        case StepKind.TIMES:
            return amount * _given(numbers[0])
        case StepKind.AT_LEAST:
            return max(amount, _given(numbers[0]))
        case StepKind.AT_MOST:
            return min(amount, _given(numbers[0]))
        case StepKind.NOT_NEGATIVE:
            return max(amount, Decimal(0))
        case StepKind.ROUND:
            return rounded(amount, _given(numbers[0]), Direction(step.label))
        case StepKind.QUANTITY:
            return line_amount(amount, _given(numbers[0]))
        case _:
            return amount


def _given(number: Number) -> Decimal:
    if number is None:
        raise ValueError("a step lacks a number")
    return number

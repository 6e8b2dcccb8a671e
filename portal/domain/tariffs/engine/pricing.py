"""From a tariff, a day and a situation to one price and its explanation. See docs/tariffs.md for the algorithm.

In this order: the grid of the day; the quotient, or what stands for it; the part of the grid that applies; the moves
of brackets; the price found; each change that applies, in the town's order; never under zero; one rounding; the
quantity; the aids. Exactly one price, whatever the situation, for a grid that `proof` lets through.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.domain.kernel import wording
from portal.domain.kernel.money import ZERO, line_amount, total
from portal.domain.tariffs.engine import words
from portal.domain.tariffs.engine.aids import AidLine, help_with
from portal.domain.tariffs.engine.grids import (
    Change,
    ChangeKind,
    Counting,
    Grid,
    Part,
    Per,
    Tariff,
    Unknown,
    grid_on,
)
from portal.domain.tariffs.engine.methods import Asked, Reference
from portal.domain.tariffs.engine.situations import Knowledge, Quotient, Situation
from portal.domain.tariffs.engine.steps import Step, StepKind, percentage_of, rounded

_FOR_WANT_OF_KNOWING = frozenset({StepKind.HIGHEST, StepKind.DEFAULT, StepKind.NO_INCOME})


class NoPrice(LookupError):
    """No grid of the tariff is valid on that day."""


@dataclass(frozen=True, slots=True)
class Price:
    """What one use costs, in euros, and why: « Pourquoi ce prix ? ».

    `amount` is `quantity` × `unit_price`, to the cent; `unit_price` has its one rounding. For a tariff by the month,
    `unit_price` is that of the month and a single use costs nothing more. Aids come off `amount`.
    """

    amount: Decimal
    unit_price: Decimal
    quantity: Decimal
    per: Per
    grid: Grid
    tariff_name: str
    rate_label: str
    steps: tuple[Step, ...]
    aids: tuple[AidLine, ...]
    quotient: Quotient
    language: str = wording.FRENCH

    @property
    def version_key(self) -> int:
        """The key of the version of the tariff."""
        return self.grid.key

    @property
    def lacks_knowledge(self) -> bool:
        """Whether the family pays a price for want of a quotient or of resources that the town knows."""
        return any(step.kind in _FOR_WANT_OF_KNOWING for step in self.steps)

    @property
    def due(self) -> Decimal:
        """What the family pays once the aids are taken off."""
        return self.amount - total(line.amount for line in self.aids)

    @property
    def explanation(self) -> tuple[str, ...]:
        """The steps in words, in the language of the price."""
        return self.explain(self.language)

    def explain(self, language: str) -> tuple[str, ...]:
        """The steps in words, a sentence each. Names, labels and votes are the town's, and stay as they are."""
        return words.explain(
            words.Told(self.tariff_name, self.rate_label, self.grid, self.steps, self.aids, self.quotient),
            language,
        )


def price_on(
    tariff: Tariff, day: date, situation: Situation, *, unit: str = "", language: str = wording.FRENCH
) -> Price:
    """The price of one use on that day, in that situation. `unit` is its code, for aids that help with some only.

    What is kept with a booking is explained in French; a screen may ask for another `language`. Raises NoPrice when no
    grid is valid: the caller names the unit.
    """
    grid = grid_on(tariff.grids, day)
    if grid is None:
        raise NoPrice(f"{tariff.code} has no version on {day:%Y-%m-%d}")
    return price_with(grid, day, situation, unit=unit, name=tariff.name, rate=tariff.rate_label, language=language)


def price_with(
    grid: Grid,
    day: date,
    situation: Situation,
    *,
    unit: str = "",
    name: str = "",
    rate: str = "",
    language: str = wording.FRENCH,
) -> Price:
    """The price that one grid gives, valid or not on that day: also that of a grid not yet published."""
    steps: list[Step] = []
    quotient, known = _quotient(grid, situation)
    for part in grid.parts:
        if part.when.holds(situation, day, quotient):
            break
    else:
        raise ValueError("no part of the grid stands for everybody else")
    changes = [change for change in grid.changes if change.when.holds(situation, day, quotient)]
    if _reads_quotient(part, changes):
        steps.append(known)
    if part.label:
        steps.append(Step(StepKind.GRID, ZERO, label=part.label))
    amount = _found(grid, part, day, situation, quotient, changes, steps)
    for change in changes:
        amount = _changed(change, situation, amount, steps)
    if amount < 0:
        amount = ZERO
        steps.append(Step(StepKind.NOT_NEGATIVE, amount))
    unit_price = rounded(amount, grid.rounding.step, grid.rounding.direction)
    if unit_price != amount:
        steps.append(Step(StepKind.ROUND, unit_price, (grid.rounding.step,), label=grid.rounding.direction.value))
    quantity, amount = _counted(grid.counting, situation, unit_price, steps)
    aids = help_with(amount, situation.aids, unit=unit) if situation.aids else ()
    return Price(
        amount,
        unit_price,
        quantity,
        grid.counting.per,
        grid,
        name,
        rate,
        tuple(steps),
        aids,
        situation.quotient,
        language,
    )


def _quotient(grid: Grid, situation: Situation) -> tuple[Decimal | None, Step]:
    """The quotient that the price uses, None for the highest price, and the step that says so."""
    quotient, without = situation.quotient, grid.without
    value = quotient.value
    if value is None and without.keeps_expired and quotient.knowledge is Knowledge.EXPIRED:
        value = quotient.last
    if value is not None:
        return value, Step(StepKind.QUOTIENT, ZERO, (value,))
    if without.kind is Unknown.QUOTIENT:
        return without.number, Step(StepKind.DEFAULT, ZERO, (without.number,))
    return None, Step(StepKind.HIGHEST, ZERO)


def _reads_quotient(part: Part, changes: list[Change]) -> bool:
    if part.method.reference is Reference.QUOTIENT or part.when.quotients is not None:
        return True
    return any(change.when.quotients is not None for change in changes)


def _found(
    grid: Grid,
    part: Part,
    day: date,
    situation: Situation,
    quotient: Decimal | None,
    changes: list[Change],
    steps: list[Step],
) -> Decimal:
    reference = None
    if part.method.reference is Reference.QUOTIENT:
        reference = quotient
    elif part.method.reference is Reference.INCOME:
        reference = situation.income
        if reference is None:
            steps.append(Step(StepKind.NO_INCOME, ZERO))
    if reference is None and part.method.reference is not Reference.NOTHING and grid.without.kind is Unknown.AMOUNT:
        steps.append(Step(StepKind.FLAT, grid.without.number, (grid.without.number,)))
        return grid.without.number
    shift = sum([int(change.number) for change in changes if change.kind is ChangeKind.SHIFT]) if changes else 0
    if shift:
        label = next(change.label for change in changes if change.kind is ChangeKind.SHIFT)
        steps.append(Step(StepKind.SHIFT, ZERO, (Decimal(shift),), label=label))
    step = part.method.find(Asked(reference, situation, day, quotient, shift))
    steps.append(step)
    return step.amount


def _changed(change: Change, situation: Situation, amount: Decimal, steps: list[Step]) -> Decimal:
    number = change.number
    numbers: tuple[Decimal | None, ...] = (number,)
    after = amount
    match change.kind:
        case ChangeKind.SHIFT:
            return amount
        case ChangeKind.ADD:
            after = amount + number
        case ChangeKind.SLICES:
            slices = Decimal(-(-situation.late_minutes // change.minutes))
            if not slices:
                return amount
            numbers = (number, slices, Decimal(change.minutes))
            after = amount + number * slices
        case ChangeKind.PERCENT:
            after = amount + percentage_of(amount, number)
        case ChangeKind.TIMES:
            after = amount * number
        case ChangeKind.SET:
            after = number
        case ChangeKind.AT_LEAST:
            after = max(amount, number)
        case ChangeKind.AT_MOST:
            after = min(amount, number)
    if after == amount and change.kind in (ChangeKind.AT_LEAST, ChangeKind.AT_MOST):
        return amount
    steps.append(Step(StepKind(change.kind.value), after, numbers, label=change.label))
    return after


def _counted(
    counting: Counting, situation: Situation, unit_price: Decimal, steps: list[Step]
) -> tuple[Decimal, Decimal]:
    """The quantity and the amount of the line."""
    if counting.per is Per.MONTH:
        steps.append(Step(StepKind.QUANTITY, ZERO, (Decimal(0), None)))
        return Decimal(0), ZERO
    if counting.per is Per.UNIT or situation.minutes is None:
        return Decimal(1), unit_price
    minutes = counted_minutes(counting, situation.minutes)
    quantity = Decimal(minutes) / counting.minutes
    amount = line_amount(unit_price, quantity)
    steps.append(Step(StepKind.QUANTITY, amount, (quantity, Decimal(minutes))))
    return quantity, amount


def counted_minutes(counting: Counting, minutes: int) -> int:
    """The time that counts, in minutes: to a multiple of the step, never under the least that is due."""
    slices = rounded(Decimal(minutes) / counting.step, Decimal(1), counting.direction)
    return max(int(slices) * counting.step, counting.least)

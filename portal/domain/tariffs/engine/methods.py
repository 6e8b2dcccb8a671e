"""The ways a unit price is found before anything is added to it (rule 28). Each finds exactly one price.

A method is asked with the reference it reads (the quotient, or the resources, in euros a month); None asks for its
highest price: that of a family whose quotient is not known (rule 26).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from portal.domain.tariffs.engine.conditions import ALWAYS, Fact, When, facts_of
from portal.domain.tariffs.engine.situations import Situation
from portal.domain.tariffs.engine.steps import Step, StepKind, clamped, interpolated, percentage_of


class Reference(StrEnum):
    """What a method reads, in euros a month."""

    NOTHING = "nothing"
    QUOTIENT = "quotient"
    INCOME = "income"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: its title and for whom it stands. The first whose condition holds is read."""

    label: str
    when: When = ALWAYS


@dataclass(frozen=True, slots=True)
class Asked:
    """What a method is asked: the reference (None: the highest price), for whom, and by how many brackets to move."""

    reference: Decimal | None
    situation: Situation
    day: date
    quotient: Decimal | None = None
    shift: int = 0


@dataclass(frozen=True, slots=True)
class Flat:
    """One price for everybody, in euros."""

    kind: ClassVar[str] = "flat"
    price: Decimal

    @property
    def reference(self) -> Reference:
        return Reference.NOTHING

    def facts(self) -> frozenset[Fact]:
        return frozenset()

    def find(self, asked: Asked) -> Step:
        return Step(StepKind.FLAT, self.price, (self.price,))

    def edges(self) -> tuple[Decimal, ...]:
        return ()


@dataclass(frozen=True, slots=True)
class Bracket:
    """References from `low` included to `high` excluded (None: and above), with a price per column, in euros."""

    low: Decimal
    high: Decimal | None
    prices: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class Brackets:
    """A table: a row per bracket of the reference, a column per kind of family (none: a single one).

    Rows are half-open and follow each other (rule 27): every reference from 0 up is in exactly one.
    """

    kind: ClassVar[str] = "brackets"
    rows: tuple[Bracket, ...]
    columns: tuple[Column, ...] = ()
    reference: Reference = Reference.QUOTIENT

    def facts(self) -> frozenset[Fact]:
        return facts_of(column.when for column in self.columns)

    def find(self, asked: Asked) -> Step:
        column, label = column_of(self.columns, asked)
        row = self.rows[self._index(asked, column)]
        price = row.prices[column]
        return Step(StepKind.BRACKET, price, (row.low, row.high, price), column=label)

    def edges(self) -> tuple[Decimal, ...]:
        return tuple(row.low for row in self.rows)

    def _index(self, asked: Asked, column: int) -> int:
        if asked.reference is None:
            index = max(range(len(self.rows)), key=lambda each: (self.rows[each].prices[column], each))
        else:
            # A loop rather than a generator: this is asked for every price.
            index = 0
            for rank, row in enumerate(self.rows):
                if row.low <= asked.reference:
                    index = rank
        if not asked.shift:
            return index
        return min(max(index + asked.shift, 0), len(self.rows) - 1)


@dataclass(frozen=True, slots=True)
class Effort:
    """A percentage of the reference, one per column, within a lowest and a highest price in euros (taux d’effort)."""

    kind: ClassVar[str] = "effort"
    percentages: tuple[Decimal, ...]
    lowest: Decimal | None = None
    highest: Decimal | None = None
    columns: tuple[Column, ...] = ()
    reference: Reference = Reference.QUOTIENT

    def facts(self) -> frozenset[Fact]:
        return facts_of(column.when for column in self.columns)

    def find(self, asked: Asked) -> Step:
        column, label = column_of(self.columns, asked)
        percentage = self.percentages[column]
        if asked.reference is None:
            if self.highest is None:
                raise ValueError("an effort without a highest price gives none to an unknown quotient")
            return Step(StepKind.FLAT, self.highest, (self.highest,), column=label)
        price = clamped(percentage_of(asked.reference, percentage), self.lowest, self.highest)
        return Step(StepKind.RATE, price, (asked.reference, percentage, self.lowest, self.highest), column=label)

    def edges(self) -> tuple[Decimal, ...]:
        limits = [limit for limit in (self.lowest, self.highest) if limit is not None]
        return tuple(sorted({limit * 100 / each for limit in limits for each in self.percentages if each > 0}))


@dataclass(frozen=True, slots=True)
class Point:
    """The price in euros at one value of the reference."""

    reference: Decimal
    price: Decimal


@dataclass(frozen=True, slots=True)
class Lines:
    """Straight lines between points. Under the first point its price, from the last one `above`, or its own price."""

    kind: ClassVar[str] = "lines"
    points: tuple[Point, ...]
    above: Decimal | None = None
    reference: Reference = Reference.QUOTIENT

    def facts(self) -> frozenset[Fact]:
        return frozenset()

    def find(self, asked: Asked) -> Step:
        value, first, last = asked.reference, self.points[0], self.points[-1]
        if value is None:
            return _flat(max(self.top, *(point.price for point in self.points)))
        if value <= first.reference:
            return _flat(first.price)
        if value > last.reference:
            return _flat(self.top)
        after = next(i for i, point in enumerate(self.points) if value <= point.reference)
        start, end = self.points[after - 1], self.points[after]
        numbers = (value, start.reference, start.price, end.reference, end.price)
        return Step(StepKind.LINE, interpolated(*numbers), numbers)

    @property
    def top(self) -> Decimal:
        """The price above the last point."""
        return self.points[-1].price if self.above is None else self.above

    def edges(self) -> tuple[Decimal, ...]:
        return tuple(point.reference for point in self.points)


@dataclass(frozen=True, slots=True)
class Rate:
    """A percentage of the resources, from so many children on."""

    children: int
    percentage: Decimal


@dataclass(frozen=True, slots=True)
class NationalScale:
    """The national scale of crèches (PSU): a percentage of the monthly resources per hour, by number of children.

    Resources count between `lowest` and `highest` euros a month. Each disabled child of the household gives the rate
    that follows, as many times as there are such children.
    """

    kind: ClassVar[str] = "national_scale"
    lowest: Decimal
    highest: Decimal
    rates: tuple[Rate, ...]

    @property
    def reference(self) -> Reference:
        return Reference.INCOME

    def facts(self) -> frozenset[Fact]:
        return frozenset({Fact.HOUSEHOLD, Fact.DISABLED})

    def find(self, asked: Asked) -> Step:
        children = asked.situation.household.of
        index = max((i for i, rate in enumerate(self.rates) if rate.children <= children), default=0)
        rate = self.rates[min(index + asked.situation.disabled, len(self.rates) - 1)]
        # Without the resources of the family the highest ones count, as the CNAF asks.
        counted = self.highest if asked.reference is None else clamped(asked.reference, self.lowest, self.highest)
        price = percentage_of(counted, rate.percentage)
        return Step(StepKind.RESOURCES, price, (counted, rate.percentage, asked.reference))

    def edges(self) -> tuple[Decimal, ...]:
        return (self.lowest, self.highest)


Method = Flat | Brackets | Effort | Lines | NationalScale


def column_of(columns: Sequence[Column], asked: Asked) -> tuple[int, str]:
    """The first column whose condition holds, and its title; without columns, the only one."""
    for index, column in enumerate(columns):
        if column.when.holds(asked.situation, asked.day, asked.quotient):
            return index, column.label
    if columns:
        raise ValueError("no column stands for everybody else")
    return 0, ""


def _flat(price: Decimal) -> Step:
    return Step(StepKind.FLAT, price, (price,))

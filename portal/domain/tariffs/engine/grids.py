"""What a town votes: a grid from a date on, made of parts that apply to some, then of changes in their order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from portal.domain.tariffs.engine.conditions import ALWAYS, Fact, When
from portal.domain.tariffs.engine.methods import Brackets, Method, Reference
from portal.domain.tariffs.engine.steps import Direction


class ChangeKind(StrEnum):
    """What a change does to the price found so far. `SHIFT` moves by so many brackets before it is found."""

    SHIFT = "shift"
    ADD = "add"
    SLICES = "slices"
    PERCENT = "percent"
    TIMES = "times"
    SET = "set"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"


@dataclass(frozen=True, slots=True)
class Change:
    """One change, in the town's words. `number`: euros, percentage, factor or brackets; negative to take off.

    `minutes` for `SLICES` only: `number` euros for each slice of so many minutes that has begun after the hour at
    which the child should have been fetched.
    """

    label: str
    kind: ChangeKind
    number: Decimal
    when: When = ALWAYS
    minutes: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """A way of finding the price, for those for whom its condition holds. The first part that holds is used."""

    method: Method
    when: When = ALWAYS
    label: str = ""


@dataclass(frozen=True, slots=True)
class Rounding:
    """One rounding per unit price (rule 29): to a multiple of `step` euros."""

    step: Decimal = Decimal("0.01")
    direction: Direction = Direction.NEAREST


class Per(StrEnum):
    """What one price is the price of."""

    UNIT = "unit"
    TIME = "time"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Counting:
    """How what is used becomes a quantity.

    By time: one price per `minutes`; the time given is rounded to a multiple of `step` minutes and is never under
    `least`. By month: whatever is booked is within the price of the month.
    """

    per: Per = Per.UNIT
    minutes: int = 60
    step: int = 1
    least: int = 0
    direction: Direction = Direction.UP


class Unknown(StrEnum):
    """What a family pays whose quotient, or whose resources, are not known (rule 26)."""

    HIGHEST = "highest"
    AMOUNT = "amount"
    QUOTIENT = "quotient"


@dataclass(frozen=True, slots=True)
class WithoutQuotient:
    """The highest price of the grid; or `number` euros; or the price of a quotient of `number`.

    `keeps_expired`: a value that has expired goes on being used until another one comes.
    """

    kind: Unknown = Unknown.HIGHEST
    number: Decimal = Decimal(0)
    keeps_expired: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """One version of a tariff. `key` names it for ever; `deliberation` is the vote that made it."""

    valid_from: date
    parts: tuple[Part, ...]
    changes: tuple[Change, ...] = ()
    rounding: Rounding = Rounding()
    counting: Counting = Counting()
    without: WithoutQuotient = WithoutQuotient()
    deliberation: str = ""
    deliberation_url: str = ""
    key: int = 0

    def facts(self) -> frozenset[Fact]:
        """What must be known to give a price; a screen asks nothing else."""
        found: set[Fact] = set()
        for part in self.parts:
            found |= part.when.facts() | part.method.facts()
            if part.method.reference is Reference.QUOTIENT:
                found.add(Fact.QUOTIENT)
            elif part.method.reference is Reference.INCOME:
                found.add(Fact.INCOME)
        for change in self.changes:
            found |= change.when.facts()
            if change.kind is ChangeKind.SLICES:
                found.add(Fact.ATTENDANCE)
        if self.counting.per is Per.TIME:
            found.add(Fact.TIME)
        return frozenset(found)

    @property
    def has_brackets(self) -> bool:
        return any(isinstance(part.method, Brackets) for part in self.parts)

    def edges(self) -> tuple[Decimal, ...]:
        """Every value of the quotient at which the price may bend or jump, in order, from 0."""
        found = {Decimal(0)}
        for part in self.parts:
            found |= set(part.method.edges())
        for condition in self.conditions():
            if condition.quotients is not None:
                found |= {condition.quotients.low, condition.quotients.high or Decimal(0)}
        return tuple(sorted(edge for edge in found if edge >= 0))

    def conditions(self) -> tuple[When, ...]:
        """All the conditions of the grid."""
        columns = tuple(column.when for part in self.parts for column in getattr(part.method, "columns", ()))
        return (*(part.when for part in self.parts), *columns, *(change.when for change in self.changes))


@dataclass(frozen=True, slots=True)
class Tariff:
    """A tariff and its grids, in any order. Each holds until the next one begins: no gap, no overlap."""

    code: str
    name: str
    rate_label: str
    grids: tuple[Grid, ...]


def grid_on(grids: Sequence[Grid], day: date) -> Grid | None:
    """The grid valid on that day: the latest that starts on it or before."""
    return max((grid for grid in grids if grid.valid_from <= day), key=lambda grid: grid.valid_from, default=None)

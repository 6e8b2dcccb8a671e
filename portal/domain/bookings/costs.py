"""What a draft costs, child by child: “Restaurant scolaire (+138) 138 × 5,15 € = 710,70 €” (guide 000, the basket)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from portal.domain.bookings.computation import Computation
from portal.domain.bookings.enums import Wish
from portal.domain.bookings.planning import DraftLine
from portal.domain.kernel.money import ZERO, total


@dataclass(frozen=True, slots=True)
class CostRow:
    """The changes of one wish for one activity. `computation` counts positive euros, whatever the wish."""

    label: str
    wish: str
    computation: Computation

    @property
    def count(self) -> int:
        """How many days, negative when they are given back."""
        return -self.computation.count if self.wish == Wish.REMOVE else self.computation.count

    @property
    def amount(self) -> Decimal:
        """What it adds to the bill in euros; negative when days are given back."""
        return -self.computation.total if self.wish == Wish.REMOVE else self.computation.total


@dataclass(frozen=True, slots=True)
class ChildCost:
    """What a draft changes for one child."""

    child_id: int
    child_name: str
    rows: tuple[CostRow, ...]

    @property
    def count(self) -> int:
        """How many changes, additions and removals together."""
        return sum(row.computation.count for row in self.rows)

    @property
    def amount(self) -> Decimal:
        """What the draft adds to the bill for this child, in euros."""
        return total(row.amount for row in self.rows) if self.rows else ZERO


def costs_by_child(lines: Iterable[DraftLine]) -> tuple[ChildCost, ...]:
    """Children and activities in the order of the lines; a line that would fall out counts for nothing.

    The sum of the amounts is the amount of the draft.
    """
    names: dict[int, str] = {}
    prices: dict[int, dict[tuple[int, str, str], list[Decimal]]] = defaultdict(lambda: defaultdict(list))
    for line in lines:
        if line.refusal is None:
            names[line.child_id] = line.child_name
            prices[line.child_id][line.unit_id, line.label, line.wish].append(abs(line.amount))
    return tuple(
        ChildCost(
            child,
            names[child],
            tuple(CostRow(label, wish, Computation.of(some)) for (_unit, label, wish), some in rows.items()),
        )
        for child, rows in prices.items()
    )

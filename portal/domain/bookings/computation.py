"""A sum shown as families would write it: “21 × 4,30 € = 90,30 €”."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from portal.domain import language
from portal.domain.kernel.french import NBSP
from portal.domain.kernel.money import ZERO, line_amount, total


@dataclass(frozen=True, slots=True)
class Computation:
    """Quantities by unit price in euros, dearest first."""

    terms: tuple[tuple[int, Decimal], ...] = ()

    @classmethod
    def of(cls, prices: Iterable[Decimal]) -> Self:
        """One unit for each price."""
        counted = Counter(prices)
        return cls(tuple((counted[price], price) for price in sorted(counted, reverse=True)))

    @property
    def count(self) -> int:
        return sum(quantity for quantity, _ in self.terms)

    @property
    def total(self) -> Decimal:
        return total(line_amount(price, quantity) for quantity, price in self.terms) if self.terms else ZERO

    def __str__(self) -> str:
        """“21 × 4,30 € = 90,30 €”, “2 × 5,20 € + 1 × 4,30 € = 14,70 €”, “0,00 €” for nothing."""
        words = language.words()
        if not self.terms:
            return words.amount(ZERO)
        parts = [f"{words.integer(quantity)}{NBSP}×{NBSP}{words.amount(price)}" for quantity, price in self.terms]
        return f"{' + '.join(parts)} = {words.amount(self.total)}"

"""Euros as decimals: one rounding per unit price, then exact sums.

A line is quantity × rounded unit price, a total is the sum of its lines; nothing is rounded twice, so that
what families add by hand from an invoice is what the invoice says. Floats are refused everywhere.
"""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
ZERO = Decimal("0.00")


def cents(amount: Decimal) -> Decimal:
    """`amount` in euros, rounded to the cent, half away from zero (2,345 → 2,35; −2,345 → −2,35).

    Never returns a negative zero. Raises TypeError on anything but a Decimal or an integer, ValueError on an
    infinite amount or NaN.
    """
    rounded = _decimal(amount).quantize(CENT, rounding=ROUND_HALF_UP)
    return ZERO if rounded == 0 else rounded


def line_amount(unit_price: Decimal, quantity: Decimal | int) -> Decimal:
    """Quantity × unit price rounded to the cent: 21 × 4,30 = 90,30.

    A fractional quantity (half an hour) rounds the product once more, since a line is in cents.
    Raises TypeError on floats.
    """
    return cents(cents(unit_price) * _decimal(quantity))


def total(amounts: Iterable[Decimal]) -> Decimal:
    """The sum of amounts already in cents; 0,00 for none.

    Raises ValueError on an amount finer than a cent: someone forgot to round a line.
    """
    result = ZERO
    for amount in amounts:
        line = _decimal(amount)
        if line != line.quantize(CENT):
            raise ValueError(f"{line} is finer than a cent")
        result += line
    return cents(result)


def _decimal(number: Decimal | int) -> Decimal:
    if isinstance(number, bool) or not isinstance(number, Decimal | int):
        raise TypeError(f"money is Decimal, not {type(number).__name__}")
    decimal = Decimal(number)
    if not decimal.is_finite():
        raise ValueError("money is finite")
    return decimal

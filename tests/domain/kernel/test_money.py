from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.kernel.money import cents, line_amount, total


@pytest.mark.parametrize(
    ("amount", "rounded"),
    [
        ("2.345", "2.35"),
        ("2.344999", "2.34"),
        ("-2.345", "-2.35"),
        ("0.005", "0.01"),
        ("2.675", "2.68"),
        ("4", "4.00"),
    ],
)
def test_rounds_half_away_from_zero(amount: str, rounded: str) -> None:
    assert str(cents(Decimal(amount))) == rounded


def test_never_gives_a_negative_zero() -> None:
    assert str(cents(Decimal("-0.001"))) == "0.00"


@pytest.mark.exigence("P71")
@pytest.mark.parametrize(
    ("quantity", "unit_price", "amount"),
    [
        (21, "4.30", "90.30"),
        (20, "4.30", "86.00"),
        (138, "5.15", "710.70"),
        (28, "5.15", "144.20"),
        (138, "0.30", "41.40"),
        (28, "0.30", "8.40"),
        (4, "5.20", "20.80"),
        (6, "4.35", "26.10"),
        (10, "4.40", "44.00"),
        (10, "0.75", "7.50"),
    ],
)
def test_line_is_quantity_times_unit_price(quantity: int, unit_price: str, amount: str) -> None:
    assert line_amount(Decimal(unit_price), quantity) == Decimal(amount)


def test_rounds_the_unit_price_before_multiplying() -> None:
    assert line_amount(Decimal("1.005"), 100) == Decimal("101.00")


def test_takes_a_fraction_of_an_hour() -> None:
    assert line_amount(Decimal("1.35"), Decimal("0.5")) == Decimal("0.68")


def test_total_is_the_sum_of_lines() -> None:
    assert total([Decimal("90.30"), Decimal("-4.30")]) == Decimal("86.00")
    assert str(total([])) == "0.00"


def test_total_refuses_a_line_that_was_not_rounded() -> None:
    with pytest.raises(ValueError, match="finer than a cent"):
        total([Decimal("1.001")])


@pytest.mark.parametrize("amount", [4.30, "4.30", True, None])
def test_refuses_what_is_not_decimal(amount: object) -> None:
    with pytest.raises(TypeError):
        cents(amount)  # type: ignore[arg-type]  # the point of the test
    with pytest.raises(TypeError):
        line_amount(Decimal("1"), amount)  # type: ignore[arg-type]  # the point of the test


@pytest.mark.parametrize("amount", ["NaN", "Infinity"])
def test_refuses_what_is_not_finite(amount: str) -> None:
    with pytest.raises(ValueError, match="finite"):
        cents(Decimal(amount))


@given(st.lists(st.decimals(min_value=-10_000, max_value=10_000, places=2), max_size=30))
def test_total_does_not_depend_on_the_order(lines: list[Decimal]) -> None:
    assert total(lines) == total(sorted(lines))

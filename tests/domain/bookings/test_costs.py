"""The costs of a draft, child by child."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.bookings.costs import costs_by_child
from portal.domain.bookings.enums import Wish
from portal.domain.bookings.planning import DraftLine
from portal.domain.kernel.refusals import Refusal, Rule

DAY = date(2026, 9, 1)
PRICES = ("5.15", "0.30", "4.30", "0.00")


def line(child: int, unit: int, price: str, *, wish: str = Wish.ADD, rank: int = 0, out: bool = False) -> DraftLine:
    amount = Decimal(price)
    return DraftLine(
        code=f"{child}.{unit}.{rank}",
        wish=wish,
        child_id=child,
        child_name=f"Enfant {child}",
        unit_id=unit,
        label=f"Unité {unit}",
        day=DAY + timedelta(days=rank),
        tariff_name="",
        rate_label="",
        amount=-amount if wish == Wish.REMOVE else amount,
        refusal=Refusal(rule=Rule.FULL, sentence="Complet.") if out else None,
    )


@pytest.mark.exigence("P54")
def test_the_figures_of_a_year_of_canteen() -> None:
    lines = [line(1, unit, price, rank=rank) for rank in range(138) for unit, price in ((1, "5.15"), (2, "0.30"))]
    (child,) = costs_by_child(lines)
    assert [row.count for row in child.rows] == [138, 138]
    assert [row.amount for row in child.rows] == [Decimal("710.70"), Decimal("41.40")]
    assert (child.amount, child.count) == (Decimal("752.10"), 276)


@given(
    st.lists(
        st.builds(
            line,
            child=st.integers(1, 3),
            unit=st.integers(1, 3),
            price=st.sampled_from(PRICES),
            wish=st.sampled_from([Wish.ADD, Wish.REMOVE]),
            rank=st.integers(0, 9),
            out=st.booleans(),
        ),
        max_size=40,
    )
)
@pytest.mark.exigence("P54")
def test_the_costs_add_up_to_the_draft(lines: list[DraftLine]) -> None:
    kept = [each for each in lines if each.refusal is None]
    costs = costs_by_child(lines)
    assert sum((child.amount for child in costs), Decimal(0)) == sum((each.amount for each in kept), Decimal(0))
    assert sum(child.count for child in costs) == len(kept)
    for child in costs:
        assert child.count == sum(each.child_id == child.child_id for each in kept)

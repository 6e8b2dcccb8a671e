"""The computation, against published examples and as data."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.quotients.formula import (
    CAF,
    Amount,
    Formula,
    Household,
    Parts,
    Per,
    Rounding,
    compute,
    count_parts,
    from_data,
    to_data,
)


def household(year: int, month: int, *, couple: bool, children: int) -> Household:
    return Household({"revenus": Decimal(year), "prestations": Decimal(month)}, couple=couple, children=children)


@pytest.mark.exigence("D5")
@pytest.mark.parametrize(
    ("home", "value"),
    [
        (household(36_000, 148, couple=True, children=2), 1049),
        (household(18_000, 0, couple=False, children=1), 600),
        (household(48_000, 500, couple=True, children=3), 1125),
        (household(36_444, 331, couple=True, children=3), 842),
        (household(0, 0, couple=False, children=1), 0),
    ],
)
def test_computes_as_the_caf_does(home: Household, value: int) -> None:
    assert compute(CAF, home).value == value


@pytest.mark.parametrize(("children", "parts"), [(0, "2"), (1, "2.5"), (2, "3"), (3, "4"), (4, "4.5"), (5, "5")])
def test_counts_the_parts(children: int, parts: str) -> None:
    assert count_parts(CAF.parts, couple=True, children=children) == Decimal(parts)
    assert count_parts(CAF.parts, couple=False, children=children) == Decimal(parts)


def test_a_disabled_child_counts_for_half_a_part_more() -> None:
    assert count_parts(CAF.parts, couple=True, children=1, disabled=1) == 3
    with pytest.raises(ValueError, match="once"):
        count_parts(CAF.parts, couple=True, children=1, disabled=2)


def test_a_town_has_its_own_formula_as_data() -> None:
    formula = Formula(
        amounts=(Amount("rfr", "Revenu fiscal", Per.YEAR), Amount("loyer", "Loyer", Per.MONTH, minus=True)),
        parts=Parts(couple=Decimal(2), alone=Decimal("1.5"), children=(Decimal(1),), further=Decimal(1)),
        rounding=Rounding.CENT,
    )

    assert from_data(to_data(formula)) == formula
    home = Household({"rfr": Decimal(24_000), "loyer": Decimal(500)}, couple=False, children=2)
    assert compute(formula, home).value == Decimal("428.57")
    poor = Household({"rfr": Decimal(0), "loyer": Decimal(500)}, couple=False, children=2)
    assert compute(formula, poor).value == 0


@given(st.integers(0, 200_000), st.integers(0, 5000), st.booleans(), st.integers(0, 12))
def test_more_children_never_raise_it(year: int, month: int, couple: bool, children: int) -> None:
    fewer = compute(CAF, household(year, month, couple=couple, children=children)).value
    more = compute(CAF, household(year, month, couple=couple, children=children + 1)).value

    assert 0 <= more <= fewer

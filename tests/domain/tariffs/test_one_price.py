"""For every grid without fault, every family and every day: one price, and an explanation that is true."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from portal.domain.kernel.money import total
from portal.domain.tariffs.engine import Quotient, Situation, price_with
from portal.domain.tariffs.engine.curves import curve
from portal.domain.tariffs.engine.data import InvalidGrid, grid_from_data, grid_to_data
from portal.domain.tariffs.engine.grids import Grid, Part, Per, Unknown, WithoutQuotient
from portal.domain.tariffs.engine.methods import Bracket, Brackets, Flat, Reference
from portal.domain.tariffs.engine.proof import examine, faults
from portal.domain.tariffs.engine.steps import recompute
from tests.domain.tariffs.strategies import brackets, days, euros, grids, lines, situations

DAY_ONE = date(2026, 9, 1)


@pytest.mark.exigence("C16", "C1")
@given(grid=grids(), situation=situations, day=days)
def test_a_grid_without_fault_gives_one_price_that_its_explanation_recomputes(grid, situation, day):
    assert faults(grid) == ()

    price = price_with(grid, day, situation, name="Repas", rate="à l’unité")

    assert price.amount >= 0
    assert price.amount == price.amount.quantize(Decimal("0.01"))
    assert price.unit_price % grid.rounding.step == 0
    assert recompute(price.steps) == price.amount
    assert price_with(grid, day, situation, name="Repas", rate="à l’unité") == price
    assert Decimal(0) <= price.due == price.amount - total(line.amount for line in price.aids)


@given(grid=grids(), situation=situations, day=days)
def test_every_step_is_told_in_both_languages(grid, situation, day):
    price = price_with(grid, day, situation, name="Repas", rate="à l’unité")

    french, english = price.explain("fr"), price.explain("en")

    assert len(french) == len(english) >= 1
    assert all(sentence.endswith(".") for sentence in (*french, *english))
    assert "None" not in "".join((*french, *english))


@given(grid=grids())
@example(grid=Grid(DAY_ONE, (Part(Flat(Decimal(4))),), without=WithoutQuotient(Unknown.AMOUNT, Decimal(0))))
def test_a_grid_survives_the_database(grid):
    written = json.loads(json.dumps(grid_to_data(grid)))
    assert grid_from_data(written, valid_from=grid.valid_from) == grid


@given(
    method=brackets(rising=True) | lines(rising=True),
    situation=situations,
    day=days,
    values=st.lists(euros(6000), min_size=2, max_size=8),
)
def test_a_grid_that_rises_never_asks_less_of_those_who_have_more(method, situation, day, values):
    grid = Grid(day, (Part(replace(method, reference=Reference.QUOTIENT)),))
    conditions_on_quotient = any(when.quotients is not None for when in grid.conditions())
    if conditions_on_quotient:
        return  # a column of its own for some quotients may be cheaper: the town said so
    known = [price_with(grid, day, replace(situation, quotient=Quotient.of(each))) for each in sorted(values)]
    prices = [price.unit_price for price in known]
    assert prices == sorted(prices)
    assert price_with(grid, day, replace(situation, quotient=Quotient())).unit_price >= max(prices)


@given(grid=grids(), situation=situations, day=days, value=euros(4000))
def test_the_curve_goes_through_the_price_at_every_edge(grid, situation, day, value):
    marks = curve(grid, day, situation, until=Decimal(4000))

    assert [mark.quotient for mark in marks] == sorted({mark.quotient for mark in marks})
    for mark in marks:
        known = replace(situation, quotient=Quotient.of(mark.quotient))
        assert price_with(grid, day, known).unit_price == mark.price


# -- the proof sees what is wrong ------------------------------------------------------------------------------------


def table(*rows: tuple[str, str | None, str]) -> Grid:
    built = (Bracket(Decimal(low), None if high is None else Decimal(high), (Decimal(p),)) for low, high, p in rows)
    return Grid(DAY_ONE, (Part(Brackets(tuple(built))),))


@pytest.mark.exigence("C16")
@pytest.mark.parametrize(
    ("grid", "said"),
    [
        (table(("300", None, "2")), "il manque la tranche la plus basse, de 0 à moins de 300"),
        (table(("0", "300", "1"), ("400", None, "2")), "rien ne dit le prix de 300 à moins de 400"),
        (table(("0", "500", "1"), ("400", None, "2")), "deux tranches se chevauchent de 400 à moins de 500"),
        (table(("0", "500", "1"), ("500", "900", "2")), "rien ne dit le prix à partir de 900"),
        (table(("0", None, "1"), ("500", None, "2")), "la tranche d’avant n’a pas de fin"),
        (table(("0", "500", "-1"), ("500", None, "2")), "un prix n’est pas négatif"),
        (table(("0", "0", "1"), ("0", None, "2")), "finit avant de commencer"),
        (table(), "n’a aucune tranche"),
        (Grid(DAY_ONE, ()), "Il manque un prix"),
    ],
)
def test_a_grid_that_would_leave_somebody_without_price_is_refused_with_the_place(grid, said):
    assert said in " ".join(map(str, faults(grid))).replace("\u00a0", " ").replace("\u202f", " ")


def test_a_falling_price_is_a_doubt_to_confirm_and_names_its_bracket():
    grid = table(("0", "500", "3"), ("500", None, "2.50"))

    assert faults(grid) == ()
    (doubt,) = examine(grid)
    assert "Tranche 2, à partir de 500" in str(doubt)
    assert "le prix baisse" in str(doubt)


@given(grid=grids(), data=st.data())
def test_a_hole_made_anywhere_in_a_table_is_seen(grid, data):
    tables = [part.method for part in grid.parts if isinstance(part.method, Brackets) and len(part.method.rows) > 1]
    if not tables:
        return
    broken = data.draw(st.sampled_from(tables))
    at = data.draw(st.integers(0, len(broken.rows) - 1))
    rows = broken.rows[:at] + broken.rows[at + 1 :]
    parts = tuple(
        replace(part, method=replace(broken, rows=rows)) if part.method is broken else part for part in grid.parts
    )
    assert faults(replace(grid, parts=parts)) != ()


def test_a_month_is_paid_once_and_a_day_costs_nothing_more():
    data = {"parts": [{"method": {"kind": "flat", "price": "57"}}], "counting": {"per": "month"}}
    price = price_with(grid_from_data(data, valid_from=DAY_ONE), DAY_ONE, Situation())

    assert (price.per, price.unit_price, price.amount) == (Per.MONTH, Decimal("57.00"), Decimal("0.00"))
    assert "Compris dans le forfait du mois" in " ".join(price.explanation)


def test_a_label_that_the_database_would_not_keep_is_refused_with_its_place():
    change = {"kind": "add", "label": "tard\x00", "number": "1"}
    with pytest.raises(InvalidGrid, match=r"changes\[0\].label"):
        grid_from_data(
            {"parts": [{"method": {"kind": "flat", "price": "4"}}], "changes": [change]}, valid_from=DAY_ONE
        )

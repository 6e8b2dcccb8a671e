"""The curve and the table of a grid: a line for each kind of family, and the prices that the engine gives."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings

from portal.domain.tariffs.drawing import Curve, draw, drawing_of, stairs_of
from portal.domain.tariffs.engine import price_with
from portal.domain.tariffs.engine.cases import MOST, axis, cases
from portal.domain.tariffs.engine.curves import Mark
from portal.domain.tariffs.engine.data import flat_data, grid_from_data
from portal.domain.tariffs.engine.methods import Reference
from portal.domain.tariffs.engine.proof import faults
from tests.domain.tariffs.strategies import grids
from tests.domain.tariffs.test_published import BUBRY, PSU, SAINT_GERMAIN, WAVRIN

pytestmark = pytest.mark.exigence("C16")

DAY = date(2026, 10, 7)


def grid(data):
    return grid_from_data(data, valid_from=date(2026, 1, 1))


def test_each_part_and_column_has_its_line():
    assert [case.label for case in cases(grid(WAVRIN), DAY)] == [
        "Conditions CCAS, 1er enfant", "Conditions CCAS, 2e enfant", "Conditions CCAS, 3e enfant et suivants",
        "extérieurs", "1er enfant", "2e enfant", "3e enfant", "4e enfant et suivants",
    ]  # fmt: skip
    assert [case.label for case in cases(grid(BUBRY), DAY)] == ["Repas occasionnel", "Les autres"]
    assert [case.label for case in cases(grid(flat_data(Decimal("4.30"))), DAY)] == ["Tout le monde"]


def test_the_table_has_the_prices_that_the_town_printed():
    stairs = stairs_of(grid(WAVRIN), DAY)
    row = dict(stairs.rows)[next(words for words, _prices in stairs.rows if words.startswith("de 500,01"))]
    assert row[3:] == tuple(map(Decimal, ("14", "7.86", "7.10", "6.42", "5.80")))
    assert len(stairs.rows) == 6
    assert not stairs.slopes
    sloping = stairs_of(grid(SAINT_GERMAIN), DAY)
    assert sloping.slopes
    assert dict(sloping.rows)["500"][1] == Decimal("3.21")


def test_a_scale_on_resources_is_drawn_over_the_resources():
    assert axis(grid(PSU)) is Reference.INCOME
    drawing = drawing_of(grid(PSU), DAY)
    assert drawing.axis == "Ressources par mois, en euros"
    assert stairs_of(grid(PSU), DAY).rows[-1][1] == (Decimal("5.26"),)
    assert drawing_of(grid(flat_data(Decimal("4.30"))), DAY) is None


def test_a_curve_stays_within_its_axes_and_rises_when_prices_rise():
    marks = [
        Mark(Decimal(0), Decimal("1.00")),
        Mark(Decimal(600), Decimal("1.00")),
        Mark(Decimal(600), Decimal("5.20")),
    ]
    drawing = draw([Curve("Tous", marks)], title="Prix", here=Decimal(300))
    points = [tuple(map(Decimal, point.split(","))) for point in drawing.lines[0].points.split()]
    assert all(drawing.left <= x <= drawing.right and drawing.top <= y <= drawing.bottom for x, y in points)
    assert points[0][1] > points[2][1]
    assert drawing.left < Decimal(drawing.here) < drawing.right
    assert (drawing.up[0].words, drawing.across[0].words) == ("0,00\u00a0€", "0")
    assert draw([Curve("Tous", [Mark(Decimal(0), Decimal(0))])], title="Gratuit").lines[0].points


@settings(max_examples=40, deadline=None)
@given(grid=grids())
def test_whatever_a_town_writes_is_drawn_and_told(grid):
    assert not faults(grid)
    assert 1 <= len(cases(grid, DAY)) <= MOST
    stairs = stairs_of(grid, DAY)
    assert all(len(prices) == len(stairs.labels) for _words, prices in stairs.rows)
    for case in cases(grid, DAY):
        assert price_with(grid, DAY, case.situation).unit_price >= 0
    drawing_of(grid, DAY)

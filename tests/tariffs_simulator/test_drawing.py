"""The curve as points of a drawing."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.tariffs.engine.curves import Mark
from tariffs_simulator.drawing import BOTTOM, LEFT, RIGHT, TOP, draw
from tests.domain.tariffs.strategies import euros


def mark(quotient: str, price: str) -> Mark:
    return Mark(Decimal(quotient), Decimal(price))


def test_a_table_of_brackets_is_drawn_as_stairs_from_zero() -> None:
    drawing = draw([mark("0", "2"), mark("599.99", "2"), mark("600", "4"), mark("1200", "4")], own=mark("842", "4"))

    assert drawing.path == "M58 110L212 110L212 20L366 20"
    assert [tick.value for tick in drawing.up] == [0, 2, 4]
    assert [tick.value for tick in drawing.across] == [0, 500, 1000]
    assert drawing.here is not None
    assert (drawing.here.x, drawing.here.y, drawing.here.anchor) == (274, 20, "end")
    assert drawing.here.words_y > drawing.here.y, "under the point: there is no room above"


def test_a_point_beyond_the_curve_is_left_out() -> None:
    assert draw([mark("0", "2"), mark("1000", "2")], own=mark("1200", "2")).here is None


def test_nothing_to_draw_is_refused() -> None:
    with pytest.raises(ValueError, match="mark"):
        draw([])


@given(st.lists(st.builds(Mark, euros(3000), euros(90)), min_size=1, unique_by=lambda each: each.quotient))
def test_everything_stays_within_the_frame(marks: list[Mark]) -> None:
    drawing = draw(sorted(marks, key=lambda each: each.quotient), own=marks[0])

    points = [tuple(map(float, point.split())) for point in drawing.path[1:].split("L")]
    assert all(LEFT <= x <= RIGHT and TOP <= y <= BOTTOM for x, y in points)
    assert all(LEFT <= tick.at <= RIGHT for tick in drawing.across)
    assert all(TOP <= tick.at <= BOTTOM for tick in drawing.up)
    assert len(drawing.up) <= 5

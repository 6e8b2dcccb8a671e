"""What a form of check boxes says: only what this person changed (ADR 0011)."""

from datetime import date, timedelta

import pytest

from portal.web.planning.ticks import GarbledTicks, decode_boxes, differences, encode_boxes, line_of

MONDAY = date(2026, 9, 14)


def code(offset: int, line: str = "1.7") -> str:
    return f"{line}.{(MONDAY + timedelta(days=offset)).isoformat()}"


@pytest.mark.exigence("P46")
def test_boxes_survive_the_way_through_the_page():
    boxes = {code(0): True, code(1): False, code(4): True, code(0, "12.3"): False}
    values = encode_boxes(boxes)
    assert values == ["1.7.2026-09-14.10--1", "12.3.2026-09-14.0"]
    assert decode_boxes(values) == boxes


def test_a_month_of_five_children_stays_small():
    boxes = {
        f"{child}.{unit}.{(MONDAY + timedelta(days=day)).isoformat()}": bool(day % 2)
        for child in range(100, 105)
        for unit in range(50, 54)
        for day in range(23)
    }
    values = encode_boxes(boxes)
    assert len(boxes) == 460
    assert len(values) == 20
    assert sum(map(len, values)) < 1_000
    assert decode_boxes(values) == boxes


def test_only_what_was_changed_is_taken():
    shown = {code(0): True, code(1): True, code(2): False, code(3): False}
    ticks = differences(shown, [code(0), code(2)])
    assert ticks.add == {code(2)}
    assert ticks.remove == {code(1)}


def test_a_code_that_the_page_did_not_show_is_ignored():
    assert not differences({code(0): False}, [code(9), "n’importe quoi"])


def test_nothing_touched_is_no_change():
    assert not differences({code(0): True, code(1): False}, [code(0)])


@pytest.mark.parametrize(
    "value",
    ["", "1.7", "1.7.2026-09-14.", "1.7.2026-09-14.12", "1.7.2026-02-30.1", "a.7.2026-09-14.1", "1.7.9999-12-31.11"],
)
def test_a_line_that_no_page_of_ours_writes_is_refused(value):
    with pytest.raises(GarbledTicks):
        decode_boxes([value])


def test_the_line_of_a_code():
    assert line_of("12.3.2026-09-07") == "12.3"

"""The names of cells: what a page of ours writes is read, anything else is nobody's cell."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.bookings.codes import CellKey, UnknownCell


@given(st.integers(1, 10**18 - 1), st.integers(1, 10**18 - 1), st.dates(date(1000, 1, 1)))
def test_a_code_comes_back_as_it_was(child, unit, day):
    key = CellKey(child, unit, day)
    assert CellKey.parse(key.code) == key


@pytest.mark.parametrize(
    "code",
    [
        "",
        "1.2",
        "1.2.2026-02-30",
        "0.2.2026-09-14",
        "-1.2.2026-09-14",
        "1.2.14/09/2026",
        "1.2.2026-09-14 ",
        "1.2.2026-09-14\n",
        "١.2.2026-09-14",
        "1e3.2.2026-09-14",
        f"{10**19}.2.2026-09-14",
        "1.2.2026-09-14.3",
        "enfant.repas.lundi",
    ],
)
def test_a_garbled_code_names_no_cell(code):
    with pytest.raises(UnknownCell):
        CellKey.parse(code)


@given(st.text())
def test_no_text_breaks_the_reader(text):
    with suppress(UnknownCell):
        assert CellKey.parse(text).code == text

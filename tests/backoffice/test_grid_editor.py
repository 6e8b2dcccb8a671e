"""A grid filled by fields is the grid: whatever a town may write goes through the form and back."""

from datetime import date
from typing import Any
from unittest.mock import patch

import pytest
from django.forms import CheckboxInput, CheckboxSelectMultiple
from django.http import QueryDict
from hypothesis import given, settings

from portal.backoffice.screens import grid_editor
from portal.backoffice.screens.grid_editor import METHODS, GridEditor
from portal.domain.tariffs.engine import Grid
from portal.domain.tariffs.engine.data import grid_from_data, grid_to_data
from portal.domain.tariffs.engine.proof import examine
from tests.domain.tariffs.strategies import grids
from tests.domain.tariffs.test_published import BUBRY, HALF_HOURS, PSU, SAINT_GERMAIN, VAL_DE_MARNE, WAVRIN

pytestmark = pytest.mark.exigence("C16")

DAY = date(2027, 1, 4)


@pytest.fixture(autouse=True)
def without_schools():
    with patch.object(grid_editor, "school_choices", return_value=[("arbois", "École d’Arbois")]):
        yield


def sent(editor: GridEditor, **changes: str) -> QueryDict:
    """What a browser sends of the page as it stands, with some changes."""
    data = QueryDict(mutable=True)
    data["p-items"], data["c-items"] = editor.part_items, editor.change_items
    forms = [editor.version, editor.settings]
    for part in editor.parts:
        data[f"{part.prefix}-kind"] = data[f"{part.prefix}-shown"] = part.kind
        forms += [part.form, part.when, part.method]
        if part.columns is not None:
            data[f"{part.columns.prefix}-items"] = part.columns.items
            forms += [form for column in part.columns.columns for form in (column.form, column.when)]
        if part.cells is not None:
            data[f"{part.cells.prefix}-items"] = part.cells.items
            for row in part.cells.rows:
                data.update({cell.name: cell.value for cell in row.cells})
    forms += [form for change in editor.changes for form in (change.form, change.when)]
    for form in forms:
        for bound in form:
            value = bound.value()
            if isinstance(bound.field.widget, CheckboxSelectMultiple):
                data.setlist(bound.html_name, [str(each) for each in value or []])
            elif isinstance(bound.field.widget, CheckboxInput):
                if value in (True, "true", "on"):
                    data[bound.html_name] = "on"
            else:
                data[bound.html_name] = "" if value is None else str(value)
    for name, value in changes.items():
        data[name] = value
    return data


def opened(data: dict[str, Any]) -> GridEditor:
    return GridEditor(initial=data, version={"valid_from": "2027-01-04"})


def pressed(data: dict[str, Any], button: str, **changes: str) -> GridEditor:
    editor = GridEditor(data=sent(opened(data), faire=button, **changes), initial=data)
    assert editor.only_draws
    return editor


def normal(data: dict[str, Any]) -> Grid:
    return grid_from_data(data, valid_from=DAY)


def named(data: Any) -> Any:
    """The same with a name wherever the form asks for one, and no space around it."""
    if isinstance(data, dict):
        found = {key: named(value) for key, value in data.items()}
        if "label" in data:
            found["label"] = "".join(data["label"].split()).replace("\x00", "") or "sans nom"
        return found
    return [named(each) for each in data] if isinstance(data, list) else data


def through(data: dict[str, Any]) -> Grid:
    """The data once through the form."""
    editor = GridEditor(data=sent(opened(data)), initial=data)
    assert editor.is_valid(), [part.method.errors for part in editor.parts]
    assert not editor.only_draws
    return normal(editor.to_data())


@settings(max_examples=60, deadline=None)
@given(grid=grids())
def test_every_grid_goes_through_the_form_and_back(grid) -> None:
    data = named(grid_to_data(grid))
    assert through(data) == normal(data)


@pytest.mark.parametrize("data", [WAVRIN, BUBRY, HALF_HOURS, VAL_DE_MARNE, SAINT_GERMAIN, PSU])
def test_a_published_grid_goes_through_the_form_and_back(data: dict[str, Any]) -> None:
    assert through(data) == normal(data)


@pytest.mark.parametrize("kind", METHODS)
def test_each_way_of_pricing_shows_its_fields_when_it_is_chosen(kind: str) -> None:
    first = opened(BUBRY)
    drawn = GridEditor(data=sent(first, **{"p.1-kind": kind}), initial=BUBRY)
    assert drawn.only_draws is (kind != "brackets")
    assert drawn.parts[1].kind == kind
    assert not [error for row in getattr(drawn.parts[1].cells, "rows", []) for error in row.errors]


def test_an_end_left_empty_is_where_the_next_bracket_begins() -> None:
    data = sent(opened(BUBRY), **{"p.1.rows.0-high": "", "p.1.rows.2-low": "", "p.1.rows.3-low": "1 500,00"})
    editor = GridEditor(data=data)
    assert editor.is_valid()
    assert normal(editor.to_data()) == normal(BUBRY)


def test_what_is_no_number_is_said_in_its_cell_and_stays() -> None:
    editor = GridEditor(data=sent(opened(BUBRY), **{"p.1.rows.1-price._": "trois euros", "p.1.rows.2-low": "-4"}))
    assert not editor.is_valid()
    rows = editor.parts[1].cells.rows
    assert (rows[1].cells[2].value, rows[1].cells[2].error) == ("trois euros", "Donnez un nombre, par exemple 4,30.")
    assert rows[2].cells[0].error
    assert not rows[0].cells[2].error


def test_lists_grow_shrink_and_move_without_losing_what_was_typed() -> None:
    assert len(pressed(BUBRY, "ajouter:p").parts) == 3
    assert len(pressed(BUBRY, "ajouter:p.1.rows").parts[1].cells.rows) == 5
    assert [part.form["label"].value() for part in pressed(BUBRY, "retirer:p.0").parts] == [""]
    moved = pressed(BUBRY, "descendre:c.0", **{"c.0-label": "Troisième"})
    assert [change.form["label"].value() for change in moved.changes] == ["PAI, repas apporté", "Troisième"]
    assert pressed(BUBRY, "monter:c.0").changes[0].form["label"].value() == "À partir du 3e enfant"
    columns = pressed(WAVRIN, "retirer:p.1.cols.1").parts[1]
    assert columns.columns.labels == ["extérieurs", "2e enfant", "3e enfant", "4e enfant et suivants"]
    assert [cell.value for cell in columns.cells.rows[0].cells] == ["0", "308,01", "12", "3,42", "3,10", "2,82"]


def test_faults_are_written_beside_what_they_are_about() -> None:
    wrong = {
        "parts": [
            {"label": "RSA", "when": {"members": ["rsa"]}, "method": {"kind": "flat", "price": "0.40"}},
            {"method": {"kind": "brackets", "rows": [
                {"low": "0", "high": "600", "prices": ["1"]}, {"low": "700", "prices": ["2"]},
            ]}},
        ],
        "changes": [{"kind": "times", "label": "Moitié", "number": "150"}],
        "rounding": {"step": "0.03"},
    }  # fmt: skip
    editor = opened(wrong)
    assert not editor.has_errors
    editor.note(examine(grid_from_data(wrong | {"rounding": {"step": "0.005"}}, valid_from=DAY)))
    rows = editor.parts[1].cells.rows
    assert "rien ne dit le prix de 600 à moins de 700" in rows[1].errors[0]
    assert rows[0].errors == editor.parts[0].errors == []
    assert "un facteur va de 0 à 100" in editor.changes[0].errors[0]
    assert "multiple d’un centime" in editor.errors[0]
    assert editor.has_errors


def test_a_pasted_table_fills_the_cells_and_proposes_the_columns() -> None:
    rows = ["QF 1er_enfant 2e_enfant_et_plus Hors_commune", "0–599 1,00 0,50 4,00", "600–999 3,05 1,53 4,00"]
    text = "\n".join([*rows, "≥1000 3,10 1,55 4,00"]).replace(" ", "\t").replace("_", " ")
    editor = pressed({}, "coller:p.0", **{"p.0-paste": text})
    part = editor.parts[0]
    assert part.errors == []
    assert part.columns.labels == ["Hors commune", "1er enfant", "2e enfant et plus"]
    assert [[cell.value for cell in row.cells] for row in part.cells.rows] == [
        ["0", "600", "4,00", "1,00", "0,50"],
        ["600", "1000", "4,00", "3,05", "1,53"],
        ["1000", "", "4,00", "3,10", "1,55"],
    ]
    filled = GridEditor(data=sent(editor, **{"v-valid_from": "2027-01-04"}))
    assert filled.is_valid()
    assert examine(grid_from_data(filled.to_data(), valid_from=DAY)) == ()


def test_a_table_that_cannot_be_read_is_explained_and_stays() -> None:
    editor = pressed(BUBRY, "coller:p.1", **{"p.1-paste": "0 à 599;1,00\nbeaucoup;2,00\n1000 et plus;cher"})
    part = editor.parts[1]
    assert [error.replace("\u00a0", " ") for error in part.errors] == [
        "Ligne 2 : « beaucoup » n’est pas une tranche. Écrivez par exemple « 0 à 599 ».",
        "Ligne 3, 1er prix : « cher » n’est pas un prix.",
    ]
    assert part.pasted.startswith("0 à 599")
    assert len(part.cells.rows) == 4
    huge = "\n".join(f"{100 * row} à {100 * row + 99};1;1" for row in range(150))
    assert "trop grand" in pressed(BUBRY, "coller:p.1", **{"p.1-paste": huge}).parts[1].errors[0]

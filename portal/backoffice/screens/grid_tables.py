"""The tables of a grid as fields: columns with their titles and conditions, rows of cells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms

from portal.backoffice.screens.grid_fields import (
    NOT_A_NUMBER,
    Choices,
    ConditionForm,
    read_number,
    shown_number,
)
from portal.backoffice.screens.grid_sent import Sent, bound_form
from portal.domain.tariffs.engine.tables import MOST_COLUMNS, MOST_ROWS

#: The key of the prices of a table without columns.
ONLY = "_"


@dataclass(frozen=True, slots=True)
class Head:
    """A column of cells: its key, what it is called, whether a cell may be empty, whether its numbers are whole."""

    key: str
    label: str
    required: bool = True
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: the name of its field, what is in it, what is wrong with it."""

    name: str
    value: str
    label: str
    error: str = ""

    @property
    def id(self) -> str:
        return f"id_{self.name}"


class Row:
    """One row of cells."""

    def __init__(self, prefix: str, rank: int, cells: list[Cell]) -> None:
        self.prefix, self.rank, self.cells = prefix, rank, cells
        self.errors: list[str] = []


class Cells:
    """Rows of numbers. `fixed`: neither added nor taken away."""

    def __init__(
        self,
        prefix: str,
        sent: Sent,
        heads: Sequence[Head],
        initial: Sequence[Mapping[str, Any]],
        *,
        fixed: bool = False,
    ) -> None:
        self.prefix, self.heads, self.fixed = prefix, heads, fixed
        self._sent = sent if sent.has(f"{prefix}-items") else Sent()
        self.values: list[dict[str, str]] = []
        numbers = self._sent.numbers(prefix, len(initial), MOST_ROWS)
        self.rows = [self._row(number, rank, initial) for rank, number in enumerate(numbers, 1)]

    @property
    def items(self) -> str:
        return ",".join(row.prefix.rpartition(".")[2] for row in self.rows)

    @property
    def has_errors(self) -> bool:
        return any(row.errors or any(cell.error for cell in row.cells) for row in self.rows)

    def is_valid(self) -> bool:
        """Whether each cell holds a number; `values` has them, as exact texts."""
        self.values = []
        for row in self.rows:
            kept, cells = {}, []
            for head, cell in zip(self.heads, row.cells, strict=True):
                error, number = _read(cell.value, head)
                cells.append(Cell(cell.name, cell.value, cell.label, error))
                if number:
                    kept[head.key] = number
            row.cells = cells
            self.values.append(kept)
        return not self.has_errors

    def note(self, rank: int, words: str) -> bool:
        """Write what is wrong with a row under it; False when there is no such row."""
        if rank > len(self.rows):
            return False
        self.rows[rank - 1].errors.append(words)
        return True

    def _row(self, number: str, rank: int, initial: Sequence[Mapping[str, Any]]) -> Row:
        prefix = f"{self.prefix}.{number}"
        kept = initial[int(number)] if int(number) < len(initial) else {}
        sent = self._sent.data
        cells = []
        for head in self.heads:
            name = f"{prefix}-{head.key}"
            value = "" if kept.get(head.key) is None else str(shown_number(kept[head.key]))
            if sent is not None:
                value = sent.get(name, "")[:20]
            cells.append(Cell(name, value, f"{head.label}, ligne {rank}"))
        return Row(prefix, rank, cells)


def _read(text: str, head: Head) -> tuple[str, str]:
    """What is wrong with a cell, and its number."""
    if not text.strip():
        return (NOT_A_NUMBER if head.required else ""), ""
    try:
        number = read_number(text)
    except forms.ValidationError as error:
        return error.messages[0], ""
    if head.whole and number != number.to_integral_value():
        return "Donnez un nombre entier.", ""
    return "", f"{number:f}"


class ColumnForm(forms.Form):
    label = forms.CharField(
        label="Titre",
        max_length=60,
        error_messages={"required": "Donnez un titre à la colonne : les familles le lisent."},
    )


class ColumnEditor:
    """One column of prices: its title and for whom it stands."""

    def __init__(self, prefix: str, rank: int, sent: Sent, initial: Mapping[str, Any], schools: Choices) -> None:
        self.prefix, self.rank = prefix, rank
        mark = f"{prefix}-label"
        self.form = bound_form(ColumnForm, prefix, sent, mark, initial)
        self.when = bound_form(ConditionForm, f"{prefix}.when", sent, mark, initial.get("when", {}), schools=schools)

    @property
    def key(self) -> str:
        return self.prefix.rpartition(".")[2]

    @property
    def label(self) -> str:
        return str(self.form["label"].value() or f"Colonne {self.rank}")


class Columns:
    """The columns of a table; none of them: one price for everybody."""

    def __init__(self, prefix: str, sent: Sent, initial: Sequence[Mapping[str, Any]], schools: Choices) -> None:
        self.prefix = prefix
        self.columns = [
            ColumnEditor(
                f"{prefix}.{number}",
                rank,
                sent,
                initial[int(number)] if int(number) < len(initial) else {},
                schools,
            )
            for rank, number in enumerate(sent.numbers(prefix, len(initial), MOST_COLUMNS), 1)
        ]

    @property
    def items(self) -> str:
        return ",".join(column.key for column in self.columns)

    @property
    def keys(self) -> list[str]:
        return [column.key for column in self.columns] or [ONLY]

    @property
    def labels(self) -> list[str]:
        return [column.label for column in self.columns] or [""]

    @property
    def forms(self) -> list[forms.Form]:
        return [form for each in self.columns for form in (each.form, each.when)]

    def is_valid(self) -> bool:
        checked = [form.is_bound and form.is_valid() for form in self.forms]
        return all(checked)

    def to_data(self) -> list[dict[str, Any]]:
        return [{"label": each.form.cleaned_data["label"], "when": each.when.to_data()} for each in self.columns]

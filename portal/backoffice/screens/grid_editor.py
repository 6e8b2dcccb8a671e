"""A grid as fields: parts, tables typed cell by cell or pasted, changes in order. No script is needed.

The names of the fields follow the tree (`p.0.cols.1.when-ranks_low`). Buttons are called `faire` and say what they do
and where (`ajouter:p.0.rows`, `retirer:c.2`, `monter:p.1`, `coller:p.0`); they draw the form again. Tables are in
`grid_tables`; what the proof finds is written beside the part, the row or the change that it is about.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django import forms
from django.forms.utils import ErrorDict

from portal.backoffice.screens.grid_fields import (
    Choices,
    ConditionForm,
    NumberField,
    SettingsForm,
    VersionForm,
    school_choices,
    shown_number,
)
from portal.backoffice.screens.grid_sent import Sent, bound_form
from portal.backoffice.screens.grid_tables import Cells, Columns, Head
from portal.domain.files.refusal import FileRefused
from portal.domain.kernel.french import typography
from portal.domain.tariffs.engine import telling
from portal.domain.tariffs.engine.data import grid_to_data
from portal.domain.tariffs.engine.grids import ChangeKind, Grid, Part
from portal.domain.tariffs.engine.methods import Brackets, Reference
from portal.domain.tariffs.engine.proof import Finding
from portal.domain.tariffs.engine.tables import Table, UnreadableTable, read_table, table_of_cells
from portal.domain.tariffs.sheets import MOST_BYTES, read_sheet

MOST_PARTS, MOST_CHANGES = 10, 20
#: What a form carries without the page becoming unreadable; more comes by `portail import_grid`.
MOST_CELLS = 400

METHODS = {
    "flat": "un prix pour tous",
    "brackets": "un tableau de tranches",
    "effort": "un taux d’effort (un pourcentage du quotient ou des ressources)",
    "lines": "des droites entre des points",
    "national_scale": "le barème national des crèches",
}
_REFERENCES = ((Reference.QUOTIENT.value, "le quotient familial"), (Reference.INCOME.value, "les ressources par mois"))


class PartForm(forms.Form):
    label = forms.CharField(label="Nom de cette partie", required=False, max_length=100)


class FlatForm(forms.Form):
    price = NumberField(label="Prix, en euros")


class ReferenceForm(forms.Form):
    reference = forms.ChoiceField(label="Selon", choices=_REFERENCES)


class EffortForm(ReferenceForm):
    lowest = NumberField(label="Jamais moins de (plancher, en euros)", required=False)
    highest = NumberField(
        label="Jamais plus de (plafond, en euros)",
        required=False,
        help_text="C’est aussi ce que paie une famille sans quotient connu.",
    )


class LinesForm(ReferenceForm):
    above = NumberField(label="Au-dessus du dernier point, en euros", required=False, help_text="Vide : son prix.")


class ScaleForm(forms.Form):
    lowest = NumberField(label="Ressources par mois, plancher", tiny=False)
    highest = NumberField(label="Ressources par mois, plafond", tiny=False)


_FORMS: dict[str, type[forms.Form]] = {
    "flat": FlatForm,
    "brackets": ReferenceForm,
    "effort": EffortForm,
    "lines": LinesForm,
    "national_scale": ScaleForm,
}
_POINTS = (Head("reference", "Pour"), Head("price", "Prix"))
_RATES = (Head("children", "À partir de (enfants)", whole=True), Head("percentage", "Taux, en %"))


class ChangeForm(forms.Form):
    label = forms.CharField(
        label="Comment elle s’appelle",
        max_length=100,
        help_text="Les familles le lisent : « 3e enfant ».",
        error_messages={"required": "Nommez cette modification : les familles le lisent."},
    )
    kind = forms.ChoiceField(
        label="Ce qu’elle fait", choices=[(each.value, typography(said)) for each, said in telling.CHANGES.items()]
    )
    number = NumberField(label="Combien", signed=True)
    minutes = forms.IntegerField(
        label="Durée d’une tranche de retard, en minutes",
        required=False,
        min_value=1,
        max_value=1440,
        widget=forms.NumberInput(attrs={"class": "tiny"}),
        help_text="Pour « par durée de retard » seulement.",
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("kind") == ChangeKind.SLICES.value and not cleaned.get("minutes"):
            self.add_error("minutes", "Dites combien de minutes dure une tranche.")
        return cleaned


class PartEditor:
    """One part: its name, for whom, how its price is found."""

    def __init__(self, prefix: str, rank: int, sent: Sent, initial: Mapping[str, Any], schools: Choices) -> None:
        self.prefix, self.rank = prefix, rank
        self.sent = sent
        self.errors: list[str] = []
        self.doubts: list[str] = []
        method = initial.get("method", {})
        kept = method.get("kind", "brackets")
        chosen = sent.data.get(f"{prefix}-kind", kept) if sent.data is not None else kept
        self.kind = chosen if chosen in METHODS else kept
        self.kinds = [(kind, typography(words), kind == self.kind) for kind, words in METHODS.items()]
        self.is_shown = sent.data is None or sent.data.get(f"{prefix}-shown", self.kind) == self.kind
        self.form = bound_form(PartForm, prefix, sent, f"{prefix}-shown", initial)
        self.when = bound_form(
            ConditionForm, f"{prefix}.when", sent, f"{prefix}-shown", initial.get("when", {}), schools=schools
        )
        usual = {"reference": Reference.QUOTIENT.value}
        shown = {name: shown_number(value) for name, value in method.items() if isinstance(value, str)}
        mark = f"{prefix}-shown" if self.is_shown else "-"
        self.method = bound_form(_FORMS[self.kind], f"{prefix}.m", sent, mark, usual | shown)
        self.pasted = sent.data.get(f"{prefix}-paste", "") if sent.data is not None else ""
        self.notice = ""
        # Cells of another way of pricing wait to be shown.
        inner = sent if self.is_shown and sent.has(f"{prefix}-shown") else Sent()
        if self.kind == "brackets" and sent.pressed("coller", prefix) and (table := self._pasted()) is not None:
            inner, method = Sent(), _data_of(table)
            self.notice = typography(f"Le tableau est rempli : {len(table.rows)} tranches. Relisez-le.")
        self.columns = self._columns(inner, method, schools)
        self.cells = self._cells(inner, method)

    @property
    def adds(self) -> str:
        """What the button under its table adds."""
        return {"lines": "un point", "national_scale": "un taux"}.get(self.kind, "une tranche")

    @property
    def has_pasting(self) -> bool:
        return self.kind == "brackets"

    def is_valid(self) -> bool:
        forms_ = [self.form, self.when, self.method]
        valid = [form.is_bound and form.is_valid() for form in forms_]
        valid += [self.columns.is_valid() if self.columns else True, self.cells.is_valid() if self.cells else True]
        return all(valid)

    def to_data(self) -> dict[str, Any]:
        """The part as a grid keeps it, once valid."""
        values = {
            name: f"{value:f}" if name != "reference" else value
            for name, value in self.method.cleaned_data.items()
            if value is not None
        }
        method: dict[str, Any] = {"kind": self.kind, **values}
        if self.columns is not None:
            method["columns"] = self.columns.to_data()
        if self.kind == "brackets" and self.cells is not None and self.columns is not None:
            method["rows"] = _brackets(self.cells.values, self.columns.keys)
        if self.kind == "effort" and self.cells is not None and self.columns is not None:
            method["percentages"] = [self.cells.values[0][f"price.{key}"] for key in self.columns.keys]
        if self.kind == "lines" and self.cells is not None:
            method["points"] = self.cells.values
        if self.kind == "national_scale" and self.cells is not None:
            method["rates"] = [{**row, "children": int(row["children"])} for row in self.cells.values]
        return {"label": self.form.cleaned_data["label"], "when": self.when.to_data(), "method": method}

    def _columns(self, sent: Sent, method: Mapping[str, Any], schools: Choices) -> Columns | None:
        if self.kind not in ("brackets", "effort"):
            return None
        return Columns(f"{self.prefix}.cols", sent, method.get("columns", ()), schools)

    def _cells(self, sent: Sent, method: Mapping[str, Any]) -> Cells | None:
        if self.columns is not None:
            keys = self.columns.keys
            prices = [Head(f"price.{key}", label) for key, label in zip(keys, self.columns.labels, strict=True)]
            if self.kind == "effort":
                rates = method.get("percentages", ())
                row = {f"price.{key}": rate for key, rate in zip(keys, rates, strict=False)}
                heads = [Head(head.key, f"Taux en % : {head.label}" if head.label else "Taux en %") for head in prices]
                return Cells(f"{self.prefix}.rows", sent, heads, [row], fixed=True)
            heads = [
                Head("low", "De", required=False),
                Head("high", "À moins de", required=False),
                *(Head(head.key, head.label or "Prix") for head in prices),
            ]
            rows = [
                {"low": row.get("low", "0"), "high": row.get("high", "")}
                | {f"price.{key}": price for key, price in zip(keys, row["prices"], strict=False)}
                for row in method.get("rows", ())
            ]
            return Cells(f"{self.prefix}.rows", sent, heads, rows or [{"low": "0"}])
        if self.kind == "lines":
            return Cells(f"{self.prefix}.rows", sent, _POINTS, method.get("points", ()) or [{}, {}])
        if self.kind == "national_scale":
            return Cells(f"{self.prefix}.rows", sent, _RATES, method.get("rates", ()) or [{"children": 1}])
        return None

    def _pasted(self) -> Table | None:
        """The table pasted or sent as a file; what is wrong with it is noted and what was typed stays."""
        file = self.sent.files.get(f"{self.prefix}-file")
        try:
            if file is not None:
                table = table_of_cells(read_sheet(file.name, file.read(MOST_BYTES + 1), size=file.size))
            else:
                table = read_table(self.pasted)
        except FileRefused as error:
            self.errors.append(str(error))
        except UnreadableTable as error:
            self.errors += error.reasons
        else:
            if len(table.rows) * (max(len(table.columns), 1) + 2) <= MOST_CELLS:
                return table
            self.errors.append(
                "Ce tableau est trop grand pour cette page : le service informatique peut l’importer "
                "(portail import_grid)."
            )
        return None


class ChangeEditor:
    """One change and for whom it is."""

    def __init__(self, prefix: str, rank: int, sent: Sent, initial: Mapping[str, Any], schools: Choices) -> None:
        self.prefix, self.rank = prefix, rank
        self.errors: list[str] = []
        shown = {**initial, "number": shown_number(initial.get("number", ""))}
        self.form = bound_form(ChangeForm, prefix, sent, f"{prefix}-kind", shown)
        self.when = bound_form(
            ConditionForm, f"{prefix}.when", sent, f"{prefix}-kind", initial.get("when", {}), schools=schools
        )

    def is_valid(self) -> bool:
        checked = [form.is_bound and form.is_valid() for form in (self.form, self.when)]
        return all(checked)

    def to_data(self) -> dict[str, Any]:
        cleaned = self.form.cleaned_data
        data = {"label": cleaned["label"], "kind": cleaned["kind"], "number": f"{cleaned['number']:f}"}
        if cleaned["kind"] == ChangeKind.SLICES.value:
            data["minutes"] = cleaned["minutes"]
        return data | {"when": self.when.to_data()}


class GridEditor:
    """The whole form. `initial`: the data of a grid; `version`: the first values of its date and vote."""

    def __init__(
        self,
        *,
        data: Any = None,
        files: Any = None,
        initial: Mapping[str, Any] | None = None,
        version: Mapping[str, Any] | None = None,
    ) -> None:
        sent, kept, schools = Sent(data, files), initial or {}, school_choices()
        self.sent = sent
        self.errors: list[str] = []
        self.version = bound_form(VersionForm, "v", sent, "v-valid_from", version or {})
        self.settings = bound_form(SettingsForm, "s", sent, "s-step", kept)
        parts = kept.get("parts", ()) or ({},)
        self.parts = [
            PartEditor(f"p.{number}", rank, sent, _at(parts, number), schools)
            for rank, number in enumerate(sent.numbers("p", len(parts), MOST_PARTS), 1)
        ]
        changes = kept.get("changes", ())
        self.changes = [
            ChangeEditor(f"c.{number}", rank, sent, _at(changes, number), schools)
            for rank, number in enumerate(sent.numbers("c", len(changes), MOST_CHANGES), 1)
        ]

    @property
    def part_items(self) -> str:
        return _items(self.parts)

    @property
    def change_items(self) -> str:
        return _items(self.changes)

    @property
    def only_draws(self) -> bool:
        """Whether a button was pressed that only draws the form again, or a way of pricing waits for its fields."""
        return bool(self.sent.action) or not all(part.is_shown for part in self.parts)

    def hush(self) -> None:
        """Say no mistake yet: a button that only draws sends a form that nobody has finished."""
        forms_ = [self.version, self.settings]
        for part in self.parts:
            forms_ += [part.form, part.when, part.method, *(part.columns.forms if part.columns is not None else ())]
        forms_ += [form for change in self.changes for form in (change.form, change.when)]
        for form in forms_:
            if isinstance(form, ConditionForm):
                form.hush()
            elif form.is_bound:
                form._errors = ErrorDict()

    def is_valid(self) -> bool:
        forms_ = [self.version, self.settings]
        valid = [form.is_bound and form.is_valid() for form in forms_]
        return all([*valid, *[each.is_valid() for each in (*self.parts, *self.changes)]])

    def to_data(self) -> dict[str, Any]:
        """The data of the grid, once valid."""
        return {
            "parts": [part.to_data() for part in self.parts],
            "changes": [change.to_data() for change in self.changes],
            **self.settings.to_data(),
        }

    def note(self, findings: Iterable[Finding]) -> None:
        """Write each finding beside what it is about."""
        for finding in findings:
            words = str(finding)
            if finding.part and finding.part <= len(self.parts):
                part = self.parts[finding.part - 1]
                if finding.row and part.cells is not None and part.cells.note(finding.row, words):
                    continue
                part.errors.append(words)
            elif finding.change and finding.change <= len(self.changes):
                self.changes[finding.change - 1].errors.append(words)
            else:
                self.errors.append(words)

    @property
    def has_errors(self) -> bool:
        held = [*self.errors, *(error for each in (*self.parts, *self.changes) for error in each.errors)]
        return bool(held) or any(part.cells is not None and part.cells.has_errors for part in self.parts)


def _at(kept: Any, number: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = kept[int(number)] if int(number) < len(kept) else {}
    return found


def _items(editors: Iterable[Any]) -> str:
    return ",".join(each.prefix.rpartition(".")[2] for each in editors)


def _brackets(rows: list[dict[str, str]], keys: list[str]) -> list[dict[str, Any]]:
    """Rows of a table: an empty end is where the next row begins, an empty beginning where the one before ends."""
    made: list[dict[str, Any]] = []
    for index, row in enumerate(rows):
        low = row.get("low") or (made[-1].get("high") if made else "0") or "0"
        following = rows[index + 1].get("low", "") if index + 1 < len(rows) else ""
        high = row.get("high") or following
        made.append({"low": low, "prices": [row[f"price.{key}"] for key in keys]} | ({"high": high} if high else {}))
    return made


def _data_of(table: Table) -> dict[str, Any]:
    part = Part(Brackets(table.rows, table.columns))
    data: dict[str, Any] = grid_to_data(Grid(date.min, (part,)))["parts"][0]["method"]
    return data

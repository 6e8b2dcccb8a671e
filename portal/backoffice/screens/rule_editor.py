"""A deadline as fields: choose a kind, fill what it asks. Rules that hold rules hold editors; no script is needed.

The names of the fields follow the tree (`r.table.1.days`), which is also how `InvalidDeadline` names a mistake.
Buttons of the form (`montrer`, `ajouter`, `retirer`) only draw it again.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms

from portal.domain.activities.deadlines import InvalidDeadline, deadline_from_data
from portal.domain.activities.deadlines.days import DayKind
from portal.domain.kernel.french import WEEKDAYS, typography

#: Rules inside rules: what a règlement needs, and what a page can show.
DEEPEST = 3
_HOURS = {"type": "time"}
_DAYS = {"type": "date"}

KINDS = {
    "always": "à tout moment",
    "never": "jamais en ligne : par le service",
    "weekday_before": "un jour de la semaine d’avant (le jeudi 23 h 59…)",
    "days_before": "un nombre de jours avant",
    "day_of_month": "un jour du mois d’avant (le 20…)",
    "fixed": "une date, la même pour tous les jours",
    "rolling_opening": "une ouverture qui avance (à partir de 3 mois avant)",
    "per_weekday": "une règle par jour de la semaine",
    "periods": "des fenêtres par période (vacances)",
    "most_restrictive": "plusieurs règles à la fois, la plus stricte compte",
}
COMPOSITE = frozenset({"per_weekday", "periods", "most_restrictive"})


def _number(label: str, **kwargs: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        widget=forms.NumberInput(attrs={"class": "tiny"}),
        error_messages={"required": "Donnez un nombre.", "invalid": "Donnez un nombre entier."},
        **kwargs,
    )


def _day(label: str, *, required: bool = True, help_text: str = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        widget=forms.DateInput(attrs=_DAYS, format="%Y-%m-%d"),
        help_text=help_text,
        error_messages={"required": "Donnez une date."},
    )


def _hour(label: str, help_text: str = "") -> forms.TimeField:
    return forms.TimeField(
        label=label,
        required=False,
        widget=forms.TimeInput(attrs=_HOURS, format="%H:%M"),
        help_text=typography(help_text),
        error_messages={"invalid": "Donnez une heure, par exemple 23:59."},
    )


def _kinds(label: str, help_text: str = "") -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label,
        required=False,
        choices=[(kind.value, kind.label) for kind in DayKind],
        widget=forms.CheckboxSelectMultiple,
        help_text=help_text,
    )


class _End(forms.Form):
    """The hour of a limit, and whether that minute is still allowed."""

    inclusive = forms.ChoiceField(
        label="La limite",
        choices=[("true", "« jusqu’à » : ce moment compte encore"), ("false", "« avant » : ce moment est trop tard")],
    )
    hour = _hour("Heure", "Vide : la fin du jour pour « jusqu’à », son début pour « avant ».")


class _StepBack(forms.Form):
    step_back = _kinds("Avancer la limite quand elle tombe pendant")


class DaysBeforeForm(_End, _StepBack):
    days = _number("Nombre de jours", help_text="0 : le jour même.")
    not_counted = _kinds("Jours qui ne comptent pas")
    field_order = ("days", "inclusive", "hour", "not_counted", "step_back")


class WeekdayBeforeForm(_End, _StepBack):
    weekday = forms.TypedChoiceField(label="Jour", coerce=int, choices=[*enumerate(WEEKDAYS, 1)])
    weeks = _number("Nombre de semaines avant", help_text="0 : la même semaine. 1 : la semaine précédente.")
    field_order = ("weekday", "weeks", "inclusive", "hour", "step_back")


class DayOfMonthForm(_End, _StepBack):
    day = _number("Jour du mois", help_text="31 : le dernier jour du mois.")
    months = _number("Nombre de mois avant")
    field_order = ("day", "months", "inclusive", "hour", "step_back")


class FixedForm(_End):
    day = _day("Date")
    field_order = ("day", "inclusive", "hour")


class RollingForm(forms.Form):
    amount = _number("Combien de temps avant")
    unit = forms.ChoiceField(label="En", choices=[("days", "jours"), ("weeks", "semaines"), ("months", "mois")])
    hour = _hour("Heure d’ouverture", "Vide : 0 h.")
    aligned = forms.BooleanField(label="Ouvrir d’un coup la semaine ou le mois entier", required=False)


class PeriodForm(_End):
    label = forms.CharField(
        label="Nom de la période", max_length=100, error_messages={"required": "Nommez la période : « Noël 2026 »."}
    )
    first = _day("Premier jour de la période")
    last = _day("Dernier jour de la période")
    opens = _day("Réservations ouvertes le", required=False, help_text="Vide : depuis toujours.")
    opens_hour = _hour("Heure d’ouverture", "Vide : 0 h.")
    closes = _day("Réservations fermées le")
    field_order = ("label", "first", "last", "opens", "opens_hour", "closes", "inclusive", "hour")


class NothingForm(forms.Form):
    """A kind that asks nothing."""


FORMS: dict[str, type[forms.Form]] = {
    "days_before": DaysBeforeForm,
    "weekday_before": WeekdayBeforeForm,
    "day_of_month": DayOfMonthForm,
    "fixed": FixedForm,
    "rolling_opening": RollingForm,
}
DEFAULTS: dict[str, Any] = {"inclusive": "true", "weeks": 1, "months": 1}


class RuleEditor:
    """One rule of the tree: its kind, the fields of that kind, the rules that it holds.

    `data` is what was sent, `initial` what is kept. `empty` is the label of “no rule here”, when there may be none.
    """

    def __init__(
        self,
        prefix: str,
        *,
        title: str,
        data: Any = None,
        initial: Mapping[str, Any] | None = None,
        depth: int = 1,
        empty: str = "",
        removable: bool = False,
    ) -> None:
        self.prefix, self.title, self.depth = prefix, title, depth
        self.data, self.initial, self.removable = data, initial or {}, removable
        sent = data.get(f"{prefix}-kind") if data is not None else None
        kept = str(self.initial.get("kind", "" if empty else "always"))
        known = [(kind, typography(label)) for kind, label in KINDS.items() if self._offers(kind, kept)]
        self.choices = ([("", empty)] if empty else []) + known
        self.kind = sent if sent is not None and sent in dict(self.choices) else kept
        # The fields that the page showed: those of another kind wait to be shown.
        shown = data.get(f"{prefix}-shown") if data is not None else None
        self.is_bound = data is not None and shown == self.kind
        self.errors: list[str] = []
        self.form = self._form()
        self.children = [*self._children()]
        self.periods = [*self._periods()]

    @property
    def adds(self) -> str:
        """What its button adds, if anything."""
        return {"periods": "une période", "most_restrictive": "une règle"}.get(self.kind, "")

    @property
    def is_shown(self) -> bool:
        """Whether the page that was sent had the fields of every kind chosen."""
        plain = self.kind in {"", "always", "never"}
        return (plain or self.is_bound) and all(child.is_shown for child in self.children)

    def is_valid(self) -> bool:
        """Whether every field was filled; what the rule as a whole refuses is noted where it is wrong."""
        parts = [self.form, *(period.form for period in self.periods)]
        filled = [part.is_valid() if part.is_bound else not part.fields for part in parts]
        held = [child.is_valid() for child in self.children]
        if not self.kind and self.choices[0][0] != "":
            self.errors.append("Choisissez une règle.")
        if not all([*filled, *held]) or self.errors:
            return False
        if self.depth > 1 or not self.kind:
            return True
        try:
            deadline_from_data(self.to_data())
        except InvalidDeadline as error:
            self._note(error)
            return False
        return True

    def to_data(self) -> dict[str, Any] | None:
        """The rule as it is kept, once valid; None for no rule."""
        if not self.kind:
            return None
        held: dict[str, Any] = {}
        if self.kind == "per_weekday":
            table = {child.key: child.to_data() for child in self.children if child.key != "otherwise"}
            held["table"] = {key: rule for key, rule in table.items() if rule is not None}
        elif self.kind == "most_restrictive":
            held["rules"] = [child.to_data() for child in self.children]
        elif self.kind == "periods":
            held["periods"] = [_plain(period.form.cleaned_data) for period in self.periods]
        for child in self.children:
            if child.key == "otherwise" and (rule := child.to_data()) is not None:
                held["otherwise"] = rule
        values = _plain(self.form.cleaned_data) if self.form.fields else {}
        return {"kind": self.kind, **values, **held}

    @property
    def key(self) -> str:
        """Its last name in the tree."""
        return self.prefix.rpartition(".")[2]

    @property
    def items(self) -> str:
        """The numbers of what it lists, for the next press."""
        return ",".join(item.key for item in self._listed())

    @property
    def all_errors(self) -> list[str]:
        """What is wrong with the rule as a whole, its inner rules included."""
        return [*self.errors, *(error for child in self.children for error in child.all_errors)]

    # Building

    def _offers(self, kind: str, kept: str) -> bool:
        return kind not in COMPOSITE or self.depth < DEEPEST or kind == kept

    def _form(self) -> forms.Form:
        fields = FORMS.get(self.kind, NothingForm)
        initial = DEFAULTS | {name: _shown(value) for name, value in self.initial.items()}
        made = fields(self.data if self.is_bound else None, prefix=self.prefix, initial=initial)
        _in_words(made)
        return made

    def _children(self) -> Iterator["RuleEditor"]:
        match self.kind:
            case "per_weekday":
                table = self.initial.get("table", {})
                for number, name in enumerate(WEEKDAYS, 1):
                    yield self._child(
                        f"table.{number}", name.capitalize(), table.get(str(number)), "la règle des autres jours"
                    )
                yield self._child("otherwise", "Les autres jours", self.initial.get("otherwise"), "jamais en ligne")
            case "periods":
                yield self._child(
                    "otherwise", "Hors de ces périodes", self.initial.get("otherwise"), "jamais en ligne"
                )
            case "most_restrictive":
                rules = self.initial.get("rules", []) or [{}, {}]
                for rank, number in enumerate(self._numbers(len(rules))):
                    kept = rules[int(number)] if int(number) < len(rules) else {}
                    yield self._child(f"rules.{number}", f"Règle {rank + 1}", kept, "", removable=True)

    def _child(
        self, name: str, title: str, initial: Mapping[str, Any] | None, empty: str, *, removable: bool = False
    ) -> "RuleEditor":
        return RuleEditor(
            f"{self.prefix}.{name}",
            title=title,
            data=self.data if self.is_bound else None,
            initial=initial,
            depth=self.depth + 1,
            empty=empty,
            removable=removable,
        )

    def _periods(self) -> Iterator["Period"]:
        if self.kind != "periods":
            return
        kept = self.initial.get("periods", [])
        for rank, number in enumerate(self._numbers(max(1, len(kept)))):
            initial = kept[int(number)] if int(number) < len(kept) else {}
            yield Period(f"{self.prefix}.periods.{number}", rank + 1, self.data if self.is_bound else None, initial)

    def _numbers(self, kept: int) -> list[str]:
        """The numbers of the items on the page, after « Ajouter » and « Retirer »."""
        if not self.is_bound:
            return [str(number) for number in range(kept)]
        sent = [each for each in self.data.get(f"{self.prefix}-items", "").split(",") if each.isdecimal()][:30]
        if self.data.get("retirer", "").startswith(f"{self.prefix}."):
            gone = self.data["retirer"].rpartition(".")[2]
            sent = [each for each in sent if each != gone] if self._is_mine(self.data["retirer"]) else sent
        if self.data.get("ajouter") == self.prefix:
            sent.append(str(max(map(int, sent), default=-1) + 1))
        return sent

    def _is_mine(self, name: str) -> bool:
        inside = {"periods": "periods", "most_restrictive": "rules"}.get(self.kind)
        return name.rpartition(".")[0] == f"{self.prefix}.{inside}"

    def _listed(self) -> list[Any]:
        if self.kind == "periods":
            return [*self.periods]
        return [*self.children] if self.kind == "most_restrictive" else []

    def _note(self, error: InvalidDeadline) -> None:
        """Put a mistake of the whole on the field that it names, else on the rule."""
        *path, last = error.path.replace("[", ".").replace("]", "").split(".") if error.path else [""]
        found = self._at(path)
        words = typography(error.reason[:1].upper() + error.reason[1:])
        if found is not None and last in found.fields:
            found.add_error(last, words)
        else:
            self.errors.append(words)

    def _at(self, path: list[str]) -> forms.Form | None:
        if not path:
            return self.form
        for period in self.periods:
            # Mistakes are numbered in the order of the list, whatever the numbers of the page.
            if path[0] == "periods" and len(path) == 2 and int(path[1]) == period.rank - 1:
                return period.form
        for rank, child in enumerate(self.children):
            names = ["otherwise"] if child.key == "otherwise" else ["table", child.key]
            if self.kind == "most_restrictive":
                names = ["rules", str(rank)]
            if path[: len(names)] == names:
                return child._at(path[len(names) :])
        return None


class Period:
    """One window of the kind “periods”."""

    def __init__(self, prefix: str, rank: int, data: Any, initial: Mapping[str, Any]) -> None:
        self.prefix, self.rank = prefix, rank
        known = data is not None and f"{prefix}-closes" in data
        values = DEFAULTS | {name: _shown(value) for name, value in initial.items()}
        self.form = PeriodForm(data if known else None, prefix=prefix, initial=values)
        _in_words(self.form)

    @property
    def key(self) -> str:
        return self.prefix.rpartition(".")[2]


def _in_words(form: forms.Form) -> None:
    for field in form.fields.values():
        field.help_text = typography(str(field.help_text))
        if isinstance(field, forms.ChoiceField):
            field.choices = [(value, typography(str(label))) for value, label in field.choices]


def _shown(value: Any) -> Any:
    """As the controls of a form hold it."""
    return str(value).lower() if isinstance(value, bool) else value


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """What a form gives, as JSON keeps a rule: what is empty or usual is left out."""
    data: dict[str, Any] = {}
    for name, value in values.items():
        if name == "inclusive":
            if value == "false":
                data[name] = False
        elif name == "aligned":
            if value:
                data[name] = True
        elif hasattr(value, "strftime"):
            data[name] = value.isoformat() if name not in {"hour", "opens_hour"} else value.strftime("%H:%M")
        elif value not in (None, "", []):
            data[name] = value
    return data

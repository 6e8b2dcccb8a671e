"""The fields of a grid: numbers as people write them, conditions, what a version and its settings say."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.forms.utils import ErrorDict

from portal.domain.families.enums import SchoolLevel
from portal.domain.families.models import School
from portal.domain.kernel.french import MINUS, typography
from portal.domain.tariffs.engine import telling
from portal.domain.tariffs.engine.conditions import AgeOn
from portal.domain.tariffs.engine.data import condition_from_data
from portal.domain.tariffs.engine.grids import Per, Unknown
from portal.domain.tariffs.engine.situations import Counted
from portal.domain.tariffs.engine.steps import Direction
from portal.domain.tariffs.engine.tables import number_of

NOT_A_NUMBER = "Donnez un nombre, par exemple 4,30."
Choices = Sequence[tuple[str, str]]
_ANSWERS = (("", "peu importe"), ("true", "oui"), ("false", "non"))


class NumberField(forms.CharField):
    """An exact number with a comma or a point, with spaces; `signed` lets it be negative."""

    def __init__(self, *, signed: bool = False, tiny: bool = True, **kwargs: Any) -> None:
        self._signed = signed
        attrs = {"inputmode": "decimal", "class": "tiny" if tiny else "short", "autocomplete": "off"}
        super().__init__(
            max_length=20,
            widget=forms.TextInput(attrs=attrs),
            error_messages={"required": NOT_A_NUMBER, "max_length": NOT_A_NUMBER},
            **kwargs,
        )

    def clean(self, value: Any) -> Decimal | None:
        text = str(super().clean(value))
        return read_number(text, signed=self._signed) if text else None

    def prepare_value(self, value: Any) -> Any:
        return shown_number(value)


def read_number(text: str, *, signed: bool = False) -> Decimal:
    """The number that was typed. Raises ValidationError with the sentence to show."""
    text = text.strip().replace(MINUS, "-")
    negative = text.startswith("-")
    number = number_of(text.removeprefix("-").removeprefix("+"))
    if number is None or (negative and not signed):
        raise forms.ValidationError(NOT_A_NUMBER)
    if number >= 10**8 or cast(int, number.as_tuple().exponent) < -6:
        raise forms.ValidationError("Ce nombre a trop de chiffres.")
    return -number if negative else number


def shown_number(value: Any) -> Any:
    """As it is typed: a comma."""
    if isinstance(value, Decimal):
        value = f"{value:f}"
    return value.replace(".", ",") if isinstance(value, str) else value


def _whole(label: str, **kwargs: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        min_value=0,
        max_value=99_999,
        required=False,
        widget=forms.NumberInput(attrs={"class": "tiny"}),
        error_messages={
            "invalid": "Donnez un nombre entier.",
            "min_value": "Donnez un nombre entier, zéro ou plus.",
            "max_value": "Ce nombre est trop grand.",
        },
        **kwargs,
    )


def _boxes(label: str, words: Mapping[Any, str]) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label,
        required=False,
        choices=[(each.value, typography(said)) for each, said in words.items()],
        widget=forms.CheckboxSelectMultiple,
    )


def _words(label: str, words: Mapping[Any, str]) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, required=False, choices=[(each.value, typography(said)) for each, said in words.items()]
    )


def _answer(label: str) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False, choices=_ANSWERS)


def _codes(label: str, help_text: str) -> forms.CharField:
    return forms.CharField(label=label, required=False, max_length=400, help_text=typography(help_text))


_PAIRS = ("ages", "ranks", "children", "quotients")
_SETS = ("residences", "regimes", "schools", "levels", "members", "not_members", "attendances")
_ANSWERED = ("regular", "own_meal", "late")


class ConditionForm(forms.Form):
    """For whom something stands. What is left empty does not matter; what is filled must hold together."""

    residences = _boxes("La famille", telling.RESIDENCES)
    ranks_low = _whole("Rang de l’enfant, du", help_text="1 : l’aîné.")
    ranks_high = _whole("au", help_text="Vide : et les suivants.")
    children_low = _whole("Nombre d’enfants, de")
    children_high = _whole("à", help_text="Vide : et plus.")
    counted = _words("Enfants comptés", telling.COUNTED)
    quotients_low = NumberField(label="Quotient, de", required=False)
    quotients_high = NumberField(label="à moins de", required=False, help_text="Vide : et plus.")
    regimes = _boxes("Protection sociale", telling.REGIMES)
    ages_low = _whole("Âge, de")
    ages_high = _whole("à", help_text="En années révolues. Vide : et plus.")
    age_on = _words("Âge pris", telling.AGES_ON)
    schools = _boxes("Écoles", {})
    levels = _boxes("Niveaux", {})
    members = _codes("Adhésions ou droits : l’un de ces codes", "Séparés par une virgule : ccas, rsa.")
    not_members = _codes("Sans aucun de ces codes", "")
    regular = _answer("Semaine régulière")
    own_meal = _answer("Repas apporté (PAI)")
    late = _answer("Réservé en retard")
    attendances = _boxes("Présence", telling.ATTENDANCES)

    def __init__(self, *args: Any, initial: Mapping[str, Any], schools: Choices, **kwargs: Any) -> None:
        super().__init__(*args, initial=_flat(initial), **kwargs)
        self._kept = initial
        self._hushed: str | None = None
        kept = {name: set(initial.get(name, ())) for name in ("schools", "levels")}
        known = {"schools": [*schools], "levels": list(SchoolLevel.choices)}
        for name, choices in known.items():
            # A code that is not described any more does not vanish from the condition by itself.
            lost = sorted(kept[name] - {code for code, _label in choices})
            field = cast(forms.MultipleChoiceField, self.fields[name])
            field.choices = [*choices, *((code, code) for code in lost)]

    @property
    def said(self) -> str:
        """The condition in words; nothing for everybody."""
        if self._hushed is not None:
            return self._hushed
        if self.is_bound:
            return telling.condition(condition_from_data(self.to_data())) if self.is_valid() else "à corriger"
        return telling.condition(condition_from_data(self._kept))

    def hush(self) -> None:
        """Say the condition as it stands, and no mistake."""
        self._hushed = self.said
        self._errors = ErrorDict()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for name in _PAIRS:
            low, high = cleaned.get(f"{name}_low"), cleaned.get(f"{name}_high")
            if high is not None and (high < (low or 0) or (name == "quotients" and high == (low or 0))):
                self.add_error(f"{name}_high", f"C’est avant {low or 0}.")
        for name in ("members", "not_members"):
            cleaned[name] = sorted({code.strip() for code in cleaned.get(name, "").split(",") if code.strip()})
        return cleaned

    def to_data(self) -> dict[str, Any]:
        """The condition as a grid keeps it, once valid."""
        cleaned, data = self.cleaned_data, {}
        for name in _SETS:
            if cleaned[name]:
                data[name] = sorted(cleaned[name])
        for name in _PAIRS:
            low, high = cleaned[f"{name}_low"], cleaned[f"{name}_high"]
            if low is not None or high is not None:
                data[name] = {key: _json(each) for key, each in (("low", low), ("high", high)) if each is not None}
        for name in _ANSWERED:
            if cleaned[name]:
                data[name] = cleaned[name] == "true"
        if cleaned["counted"] not in ("", Counted.ENROLLED.value):
            data["counted"] = cleaned["counted"]
        if cleaned["age_on"] not in ("", AgeOn.DAY.value):
            data["age_on"] = cleaned["age_on"]
        return data


def school_choices() -> Choices:
    """The schools that a condition may name, read once for a page."""
    return list(School.objects.order_by("name").values_list("code", "name"))


def _json(value: Any) -> Any:
    return f"{value:f}" if isinstance(value, Decimal) else value


def _flat(data: Mapping[str, Any]) -> dict[str, Any]:
    """The data of a condition as the fields hold it."""
    initial: dict[str, Any] = {"counted": Counted.ENROLLED.value, "age_on": AgeOn.DAY.value}
    for name, value in data.items():
        if name in _PAIRS:
            initial |= {f"{name}_{key}": shown_number(each) for key, each in value.items()}
        elif name in ("members", "not_members"):
            initial[name] = ", ".join(value)
        else:
            initial[name] = str(value).lower() if isinstance(value, bool) else value
    for name in _PAIRS:
        # « 0 et plus » and « peu importe » are the same words in a grid, not the same fields.
        if name in data and not data[name]:
            initial[f"{name}_low"] = 0
    return initial


class VersionForm(forms.Form):
    """From which day, by which vote."""

    valid_from = forms.DateField(
        label="À partir du",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Donnez le premier jour de ce prix.", "invalid": "Donnez une date."},
    )
    deliberation = forms.CharField(
        label="Délibération",
        required=False,
        max_length=150,
        help_text=typography("Comme elle se cite après « fixé par la » : délibération du 12 juin 2026."),
    )
    deliberation_url = forms.URLField(
        label="Où la lire",
        required=False,
        assume_scheme="https",
        error_messages={"invalid": "Donnez une adresse complète, qui commence par https://."},
    )


class SettingsForm(forms.Form):
    """Rounding, what one price is the price of, what a family pays whose quotient is not known."""

    step = NumberField(label="Arrondir à un multiple de (en euros)", initial="0,01")
    direction = _words("Arrondir au multiple", telling.DIRECTIONS)
    per = _words("Le prix est", telling.PERS)
    minutes = _whole("Au temps : un prix vaut pour (en minutes)")
    time_step = _whole("Au temps : le temps compte par (en minutes)")
    least = _whole("Au temps : jamais moins de (en minutes)")
    time_direction = _words("Au temps : arrondir au multiple", telling.DIRECTIONS)
    unknown = _words("Sans quotient connu, la famille paie", telling.UNKNOWNS)
    number = NumberField(label="Lequel", required=False, help_text="Le prix, ou le quotient, selon votre réponse.")
    keeps_expired = forms.BooleanField(label="Un quotient qui n’est plus valable sert encore", required=False)

    def __init__(self, *args: Any, initial: Mapping[str, Any], **kwargs: Any) -> None:
        counting, rounding = initial.get("counting", {}), initial.get("rounding", {})
        without = initial.get("without_quotient", {})
        values = {
            "step": shown_number(rounding.get("step", "0.01")),
            "direction": rounding.get("direction", Direction.NEAREST.value),
            "per": counting.get("per", Per.UNIT.value),
            "minutes": counting.get("minutes", 60),
            "time_step": counting.get("step", 1),
            "least": counting.get("least", 0),
            "time_direction": counting.get("direction", Direction.UP.value),
            "unknown": without.get("kind", Unknown.HIGHEST.value),
            "number": shown_number(without.get("number", "")),
            "keeps_expired": without.get("keeps_expired", False),
        }
        super().__init__(*args, initial=values, **kwargs)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        asked = cleaned.get("unknown") not in ("", None, Unknown.HIGHEST.value)
        if asked and cleaned.get("number") is None and "number" not in self.errors:
            self.add_error("number", NOT_A_NUMBER)
        if cleaned.get("per") == Per.TIME.value:
            for name in ("minutes", "time_step"):
                if not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, "Donnez un nombre de minutes.")
        return cleaned

    def to_data(self) -> dict[str, Any]:
        """The settings as a grid keeps them, once valid; what is usual is left out."""
        cleaned = self.cleaned_data
        rounding = {"step": f"{cleaned['step']:f}", "direction": cleaned["direction"] or Direction.NEAREST.value}
        counting = {
            "per": cleaned["per"] or Per.UNIT.value,
            "minutes": cleaned["minutes"] if cleaned["minutes"] is not None else 60,
            "step": cleaned["time_step"] if cleaned["time_step"] is not None else 1,
            "least": cleaned["least"] or 0,
            "direction": cleaned["time_direction"] or Direction.UP.value,
        }
        without: dict[str, Any] = {"kind": cleaned["unknown"] or Unknown.HIGHEST.value}
        if without["kind"] != Unknown.HIGHEST.value:
            without["number"] = f"{cleaned['number']:f}"
        if cleaned["keeps_expired"]:
            without["keeps_expired"] = True
        return {"rounding": rounding, "counting": counting, "without_quotient": without}

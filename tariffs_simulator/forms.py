"""The questions: those that the grids of the chosen activities need, and no other."""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from portal.domain.kernel.school_year import SchoolYear
from portal.domain.quotients.formula import CAF, Computed, Formula, Household, Per, compute
from portal.domain.quotients.models import HIGHEST
from portal.domain.tariffs.engine import Grid
from portal.domain.tariffs.engine.conditions import Fact
from portal.domain.tariffs.engine.situations import Regime, Residence
from tariffs_simulator.entry import Way
from tariffs_simulator.wording import said

MOST_CHILDREN = 8
#: Of a year of income, in euros: nobody types one more digit than that on purpose.
_HIGHEST_INCOME = Decimal("9999999.99")
#: As a school counts them; a level that a town made up comes after.
_LEVELS = ("TPS", "PS", "MS", "GS", "CP", "CE1", "CE2", "CM1", "CM2", "ULIS")

RANKED = frozenset({Fact.HOUSEHOLD, Fact.ENROLLED, Fact.PRESENT})


def _integer(text: str) -> dict[str, Any]:
    return {"inputmode": "numeric", "class": text, "autocomplete": "off"}


class EurosField(forms.DecimalField):
    """“1 234,5” or “1234.5”, zero or more."""

    widget = forms.TextInput

    def __init__(self, *, label: Any, **kwargs: Any) -> None:
        super().__init__(label=label, min_value=0, decimal_places=2, **kwargs)
        self.widget.attrs.update({"inputmode": "decimal", "class": "short", "autocomplete": "off"})
        self.error_messages |= {
            "required": _("«\u00a0%(field)s\u00a0» est à remplir") % {"field": label},
            "invalid": _("«\u00a0%(field)s\u00a0»\u00a0: indiquez un nombre, par exemple 842,50") % {"field": label},
        }

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = re.sub(r"[\s\u00a0\u202f€]", "", value).replace(",", ".")
        return super().to_python(value)


class CountField(forms.IntegerField):
    """A whole number, by keyboard."""

    widget = forms.TextInput

    def __init__(self, *, label: Any, **kwargs: Any) -> None:
        super().__init__(label=label, **kwargs)
        self.widget.attrs.update(_integer("tiny"))
        self.error_messages |= {
            "required": _("«\u00a0%(field)s\u00a0» est à remplir") % {"field": label},
            "invalid": _("«\u00a0%(field)s\u00a0»\u00a0: indiquez un nombre entier, sans virgule") % {"field": label},
        }


class QuotientForm(forms.Form):
    """How the quotient is known. Only the part that goes with the answer is checked."""

    def __init__(self, *args: Any, formula: Formula, mine: str, income_year: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.formula = formula
        ways = [
            (Way.KNOWN.value, _("Je le connais")),
            (Way.COMPUTED.value, _("Je le calcule")),
            (Way.HIDDEN.value, _("Je préfère ne pas le dire")),
        ]
        if mine:
            ways.insert(0, (Way.MINE.value, _("Celui de mon dossier")))
        self.fields["qf"] = forms.ChoiceField(
            label=_("Votre quotient familial"),
            choices=ways,
            widget=forms.RadioSelect,
            error_messages={
                "required": _("«\u00a0Votre quotient familial\u00a0»\u00a0: choisissez une réponse"),
                "invalid_choice": _("«\u00a0Votre quotient familial\u00a0»\u00a0: choisissez une réponse"),
            },
        )
        self.fields["qf"].widget.notes = {  # what our boxes read
            Way.MINE.value: mine,
            Way.KNOWN.value: _("il est sur votre espace Caf ou MSA"),
            Way.COMPUTED.value: _("revenus, prestations, parts\u00a0: à titre indicatif"),
            Way.HIDDEN.value: _("le tarif le plus élevé s’applique"),
        }
        self.fields["quotient"] = EurosField(
            label=_("Mon quotient familial"),
            required=False,
            max_value=HIGHEST,
            help_text=_("Sur votre espace Caf ou MSA, ou en haut de votre attestation. Zéro est une réponse."),
        )
        for asked in formula.amounts:
            yearly = asked.per is Per.YEAR
            usual = (
                _("La Caf compte les revenus d’il y a deux ans\u00a0: ceux de %(year)s, avant tout abattement.")
                % {"year": income_year}
                if yearly
                else _("Celles du mois dernier, aides au logement comprises\u202f; sans l’allocation de rentrée.")
            )
            self.fields[f"m-{asked.code}"] = EurosField(
                label=asked.label if formula is not CAF else _caf_label(yearly=yearly),
                required=False,
                max_value=_HIGHEST_INCOME,
                help_text=asked.help or usual,
            )
        self.fields["couple"] = forms.ChoiceField(
            label=_("Vous élevez vos enfants"),
            choices=[("couple", _("en couple")), ("seul", _("sans conjoint au foyer"))],
            widget=forms.RadioSelect,
            required=False,
        )
        self.fields["charge"] = CountField(label=_("Enfants à charge"), required=False, min_value=0, max_value=20)
        self.fields["aeeh"] = CountField(
            label=_("Dont enfants en situation de handicap"),
            help_text=_("Chacun ajoute %(parts)s part.") % {"parts": said(formula.parts.disabled)},
            required=False,
            min_value=0,
            max_value=20,
        )

    def computing(self) -> list[forms.BoundField]:
        """The questions of the calculation, in order."""
        return [self[f"m-{asked.code}"] for asked in self.formula.amounts] + [
            self["couple"],
            self["charge"],
            self["aeeh"],
        ]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        way = cleaned.get("qf")
        # What was typed for another answer stays in its field, and stops nobody.
        about = {Way.KNOWN: ["quotient"], Way.COMPUTED: [field.name for field in self.computing()]}
        for name in list(self.errors):
            if name != "qf" and name not in about.get(Way(way) if way else Way.HIDDEN, []):
                del self.errors[name]
        if way == Way.KNOWN and cleaned.get("quotient") is None and "quotient" not in self.errors:
            self.add_error("quotient", self.fields["quotient"].error_messages["required"])
        if way == Way.COMPUTED:
            self._check_household(cleaned)
        return cleaned

    def _check_household(self, cleaned: dict[str, Any]) -> None:
        if all(cleaned.get(f"m-{asked.code}") is None for asked in self.formula.amounts) and not self.errors:
            first = f"m-{self.formula.amounts[0].code}"
            self.add_error(first, self.fields[first].error_messages["required"])
        if (cleaned.get("aeeh") or 0) > (cleaned.get("charge") or 0) and "charge" not in self.errors:
            self.add_error("aeeh", _("Ce nombre dépasse celui de vos enfants à charge."))

    @property
    def household(self) -> Household | None:
        """What was written to compute the quotient, once valid."""
        given = self.cleaned_data
        if given["qf"] != Way.COMPUTED:
            return None
        return Household(
            amounts={asked.code: given[f"m-{asked.code}"] or Decimal(0) for asked in self.formula.amounts},
            couple=given["couple"] != "seul",
            children=given["charge"] or 0,
            disabled=given["aeeh"] or 0,
        )

    @property
    def computed(self) -> Computed | None:
        return None if self.household is None else compute(self.formula, self.household)


class FamilyForm(forms.Form):
    """What the grids ask of the whole family."""

    def __init__(self, *args: Any, facts: frozenset[Fact], grids: Iterable[Grid], town: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        again = _("Choisissez une des réponses proposées.")
        conditions = [condition for grid in grids for condition in grid.conditions()]
        if Fact.INCOME in facts:
            self.fields["ressources"] = EurosField(
                label=_("Ressources du foyer par mois"),
                help_text=_(
                    "Celles d’il y a deux ans, avant abattements, divisées par douze. Sans réponse, le tarif le plus "
                    "élevé s’applique."
                ),
                required=False,
                max_value=_HIGHEST_INCOME,
            )
        if Fact.RESIDENCE in facts:
            named = {residence for condition in conditions for residence in condition.residences}
            places = [(Residence.TOWN.value, town)]
            if Residence.AREA in named:
                places.append((Residence.AREA.value, _("Une autre commune de l’intercommunalité")))
            places.append((Residence.OUTSIDE.value, _("Une autre commune")))
            self.fields["lieu"] = forms.ChoiceField(
                label=_("Où habitez-vous\u202f?"),
                choices=places,
                widget=forms.RadioSelect,
                error_messages={
                    "required": _("«\u00a0Où habitez-vous\u00a0»\u00a0: choisissez une réponse"),
                    "invalid_choice": again,
                },
            )
        if Fact.REGIME in facts:
            self.fields["regime"] = forms.ChoiceField(
                label=_("Votre régime"),
                choices=[
                    (Regime.GENERAL.value, _("Général (Caf)")),
                    (Regime.MSA.value, _("Agricole (MSA)")),
                    (Regime.OTHER.value, _("Un autre")),
                ],
                widget=forms.RadioSelect,
                error_messages={
                    "required": _("«\u00a0Votre régime\u00a0»\u00a0: choisissez une réponse"),
                    "invalid_choice": again,
                },
            )
        if Fact.MEMBERSHIP in facts:
            codes = {code for each in conditions for code in each.members | each.not_members}
            self.fields["adhesion"] = forms.MultipleChoiceField(
                label=_("Vos adhésions"),
                help_text=_("Elles changent le prix de certaines activités."),
                choices=[(code, code.replace("-", " ").capitalize()) for code in sorted(codes)],
                widget=forms.CheckboxSelectMultiple,
                required=False,
                error_messages={"invalid_choice": again},
            )
        if Fact.DISABLED in facts:
            self.fields["handicap"] = CountField(
                label=_("Enfants du foyer en situation de handicap"),
                help_text=_("Ceux pour qui vous recevez l’allocation d’éducation (AEEH)."),
                required=False,
                min_value=0,
                max_value=MOST_CHILDREN,
            )


class ChildForm(forms.Form):
    """What the grids ask of one child."""

    def __init__(
        self,
        *args: Any,
        facts: frozenset[Fact],
        grids: Iterable[Grid],
        schools: dict[str, str],
        year: SchoolYear,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        conditions = [condition for grid in grids for condition in grid.conditions()]
        other = [("", _("un autre"))]
        again = _("Choisissez une des réponses proposées.")
        if Fact.AGE in facts:
            label = _("Âge au 1er septembre %(year)s") % {"year": year.start}
            self.fields["age"] = CountField(label=label, min_value=0, max_value=25)
        if Fact.LEVEL in facts:
            named = {level for each in conditions for level in each.levels}
            levels = [level for level in _LEVELS if level in named] + sorted(named.difference(_LEVELS))
            self.fields["niveau"] = forms.ChoiceField(
                label=_("Niveau"),
                choices=[*((level, level) for level in levels), *other],
                required=False,
                error_messages={"invalid_choice": again},
            )
        if Fact.SCHOOL in facts:
            codes = sorted({school for each in conditions for school in each.schools})
            self.fields["ecole"] = forms.ChoiceField(
                label=_("École"),
                choices=[*((code, schools.get(code, code)) for code in codes), ("", _("une autre"))],
                required=False,
                error_messages={"invalid_choice": again},
            )
        if Fact.REGULAR in facts:
            self.fields["habitude"] = forms.BooleanField(label=_("Les mêmes jours chaque semaine"), required=False)
        if Fact.OWN_MEAL in facts:
            self.fields["panier"] = forms.BooleanField(label=_("La famille apporte le repas"), required=False)


def _caf_label(*, yearly: bool) -> str:
    return _("Revenus de l’année avant abattements") if yearly else _("Prestations familiales du mois")

"""What a family writes about its quotient. Amounts take a French comma; files are checked by the domain."""

import re
import uuid
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.domain import language
from portal.domain.quotients.formula import Formula, Household, Per
from portal.domain.quotients.models import HIGHEST, QuotientDefinition, QuotientPolicy
from portal.domain.quotients.particulier import FRANCE, Identity
from portal.web.forms import NamedErrorsMixin, NativeDateInput
from portal.web.uploads import FilesField

_MONTHS_SHOWN = 13


class FrenchNumberField(forms.DecimalField):
    """“1 234,5” or “1234.5”, zero or more."""

    widget = forms.TextInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, decimal_places=2, **kwargs)
        self.widget.attrs.update({"inputmode": "decimal", "class": "short", "autocomplete": "off"})

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = re.sub(r"[\s\u00a0\u202f€]", "", value).replace(",", ".")
        return super().to_python(value)


def recent_months(today: date) -> list[tuple[str, str]]:
    """This month and those of the year before, the last first."""
    months = []
    first = today.replace(day=1)
    for _rank in range(_MONTHS_SHOWN):
        months.append((first.isoformat(), language.words().month_year(first)))
        first = date(first.year - 1, 12, 1) if first.month == 1 else date(first.year, first.month - 1, 1)
    return months


class HouseholdFields(NamedErrorsMixin, forms.Form):
    """The questions of a formula: amounts in euros, who lives there."""

    couple = forms.ChoiceField(
        label=gettext_lazy("Vous élevez vos enfants"),
        choices=[("couple", gettext_lazy("en couple")), ("seul", gettext_lazy("sans conjoint au foyer"))],
        widget=forms.RadioSelect,
    )
    children = forms.IntegerField(
        label=gettext_lazy("Enfants à charge"),
        min_value=0,
        max_value=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "tiny"}),
    )
    disabled = forms.IntegerField(
        label=gettext_lazy("Dont enfants en situation de handicap"),
        help_text=gettext_lazy("Ils comptent pour une demi-part de plus."),
        min_value=0,
        max_value=20,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "tiny"}),
    )

    def __init__(self, *args: Any, formula: Formula, **kwargs: Any) -> None:
        self.formula = formula
        amounts = {
            f"montant_{asked.code}": FrenchNumberField(
                label=asked.label,
                max_value=Decimal("9999999.99"),
                help_text=asked.help
                or (_("en euros, pour l’année") if asked.per is Per.YEAR else _("en euros, par mois")),
            )
            for asked in formula.amounts
        }
        self.base_fields = {**amounts, **type(self).base_fields}
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if (cleaned.get("disabled") or 0) > (cleaned.get("children") or 0) and "children" in cleaned:
            self.add_error("disabled", _("Ce nombre dépasse celui de vos enfants à charge."))
        return cleaned

    @property
    def household(self) -> Household:
        """What was written, once valid."""
        given = self.cleaned_data
        return Household(
            amounts={asked.code: given[f"montant_{asked.code}"] for asked in self.formula.amounts},
            couple=given["couple"] == "couple",
            children=given["children"],
            disabled=given.get("disabled") or 0,
        )


class _Declaration(NamedErrorsMixin, forms.Form):
    key = forms.UUIDField(widget=forms.HiddenInput)

    def dress(self, policy: QuotientPolicy, today: date) -> None:
        """The questions common to every declaration, at the end."""
        self.fields["month"] = forms.ChoiceField(
            label=_("Mois de référence"),
            help_text=_("Il est écrit sur votre attestation."),
            choices=recent_months(today),
        )
        self.fields["proofs"] = FilesField(
            label=_("Justificatif"),
            required=policy.proof_required,
            help_text=policy.proof_hint or _("Attestation de la Caf ou de la MSA, de moins de trois mois."),
        )
        # Added after the mixin named the errors of the others.
        again = _("«\u00a0Mois de référence\u00a0»\u00a0: ce choix n’est plus proposé, choisissez-en un autre")
        self.fields["month"].error_messages.update({"invalid_choice": again, "required": again})
        self.fields["proofs"].error_messages["required"] = _(
            "Joignez un justificatif\u00a0: une photo lisible suffit."
        )

    @property
    def month(self) -> date:
        return date.fromisoformat(self.cleaned_data["month"])


class DeclarationForm(_Declaration):
    """A value given by the CAF or the MSA."""

    value = FrenchNumberField(
        label=gettext_lazy("Votre quotient familial"),
        help_text=gettext_lazy("Zéro est une réponse."),
        max_value=HIGHEST,
    )

    def __init__(self, *args: Any, policy: QuotientPolicy, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.dress(policy, today)

    @property
    def answers(self) -> dict[str, Any]:
        return {"value": self.cleaned_data["value"], "household": None}


class TownDeclarationForm(_Declaration, HouseholdFields):
    """The resources, when the town computes its own quotient."""

    def __init__(self, *args: Any, formula: Formula, policy: QuotientPolicy, today: date, **kwargs: Any) -> None:
        super().__init__(*args, formula=formula, **kwargs)
        self.dress(policy, today)
        self.fields["month"].help_text = _("Le dernier mois pour lequel ces ressources sont justes.")

    @property
    def answers(self) -> dict[str, Any]:
        return {"value": None, "household": self.household}


def declaration_form(
    definition: QuotientDefinition, policy: QuotientPolicy, today: date, *data: Any
) -> DeclarationForm | TownDeclarationForm:
    """The form of that kind of quotient, with a key of its own when it is new."""
    initial = {"key": uuid.uuid4()}
    if definition.is_computed:
        return TownDeclarationForm(*data, formula=definition.computes, policy=policy, today=today, initial=initial)
    return DeclarationForm(*data, policy=policy, today=today, initial=initial)


_COMMUNE = re.compile(r"(\d{5}|2[AB]\d{3})")
_COUNTRY = re.compile(r"99\d{3}")


class IdentityForm(NamedErrorsMixin, forms.Form):
    """Who receives the benefits, as the civil register writes it. Nothing of it is kept."""

    last_name = forms.CharField(label=gettext_lazy("Nom de naissance"), max_length=100)
    usual_name = forms.CharField(label=gettext_lazy("Nom d’usage"), max_length=100, required=False)
    first_names = forms.CharField(
        label=gettext_lazy("Prénoms"),
        max_length=150,
        help_text=gettext_lazy("Tous, dans l’ordre de l’état civil, séparés par une espace."),
    )
    sex = forms.ChoiceField(
        label=gettext_lazy("Sexe à l’état civil"),
        choices=[("F", gettext_lazy("féminin")), ("M", gettext_lazy("masculin"))],
        widget=forms.RadioSelect,
    )
    birth = forms.DateField(label=gettext_lazy("Date de naissance"), widget=NativeDateInput)
    abroad = forms.ChoiceField(
        label=gettext_lazy("Lieu de naissance"),
        choices=[("france", gettext_lazy("en France")), ("ailleurs", gettext_lazy("à l’étranger"))],
        widget=forms.RadioSelect,
    )
    place = forms.CharField(
        label=gettext_lazy("Code Insee de la commune ou du pays de naissance"),
        max_length=5,
        help_text=gettext_lazy(
            "Commune\u00a0: ce n’est pas le code postal, par exemple 39470 pour Les Rousses. "
            "Pays\u00a0: il commence par 99, par exemple 99127 pour l’Italie."
        ),
        widget=forms.TextInput(attrs={"class": "short", "autocomplete": "off"}),
    )
    agreed = forms.BooleanField(
        label=gettext_lazy("J’accepte que la commune demande mon quotient familial à la Caf ou à la MSA"),
        error_messages={"required": gettext_lazy("Cochez cette case pour que nous fassions la demande.")},
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        place, abroad = str(cleaned.get("place", "")).upper(), cleaned.get("abroad") == "ailleurs"
        if place and "abroad" in cleaned:
            pattern = _COUNTRY if abroad else _COMMUNE
            if not pattern.fullmatch(place) or (not abroad and place.startswith("99")):
                self.add_error(
                    "place",
                    _("Un code de pays compte cinq chiffres et commence par 99.")
                    if abroad
                    else _("Un code de commune compte cinq caractères, par exemple 39470 ou 2A004."),
                )
        return cleaned

    @property
    def identity(self) -> Identity:
        """Who to ask about, once valid."""
        given = self.cleaned_data
        abroad, place = given["abroad"] == "ailleurs", given["place"].upper()
        return Identity(
            last_name=given["last_name"].strip(),
            usual_name=given["usual_name"].strip(),
            first_names=tuple(re.split(r"[\s,]+", given["first_names"].strip())),
            birth=given["birth"],
            sex=given["sex"],
            birth_place="" if abroad else place,
            country=place if abroad else FRANCE,
        )

"""A contact with its terms, and what each adult is to a child."""

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.domain.contacts.enums import Relation
from portal.domain.contacts.models import Contact, ContactLink, Kinship
from portal.domain.contacts.services import Person, Terms
from portal.domain.families.models import Adult, Child
from portal.web.forms import NamedErrorsMixin, NativeDateInput

_SEPARATORS = re.compile(r"[\s.\-()]")
_PHONE = re.compile(r"\+?\d{9,15}")

ALWAYS, PERIOD, ONE_DAY, NEVER = "always", "period", "day", "never"


class ContactForm(NamedErrorsMixin, forms.Form):
    """Who, what they are to which children, and when they may come. The rules are the domain's."""

    first_name = forms.CharField(label=gettext_lazy("Prénom"), max_length=100)
    last_name = forms.CharField(label=gettext_lazy("Nom"), max_length=100)
    phone = forms.CharField(label=gettext_lazy("Téléphone"), max_length=30)
    other_phone = forms.CharField(label=gettext_lazy("Autre téléphone"), max_length=30, required=False)
    relation = forms.CharField(
        label=gettext_lazy("Lien avec l’enfant"),
        max_length=60,
        help_text=gettext_lazy("par exemple grand-mère, voisin, nourrice"),
    )
    children = forms.MultipleChoiceField(
        label=gettext_lazy("Pour quels enfants"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Cochez au moins un enfant")},
    )
    when = forms.ChoiceField(
        label=gettext_lazy("Peut venir chercher l’enfant"),
        widget=forms.RadioSelect,
        choices=[
            (ALWAYS, gettext_lazy("oui, tous les jours")),
            (PERIOD, gettext_lazy("oui, pendant une période")),
            (ONE_DAY, gettext_lazy("oui, un seul jour")),
            (NEVER, gettext_lazy("non, à appeler seulement")),
        ],
    )
    valid_from = forms.DateField(
        label=gettext_lazy("Premier jour"),
        required=False,
        widget=NativeDateInput(attrs={"class": "short"}),
        help_text=gettext_lazy("pour un seul jour, ou le début de la période"),
    )
    valid_until = forms.DateField(
        label=gettext_lazy("Dernier jour"),
        required=False,
        widget=NativeDateInput(attrs={"class": "short"}),
        help_text=gettext_lazy("la fin de la période, ce jour compris"),
    )
    call_order = forms.TypedChoiceField(
        label=gettext_lazy("À appeler en cas d’urgence, après les parents"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[
            ("", gettext_lazy("ne pas appeler")),
            ("1", gettext_lazy("en premier")),
            ("2", gettext_lazy("en deuxième")),
            ("3", gettext_lazy("en troisième")),
            ("4", gettext_lazy("ensuite")),
        ],
    )
    birth_date = forms.DateField(
        label=gettext_lazy("Date de naissance, si cette personne est mineure"),
        required=False,
        widget=NativeDateInput(attrs={"class": "short", "autocomplete": "off"}),
    )
    note = forms.CharField(
        label=gettext_lazy("Précision pour l’équipe"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("jamais d’information de santé"),
    )

    def __init__(self, *args: Any, children: Sequence[Child], least_age: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.proposed = list(children)
        field = self.fields["children"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101  # tells mypy what the class declares
        field.choices = [(str(child.pk), child.first_name) for child in children]
        self.fields["birth_date"].help_text = _("il faut avoir au moins %(age)s ans pour venir chercher un enfant") % {
            "age": least_age
        }
        for name in ("phone", "other_phone"):
            self.fields[name].widget = forms.TextInput(attrs={"type": "tel", "autocomplete": "off"})

    @staticmethod
    def initial_of(contact: Contact, links: Sequence[ContactLink]) -> dict[str, Any]:
        """What the form shows of a contact; the terms are those of its first child."""
        initial: dict[str, Any] = {
            name: getattr(contact, name) for name in ("first_name", "last_name", "phone", "other_phone", "birth_date")
        }
        initial["children"] = [str(link.child_id) for link in links]
        if links:
            first = links[0]
            initial |= {
                name: getattr(first, name) for name in ("relation", "valid_from", "valid_until", "call_order", "note")
            }
            initial["when"] = _when(first)
        return initial

    def clean_phone(self) -> str:
        """Digits, in pairs when French."""
        return _phone(self.cleaned_data["phone"])

    def clean_other_phone(self) -> str:
        """The same."""
        return _phone(self.cleaned_data["other_phone"])

    def clean(self) -> dict[str, Any]:
        """Dates that go with what was chosen."""
        cleaned: dict[str, Any] = super().clean() or {}
        when = cleaned.get("when")
        if when == ONE_DAY and not cleaned.get("valid_from") and "valid_from" not in self.errors:
            self.add_error("valid_from", _("«\u00a0Premier jour\u00a0»\u00a0: indiquez le jour"))
        if when == PERIOD and not cleaned.get("valid_until") and "valid_until" not in self.errors:
            self.add_error("valid_until", _("«\u00a0Dernier jour\u00a0»\u00a0: indiquez la fin de la période"))
        return cleaned

    @property
    def person(self) -> Person:
        """Only after `is_valid()`."""
        names = ("first_name", "last_name", "phone", "other_phone", "birth_date")
        return Person(**{name: self.cleaned_data[name] for name in names})

    @property
    def terms(self) -> Terms:
        """Only after `is_valid()`."""
        data, when = self.cleaned_data, self.cleaned_data["when"]
        first, last = data["valid_from"], data["valid_until"]
        return Terms(
            relation=data["relation"],
            may_collect=when != NEVER,
            call_order=data["call_order"],
            valid_from=first if when in {PERIOD, ONE_DAY} else None,
            valid_until={PERIOD: last, ONE_DAY: first}.get(when),
            note=data["note"],
        )

    @property
    def chosen(self) -> list[Child]:
        """Only after `is_valid()`."""
        return [child for child in self.proposed if str(child.pk) in self.cleaned_data["children"]]


class KinshipForm(NamedErrorsMixin, forms.Form):
    """What one adult is to one child, or to all of them with the same answer."""

    relation = forms.ChoiceField(choices=[("", gettext_lazy("à choisir")), *Relation.choices])
    is_guardian = forms.BooleanField(label=gettext_lazy("exerce l’autorité parentale"), required=False)

    def __init__(self, *args: Any, adult: Adult, known: Kinship | None, **kwargs: Any) -> None:
        self.adult = adult
        initial = {
            "relation": known.relation if known else "",
            "is_guardian": known.is_guardian if known and known.relation else True,
        }
        super().__init__(*args, prefix=f"adulte{adult.pk}", initial=initial, **kwargs)
        field = self.fields["relation"]
        field.label = _("%(name)s est") % {"name": adult}
        field.error_messages["required"] = _("Choisissez ce que %(name)s est pour l’enfant") % {"name": adult}

    @property
    def kinship(self) -> tuple[Adult, Relation, bool]:
        """Only after `is_valid()`."""
        return self.adult, Relation(self.cleaned_data["relation"]), self.cleaned_data["is_guardian"]


def _when(link: ContactLink) -> str:
    if not link.may_collect:
        return NEVER
    if link.valid_until is None:
        return PERIOD if link.valid_from else ALWAYS
    return ONE_DAY if link.valid_from == link.valid_until else PERIOD


def _phone(typed: str) -> str:
    number = _SEPARATORS.sub("", typed)
    if not number:
        return ""
    if not _PHONE.fullmatch(number):
        raise forms.ValidationError(_("Indiquez un numéro complet, par exemple 06 39 98 12 34"))
    if len(number) == 10 and number.startswith("0"):
        return " ".join(number[at : at + 2] for at in range(0, 10, 2))
    return number

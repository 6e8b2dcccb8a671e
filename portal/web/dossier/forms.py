"""The form of a rubric, made from the fields that the domain declares: what it reads, the domain judges."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.domain.changes.enums import Rubric
from portal.domain.changes.fields import FIELDS, Field
from portal.domain.families.enums import HouseholdSituation, Regime, SchoolLevel
from portal.web.forms import NamedErrorsMixin, NativeDateInput

SEEN_PREFIX = "vu_"

#: HTML's own names, so that browsers fill in what they know (WCAG 1.3.5).
_AUTOCOMPLETE = {"street": "address-line1", "address_extra": "address-line2"}
_LISTS = {"postcode": "codes-postaux", "town": "communes"}
_HINTS = {
    "benefit_number": _("en haut à droite de votre attestation CAF ou MSA"),
    "address_extra": _("bâtiment, lieu-dit, chez…"),
    "class_name": _("le nom de la classe ou de l’enseignant"),
}
_PHONES = ("phone", "other_phone", "work_phone")


class RubricForm(NamedErrorsMixin):
    """The fields of one rubric; every value is text. `seen` are the values that the page showed."""

    def __init__(
        self, *args: Any, rubric: Rubric, values: Mapping[str, str], schools: Mapping[str, str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for field in FIELDS[rubric]:
            made = _field(field, schools)
            made.initial = values.get(field.name, "")
            made.required = False
            self.fields[field.name] = made
            # The domain says what is missing; the control still says that it is expected.
            made.widget.is_required = field.required
            made.required = field.required
        first = next(iter(self.fields.values()))
        first.widget.attrs["autofocus"] = True

    @property
    def typed(self) -> dict[str, str]:
        """What was typed, by field, before any judgement."""
        return {name: str(self.data.get(name, "")) for name in self.fields if name != "password"}

    @property
    def seen(self) -> dict[str, str]:
        """The values that the form showed when it was opened."""
        names = [name for name in self.fields if SEEN_PREFIX + name in self.data]
        return {name: str(self.data[SEEN_PREFIX + name]) for name in names}


class PasswordMixin:
    """Asks for the password again (rule 40)."""

    @staticmethod
    def add_to(form: forms.Form) -> None:
        form.fields["password"] = forms.CharField(
            label=_("Votre mot de passe"),
            help_text=_("demandé parce que l’adresse décide des courriers et de certains tarifs"),
            widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "class": "short"}),
            strip=False,
        )


class PhotoForm(NamedErrorsMixin):
    photo = forms.FileField(
        label=_("Photo"),
        help_text=_("JPEG, PNG, WebP ou HEIC, 6\u00a0Mo au plus"),
        widget=forms.ClearableFileInput(attrs={"accept": "image/*"}),
    )


def _field(field: Field, schools: Mapping[str, str]) -> forms.Field:
    name, hint = field.name, _HINTS.get(field.name, "")
    choices = {
        "situation": HouseholdSituation.choices,
        "regime": Regime.choices,
        "level": SchoolLevel.choices,
        "school": list(schools.items()),
    }.get(name)
    if choices is not None:
        return forms.CharField(
            label=str(field.label),
            help_text=hint,
            widget=forms.Select(choices=[("", _("à choisir")), *choices]),
        )
    if name == "birth_date":
        return forms.CharField(label=str(field.label), widget=NativeDateInput(attrs={"class": "short"}))
    attrs: dict[str, Any] = {"maxlength": max(field.length, 30)}
    if name in _PHONES:
        attrs |= {"type": "tel", "class": "short", "autocomplete": "off"}
    if name == "postcode":
        attrs |= {"inputmode": "numeric", "class": "short", "autocomplete": "postal-code"}
    if name == "town":
        attrs["autocomplete"] = "address-level2"
    if name in _AUTOCOMPLETE:
        attrs["autocomplete"] = _AUTOCOMPLETE[name]
    if name in _LISTS:
        attrs["list"] = _LISTS[name]
    return forms.CharField(label=str(field.label), help_text=hint, widget=forms.TextInput(attrs=attrs))

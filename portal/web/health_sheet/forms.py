"""The forms of the health sheet, one per section, and those of vaccines and documents."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.domain.health.enums import Diet, Need, Section
from portal.domain.health.queries import VaccineLine
from portal.domain.health.rules import SheetContent
from portal.domain.health.vaccines import Dose, Vaccine
from portal.web.forms import NamedErrorsMixin, NativeDateInput

YES_NO = (("oui", gettext_lazy("Oui")), ("non", gettext_lazy("Non")))


class YesNoField(forms.TypedChoiceField):
    """An explicit answer: nothing is ticked beforehand (rule 45)."""

    def __init__(self, label: Any, **options: Any) -> None:
        super().__init__(
            label=label,
            choices=YES_NO,
            coerce=lambda value: value == "oui",
            empty_value=None,
            widget=forms.RadioSelect,
            **options,
        )

    def prepare_value(self, value: Any) -> Any:
        return {True: "oui", False: "non"}.get(value, value) if isinstance(value, bool) else value


def _lines(label: Any, hint: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
    )


def _line(label: Any, hint: Any = "", *, required: bool = False) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        required=required,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class DoctorForm(NamedErrorsMixin):
    doctor_name = _line(gettext_lazy("Nom du médecin"), required=True)
    doctor_phone = forms.CharField(
        label=gettext_lazy("Téléphone du médecin"),
        help_text=gettext_lazy("Par exemple 01 99 00 12 34"),
        max_length=20,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off", "class": "short"}),
    )

    def clean_doctor_phone(self) -> str:
        phone: str = self.cleaned_data["doctor_phone"]
        if len(re.sub(r"\D", "", phone)) < 10 or re.search(r"[^\d\s.+()-]", phone):
            raise forms.ValidationError(_("«\u00a0Téléphone du médecin\u00a0»\u00a0: indiquez ses dix chiffres"))
        return phone


class AllergiesForm(NamedErrorsMixin):
    has_allergies = YesNoField(gettext_lazy("A-t-il ou a-t-elle une allergie\u202f?"))
    allergy_food = _line(gettext_lazy("Alimentaire"), gettext_lazy("À quoi. Par exemple\u00a0: arachide"))
    allergy_drug = _line(gettext_lazy("À un médicament"), gettext_lazy("Son nom"))
    allergy_other = _line(gettext_lazy("Autre"), gettext_lazy("Par exemple\u00a0: piqûres de guêpe"))
    allergy_conduct = _lines(
        gettext_lazy("Que faire"),
        gettext_lazy("Ce qu’il faut éviter, et les gestes s’il y a une réaction. Pas de diagnostic."),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("has_allergies"):
            if not any(data.get(f"allergy_{kind}") for kind in ("food", "drug", "other")):
                self.add_error("allergy_food", _("Dites à quoi, dans l’une des trois lignes"))
            if not data.get("allergy_conduct"):
                self.add_error("allergy_conduct", _("«\u00a0Que faire\u00a0» est à remplir quand il y a une allergie"))
        return data


class DietForm(NamedErrorsMixin):
    diet = forms.ChoiceField(label=gettext_lazy("Ce qui convient à la cantine"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, diets: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = set(diets) | {Diet.ALL.value}
        field = self.fields["diet"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(diet.value, str(diet.label).capitalize()) for diet in Diet if diet.value in offered]


class NeedsForm(NamedErrorsMixin):
    has_needs = YesNoField(gettext_lazy("A-t-il ou a-t-elle besoin de quelque chose au quotidien\u202f?"))
    needs = forms.MultipleChoiceField(
        label=gettext_lazy("De quoi"),
        required=False,
        choices=[(need.value, need.label) for need in Need],
        widget=forms.CheckboxSelectMultiple,
    )
    needs_advice = _lines(
        gettext_lazy("Conseils"),
        gettext_lazy("Seulement ce qu’il faut faire, jamais la nature d’un handicap ou d’une maladie."),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("has_needs") and not data.get("needs") and not data.get("needs_advice"):
            self.add_error("needs", _("Cochez au moins une case, ou écrivez un conseil"))
        return data


class TreatmentForm(NamedErrorsMixin):
    has_treatment = YesNoField(gettext_lazy("Un traitement est-il à prendre pendant l’accueil\u202f?"))
    treatment_advice = _lines(
        gettext_lazy("Ce qu’il faut faire"),
        gettext_lazy("L’ordonnance s’ajoute ensuite, sur la page de santé. Sans elle, aucun médicament n’est donné."),
    )


def section_form(
    section: Section, *, content: SheetContent, diets: Iterable[str], data: Any = None
) -> NamedErrorsMixin:
    """The form of a section, with what is already known."""
    known = content.as_data()
    match section:
        case Section.DOCTOR:
            return DoctorForm(data, initial=known)
        case Section.ALLERGIES:
            return AllergiesForm(data, initial=known)
        case Section.DIET:
            return DietForm(data, initial=known, diets=diets)
        case Section.NEEDS:
            return NeedsForm(data, initial=known)
        case Section.TREATMENT:
            return TreatmentForm(data, initial=known)


class DatesField(forms.CharField):
    """Dates typed as in the booklet: “12/03/2023, 14/05/2023”, between commas, spaces or semicolons."""

    def __init__(self, label: Any, **options: Any) -> None:
        super().__init__(
            label=label,
            required=False,
            max_length=200,
            widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "text"}),
            **options,
        )

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, tuple | list):
            return ", ".join(day.strftime("%d/%m/%Y") for day in value)
        return value

    def clean(self, value: Any) -> Any:
        words = [word for word in re.split(r"[\s,;]+", super().clean(value) or "") if word]
        days: list[date] = []
        for word in words:
            day = _read_day(word)
            if day is None:
                raise forms.ValidationError(
                    _("«\u00a0%(field)s\u00a0»\u00a0: %(word)s n’est pas une date, écrivez par exemple 12/03/2023")
                    % {"field": self.label, "word": word[:20]}
                )
            days.append(day)
        return tuple(sorted(set(days)))


def _read_day(word: str) -> date | None:
    for form in ("%d/%m/%Y", "%d/%m/%y", "%Y-%m-%d", "%d.%m.%Y"):
        try:
            return datetime.strptime(word, form).date()  # noqa: DTZ007  # a day has no zone
        except ValueError:
            continue
    return None


#: Vaccines that one injection gives together: typed once.
_TOGETHER = {
    "hexa": (
        gettext_lazy("Vaccin hexavalent"),
        (
            Vaccine.DIPHTHERIA,
            Vaccine.TETANUS,
            Vaccine.POLIO,
            Vaccine.PERTUSSIS,
            Vaccine.HIB,
            Vaccine.HEPATITIS_B,
        ),
    ),
    "dtp": (gettext_lazy("DTP"), (Vaccine.DIPHTHERIA, Vaccine.TETANUS, Vaccine.POLIO)),
    "ror": (gettext_lazy("ROR"), (Vaccine.MEASLES, Vaccine.MUMPS, Vaccine.RUBELLA)),
}


class VaccinesForm(NamedErrorsMixin):
    """One line per compulsory vaccine; a line left empty takes the dates of the injection that gives several."""

    def __init__(self, *args: Any, lines: Iterable[VaccineLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = tuple(lines)
        asked = {line.vaccine for line in self.lines}
        groups = ("hexa", "ror") if Vaccine.HIB in asked else ("dtp",)
        self.groups = {name: _TOGETHER[name][1] for name in groups}
        for name, members in self.groups.items():
            names = ", ".join(member.label.lower() for member in members)
            self.fields[f"ensemble_{name}"] = DatesField(
                _TOGETHER[name][0],
                help_text=_("Une même injection pour %(vaccines)s.") % {"vaccines": names},
            )
        for line in self.lines:
            self.fields[f"dates_{line.vaccine}"] = DatesField(line.label, initial=line.dose.dates)
        self.fields["contre"] = forms.MultipleChoiceField(
            label=_("Un médecin a certifié une contre-indication pour"),
            required=False,
            choices=[(line.vaccine.value, line.label) for line in self.lines],
            initial=[line.vaccine.value for line in self.lines if line.dose.contraindicated],
            help_text=_("Le certificat s’ajoute ensuite, sur la page de santé."),
            widget=forms.CheckboxSelectMultiple,
        )

    @property
    def group_fields(self) -> list[forms.BoundField]:
        return [self[f"ensemble_{name}"] for name in self.groups]

    @property
    def rows(self) -> list[forms.BoundField]:
        """The dates, vaccine by vaccine."""
        return [self[f"dates_{line.vaccine}"] for line in self.lines]

    def doses(self) -> dict[Vaccine, Dose]:
        """What was said; call it on a valid form."""
        together = {
            member: self.cleaned_data.get(f"ensemble_{name}") or ()
            for name, members in self.groups.items()
            for member in members
        }
        doses = {}
        for line in self.lines:
            own = self.cleaned_data[f"dates_{line.vaccine}"] or together.get(line.vaccine, ())
            doses[line.vaccine] = Dose(tuple(own), line.vaccine.value in self.cleaned_data["contre"])
        return doses


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True
    template_name = "django/forms/widgets/file.html"


class ManyFilesField(forms.FileField):
    """One file or several: the pages of a document."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> Any:
        files = data if isinstance(data, list | tuple) else [data]
        return [super(ManyFilesField, self).clean(each, initial) for each in files or [None]]


class DocumentForm(NamedErrorsMixin):
    files = ManyFilesField(
        label=gettext_lazy("Le document"),
        help_text=gettext_lazy("PDF ou photos bien lisibles, plusieurs pages à la fois si besoin."),
    )


class CarePlanForm(DocumentForm):
    valid_from = forms.DateField(
        label=gettext_lazy("Signé le"), required=False, widget=NativeDateInput(attrs={"class": "short"})
    )
    valid_until = forms.DateField(
        label=gettext_lazy("Valable jusqu’au"),
        required=False,
        help_text=gettext_lazy("Sans réponse\u00a0: jusqu’à la fin de l’année scolaire."),
        widget=NativeDateInput(attrs={"class": "short"}),
    )
    meal_brought = forms.BooleanField(label=gettext_lazy("Nous apportons son repas"), required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("valid_from"), data.get("valid_until")
        if first and last and last < first:
            self.add_error(
                "valid_until", _("«\u00a0Valable jusqu’au\u00a0»\u00a0: ce jour suit celui de la signature")
            )
        return data


class CertifyForm(NamedErrorsMixin):
    certify = forms.BooleanField(
        error_messages={"required": gettext_lazy("Cochez la case pour certifier les renseignements")}
    )

    def __init__(self, *args: Any, words: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["certify"].label = words

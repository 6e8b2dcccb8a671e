"""What a parent proposes, answers, notes."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.domain.custody.enums import Halves, Pattern
from portal.domain.custody.services import Plan
from portal.domain.kernel.french import weekday_name
from portal.web.forms import NamedErrorsMixin, NativeDateInput, NativeTimeInput


class ProposalForm(NamedErrorsMixin):
    pattern = forms.ChoiceField(label=gettext_lazy("Le rythme"), choices=Pattern.choices, widget=forms.RadioSelect)
    reference = forms.DateField(
        label=gettext_lazy("Un jour où l’enfant arrive chez vous"),
        help_text=gettext_lazy("Les semaines se comptent depuis ce jour."),
        widget=NativeDateInput(attrs={"class": "short"}),
    )
    changeover_hour = forms.TimeField(
        label=gettext_lazy("À quelle heure"),
        required=False,
        widget=NativeTimeInput(attrs={"class": "short"}),
    )
    first_week = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Chez vous la première semaine"),
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
    )
    second_week = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Chez vous la seconde semaine"),
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
    )
    halves = forms.ChoiceField(
        label=gettext_lazy("Les vacances scolaires chez vous"), choices=Halves.choices, widget=forms.RadioSelect
    )
    judgement = forms.FileField(
        label=gettext_lazy("Jugement ou convention"),
        required=False,
        help_text=gettext_lazy("PDF ou photo. Lu par vous et par les agents qui suivent les foyers."),
    )
    judgement_shared = forms.BooleanField(label=gettext_lazy("L’autre foyer peut aussi le lire"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("first_week", "second_week"):
            field = self.fields[name]
            if isinstance(field, forms.TypedMultipleChoiceField):
                field.choices = [(day, weekday_name(day)) for day in range(1, 8)]
                field.help_text = _("Seulement pour «\u00a0selon les jours\u00a0»\u00a0: les nuits passées chez vous.")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("pattern") == Pattern.FORTNIGHT and not data.get("first_week") and not data.get("second_week"):
            self.add_error("first_week", _("Cochez les jours passés chez vous"))
        return data

    def plan(self) -> Plan:
        """What was proposed; call it on a valid form."""
        data = self.cleaned_data
        return Plan(
            pattern=Pattern(data["pattern"]),
            reference=data["reference"],
            changeover_hour=data["changeover_hour"],
            fortnight=self._fortnight(data["reference"]) if data["pattern"] == Pattern.FORTNIGHT else "",
            halves=Halves(data["halves"]),
            judgement_shared=data["judgement_shared"],
        )

    def _fortnight(self, reference: date) -> str:
        """Fourteen letters from the reference day on: the week of that day is the first one."""
        weeks = (self.cleaned_data["first_week"], self.cleaned_data["second_week"])
        start = reference.isoweekday() - 1
        letters = []
        for offset in range(14):
            place = (start + offset) % 14
            letters.append("a" if place % 7 + 1 in weeks[place // 7] else "b")
        return "".join(letters)


class AnswerForm(NamedErrorsMixin):
    words = forms.CharField(
        label=gettext_lazy("Ce qui ne va pas"),
        required=False,
        max_length=500,
        help_text=gettext_lazy("Lu par l’autre foyer et par le service."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class DaysForm(NamedErrorsMixin):
    starts_on = forms.DateField(label=gettext_lazy("Du"), widget=NativeDateInput(attrs={"class": "short"}))
    ends_on = forms.DateField(label=gettext_lazy("Au"), widget=NativeDateInput(attrs={"class": "short"}))
    where = forms.ChoiceField(
        label=gettext_lazy("L’enfant est"),
        choices=(("ici", gettext_lazy("chez vous")), ("autre", gettext_lazy("chez l’autre parent"))),
        widget=forms.RadioSelect,
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("starts_on"), data.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", _("«\u00a0Au\u00a0»\u00a0: le dernier jour suit le premier"))
        return data

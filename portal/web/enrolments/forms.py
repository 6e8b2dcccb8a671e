"""The enrolment form: the day of entry and, where the activity asks for it, the regular week."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.domain import language
from portal.domain.activities.enums import EnrolmentMode
from portal.domain.activities.models import Unit
from portal.domain.enrolments.models import WORDS
from portal.domain.enrolments.queries import Offer
from portal.domain.transport.rules import Line, Wanted
from portal.web.forms import NamedErrorsMixin, NativeDateInput
from portal.web.transport.forms import stop_fields, wanted_from

PATTERN_PREFIX = "jours_"


class EnrolmentForm(forms.Form):
    """Built for one offer; `week` ticks days beforehand, as last year.

    The rules are the domain's; here only what was typed is read.
    """

    starts_on = forms.DateField(
        label=gettext_lazy("Date d’entrée souhaitée"),
        widget=NativeDateInput(attrs={"class": "short"}),
        error_messages={
            "required": gettext_lazy("Indiquez la date d’entrée souhaitée"),
            "invalid": gettext_lazy("Indiquez une date complète, par exemple 07/09/2026"),
        },
    )

    def __init__(
        self,
        *args: Any,
        offer: Offer,
        lines: Sequence[Line] = (),
        week: Mapping[int, frozenset[int]] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.offer = offer
        self.lines = lines
        self._week = week or {}
        entry = self.fields["starts_on"]
        entry.initial = offer.earliest
        entry.help_text = _("entre le %(first)s et le %(last)s") % {
            "first": language.words().full_date(offer.earliest),
            "last": language.words().full_date(offer.activity.ends_on),
        }
        entry.widget.attrs |= {"min": offer.earliest.isoformat(), "max": offer.activity.ends_on.isoformat()}
        if offer.activity.enrolment_mode == EnrolmentMode.PATTERN:
            for unit in offer.units:
                self.fields[f"{PATTERN_PREFIX}{unit.pk}"] = self._week_field(unit, alone=len(offer.units) == 1)
        for line in lines:
            for name, field in stop_fields(line, from_day=offer.earliest).items():
                field.error_messages["required"] = _("Choisissez un arrêt, ou de ne pas prendre le bus ce sens-là")
                if len(lines) > 1:
                    field.label = f"{field.label}, {line.name}"
                self.fields[f"{_prefix(line)}{name}"] = field

    def _week_field(self, unit: Unit, *, alone: bool) -> forms.Field:
        names = [(str(day), language.words().short_weekday(day)) for day in sorted(unit.weekdays)]
        return forms.MultipleChoiceField(
            label=_("Jours habituels")
            if alone
            else _("Jours habituels\u00a0: %(unit)s") % {"unit": unit.name.lower()},
            choices=names,
            required=False,
            initial=[str(day) for day in sorted(self._week.get(unit.pk, ()))],
            widget=forms.CheckboxSelectMultiple(attrs={"class": "week-days"}),
            help_text=_("les jours cochés sont réservés chaque semaine et restent modifiables sur le planning"),
            error_messages={"invalid_choice": _("Choisissez des jours parmi ceux qui sont proposés")},
        )

    @property
    def pattern(self) -> Mapping[int, frozenset[int]]:
        """Unit → ISO weekdays ticked. Only after `is_valid()`."""
        return {
            unit.pk: frozenset(int(day) for day in self.cleaned_data.get(f"{PATTERN_PREFIX}{unit.pk}", []))
            for unit in self.offer.units
        }

    @property
    def stops(self) -> Mapping[int, Wanted]:
        """Line → where the child gets on and off. Only after `is_valid()`."""
        return {line.pk: wanted_from(self.cleaned_data, _prefix(line)) for line in self.lines}

    @property
    def entry_day(self) -> date:
        """The day asked for. Only after `is_valid()`."""
        day: date = self.cleaned_data["starts_on"]
        return day


def _prefix(line: Line) -> str:
    return f"bus_{line.pk}_"


class AnswerForm(NamedErrorsMixin, forms.Form):
    """What the family answers to the question of the service."""

    answer = forms.CharField(
        label=gettext_lazy("Votre réponse"),
        max_length=WORDS,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("Écrivez votre réponse au service")},
    )

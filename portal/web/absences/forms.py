"""For whom and when; then which of these days, and why."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.domain import language
from portal.domain.absences.finding import LONGEST, FoundDay, longest_from
from portal.domain.absences.models import AbsenceReason
from portal.domain.families.models import Child
from portal.domain.files.checks import weight
from portal.domain.kernel.calendar import DateRange
from portal.web.forms import NamedErrorsMixin, NativeDateInput
from portal.web.uploads import FilesField


class PeriodForm(NamedErrorsMixin, forms.Form):
    """A child and a period, in the address. One day when only the first is given."""

    enfant = forms.ChoiceField(label=gettext_lazy("Enfant"), widget=forms.RadioSelect)
    du = forms.DateField(label=gettext_lazy("Absent du"), widget=NativeDateInput)
    au = forms.DateField(label=gettext_lazy("au"), required=False, widget=NativeDateInput)

    def __init__(self, *args: Any, children: Sequence[Child], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.children = {str(child.pk): child for child in children}
        choice = self.fields["enfant"]
        assert isinstance(choice, forms.ChoiceField)  # noqa: S101  # declared above
        choice.choices = [(str(child.pk), child.first_name) for child in children]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        first, last = found.get("du"), found.get("au") or found.get("du")
        if isinstance(first, date) and isinstance(last, date):
            if not 2000 <= first.year < 2100 or not 2000 <= last.year < 2100:
                self.add_error("du", _("Indiquez une date qui existe, par exemple 07/09/2026"))
            elif last < first:
                self.add_error("au", _("Le dernier jour vient avant le premier."))
            elif last > longest_from(first):
                self.add_error(
                    "au",
                    _("Une déclaration compte %(days)s\u00a0jours au plus\u00a0: faites-en plusieurs.")
                    % {"days": LONGEST},
                )
        return found

    @property
    def child(self) -> Child:
        """Of a valid form."""
        return self.children[self.cleaned_data["enfant"]]

    @property
    def days(self) -> DateRange:
        """Of a valid form."""
        first = self.cleaned_data["du"]
        return DateRange(first, self.cleaned_data["au"] or first)


class DeclarationForm(NamedErrorsMixin, forms.Form):
    """Which of the days found, why, and the certificate when it is at hand."""

    jour = forms.MultipleChoiceField(
        label=gettext_lazy("Jours d’absence"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Cochez au moins un jour d’absence.")},
    )
    motif = forms.ChoiceField(label=gettext_lazy("Motif"), widget=forms.RadioSelect)
    mots = forms.CharField(label=gettext_lazy("Précision"), max_length=200, required=False)
    files = FilesField(label=gettext_lazy("Justificatif, maintenant ou plus tard"), required=False)
    hors_delai = forms.CharField(
        label=gettext_lazy("Motif pour déclarer hors délai (service)"), max_length=300, required=False
    )

    def __init__(
        self, *args: Any, days: Sequence[FoundDay], reasons: Sequence[AbsenceReason], agent: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.reasons = {reason.code: reason for reason in reasons}
        boxes, choice = self.fields["jour"], self.fields["motif"]
        assert isinstance(boxes, forms.MultipleChoiceField)  # noqa: S101  # declared above
        assert isinstance(choice, forms.ChoiceField)  # noqa: S101  # the same
        # A day that left the list since the page was shown is no error of the form: the verb says what became of it.
        sent = self.data.getlist("jour") if isinstance(self.data, QueryDict) else []
        gone = dict.fromkeys(code for code in sent if code not in {day.code for day in days})
        boxes.choices = [*((day.code, day_words(day)) for day in days), *((code, "") for code in gone)]
        boxes.initial = [day.code for day in days]
        choice.choices = [(reason.code, reason.name) for reason in reasons]
        choice.widget.notes = {  # type: ignore[attr-defined]  # read by components/field.html
            reason.code: _("%(paper)s à fournir") % {"paper": reason.certificate_name.capitalize()}
            for reason in reasons
            if reason.needs_certificate
        }
        worded = [reason.name for reason in reasons if reason.needs_words]
        if worded:
            self.fields["mots"].help_text = _("Pour le motif «\u00a0%(reason)s\u00a0», sans détail médical.") % {
                "reason": worded[0]
            }
        else:
            del self.fields["mots"]
        self.fields["files"].help_text = _("PDF ou photo lisible\u00a0: %(weight)s au plus.") % {
            "weight": weight(settings.FAMILY_MAX_UPLOAD_SIZE)
        }
        if not agent:
            del self.fields["hors_delai"]

    @property
    def reason(self) -> AbsenceReason:
        """Of a valid form."""
        return self.reasons[self.cleaned_data["motif"]]


def day_words(day: FoundDay) -> str:
    """« mardi 15 septembre, cantine »."""
    words = language.words()
    return f"{words.weekday_day_month(day.day)}, {words.lower_first(day.label)}"

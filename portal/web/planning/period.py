"""The panel « Plusieurs semaines »: the same weekdays, for several children, over several weeks, in one press."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.domain import language
from portal.domain.bookings.enums import Wish
from portal.domain.bookings.planning import PlanningChild, PlanningRow
from portal.domain.kernel.calendar import DateRange
from portal.web.forms import NativeDateInput
from portal.web.planning.arrange import units_of

#: More than a school year at once is a typing mistake.
LONGEST = timedelta(days=366)

_WEEKDAYS = (
    ("1", _("lun.")),
    ("2", _("mar.")),
    ("3", _("mer.")),
    ("4", _("jeu.")),
    ("5", _("ven.")),
    ("6", _("sam.")),
    ("7", _("dim.")),
)
ALL_ACTIVITIES = "toutes"


class PeriodForm(forms.Form):
    """What to do, on which activity, from when to when, which weekdays, for whom.

    `activity` and `unit` of the answer are None for « toutes les activités », which only a cancellation may ask.
    """

    use_required_attribute = False  # the panel lives inside the planning's form, whose other buttons must work

    p_sens = forms.ChoiceField(
        label=_("Je veux"),
        choices=[(Wish.ADD.value, _("Réserver")), (Wish.REMOVE.value, _("Annuler"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choisissez de réserver ou d’annuler")},
    )
    p_activite = forms.ChoiceField(label=_("Activité"), error_messages={"required": _("Choisissez une activité")})
    p_du = forms.DateField(
        label=_("Du"),
        widget=NativeDateInput,
        error_messages={
            "required": _("Indiquez le premier jour"),
            "invalid": _("Indiquez le premier jour sous la forme jour/mois/année"),
        },
    )
    p_au = forms.DateField(
        label=_("Au"),
        widget=NativeDateInput,
        error_messages={
            "required": _("Indiquez le dernier jour"),
            "invalid": _("Indiquez le dernier jour sous la forme jour/mois/année"),
        },
    )
    p_jour = forms.MultipleChoiceField(
        label=_("Jours de la semaine"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Cochez au moins un jour de la semaine")},
    )
    p_enfant = forms.MultipleChoiceField(
        label=_("Pour"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Cochez au moins un enfant")},
    )

    def __init__(
        self,
        *args: Any,
        rows: Sequence[PlanningRow],
        children: Sequence[PlanningChild],
        weekdays: Sequence[int],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._rows = rows
        units = units_of(rows)
        several = len(units) > 1
        activities: list[tuple[str, Any]] = [
            (str(unit), f"{row.label}, {language.words().amount(row.unit_price)}") for unit, row in units.items()
        ]
        if several:
            activities.append((ALL_ACTIVITIES, _("Toutes les activités (annulation)")))
        with_rows = {row.child.pk for row in rows}
        self._choose("p_activite", activities)
        self._choose("p_jour", [each for each in _WEEKDAYS if int(each[0]) in weekdays])
        self._choose("p_enfant", [(str(child.pk), child.first_name) for child in children if child.pk in with_rows])

    def _choose(self, name: str, choices: list[tuple[str, Any]]) -> None:
        cast(forms.ChoiceField, self.fields[name]).choices = choices

    def clean(self) -> dict[str, Any]:
        """Ties the fields together: order of the days, length, and « toutes » for cancelling only."""
        cleaned: dict[str, Any] = super().clean() or {}
        first, last = cleaned.get("p_du"), cleaned.get("p_au")
        if first and last and last < first:
            self.add_error("p_au", _("Le dernier jour vient avant le premier"))
        elif first and last and last - first > LONGEST:
            self.add_error("p_au", _("Choisissez un an au plus"))
        if cleaned.get("p_activite") == ALL_ACTIVITIES and cleaned.get("p_sens") == Wish.ADD:
            self.add_error("p_activite", _("Pour réserver, choisissez une activité"))
        return cleaned

    # The answer, once valid

    @property
    def wish(self) -> Wish:
        return Wish(self.cleaned_data["p_sens"])

    @property
    def unit(self) -> int | None:
        chosen = self.cleaned_data["p_activite"]
        return None if chosen == ALL_ACTIVITIES else int(chosen)

    @property
    def activity(self) -> int | None:
        unit = self.unit
        return None if unit is None else units_of(self._rows)[unit].activity_id

    @property
    def days(self) -> DateRange:
        first: date = self.cleaned_data["p_du"]
        last: date = self.cleaned_data["p_au"]
        return DateRange(first, last)

    @property
    def weekdays(self) -> frozenset[int]:
        return frozenset(int(day) for day in self.cleaned_data["p_jour"])

    @property
    def children(self) -> list[int]:
        return [int(child) for child in self.cleaned_data["p_enfant"]]

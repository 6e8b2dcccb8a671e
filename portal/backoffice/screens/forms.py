"""Forms of the screens whose fields need more than what the model says."""

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from wagtail.admin.forms import WagtailAdminModelForm

from portal.backoffice.guards import why_pools_stay, why_price_stays, why_version_stays
from portal.domain.activities.models import PlacePool
from portal.domain.families.enums import SchoolLevel
from portal.domain.families.models import School
from portal.domain.kernel.french import WEEKDAYS, typography
from portal.domain.tariffs.models import Tariff, UnitTariff


class DeadlineField(forms.JSONField):
    """A deadline as it is kept: JSON, laid out to be read. The model says what is wrong with the rule itself."""

    widget = forms.Textarea(attrs={"rows": 5, "spellcheck": "false"})
    default_error_messages = {
        "invalid": "Ce n’est pas du JSON : vérifiez les guillemets, les accolades et les virgules. "
        'Exemple : {"kind": "weekday_before", "weekday": 4, "weeks": 1}',
    }

    def prepare_value(self, value: Any) -> Any:
        # What was typed and could not be read comes back as it was typed.
        if isinstance(value, str | forms.fields.InvalidJSONInput):
            return value
        return json.dumps(value, ensure_ascii=False, indent=2) if value is not None else ""


class ActivityForm(WagtailAdminModelForm):
    """Levels and schools as boxes, deadlines as readable JSON."""

    booking_deadline = DeadlineField(label="Délai pour réserver")
    cancellation_deadline = DeadlineField(label="Délai pour annuler")
    levels = forms.MultipleChoiceField(
        label="Niveaux scolaires",
        choices=SchoolLevel.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Sans réponse : tous.",
    )
    school_codes = forms.MultipleChoiceField(
        label="Écoles", required=False, widget=forms.CheckboxSelectMultiple, help_text="Sans réponse : toutes."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "school_codes" in self.fields:
            known = list(School.objects.order_by("name").values_list("code", "name"))
            # A school that was renamed since must not vanish from the activity by itself.
            lost = [code for code in self.instance.school_codes or [] if code not in dict(known)]
            self.fields["school_codes"].choices = [*known, *((code, code) for code in lost)]


class UnitForm(WagtailAdminModelForm):
    """Weekdays and pools as boxes, and the tariff that prices the unit."""

    weekdays = forms.TypedMultipleChoiceField(
        label="Jours de la semaine",
        coerce=int,
        choices=[(number, name) for number, name in enumerate(WEEKDAYS, 1)],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choisissez au moins un jour de la semaine."},
    )
    pools = forms.ModelMultipleChoiceField(
        label="Réserves de places",
        queryset=PlacePool.objects.order_by("name"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Une réservation prend une place dans chacune. Sans réponse : pas de limite.",
    )
    tariff = forms.ModelChoiceField(
        label="Tarif",
        queryset=Tariff.objects.order_by("name"),
        help_text="Sans tarif, les familles ne peuvent pas réserver.",
    )
    booking_deadline = DeadlineField(
        label="Délai pour réserver", required=False, help_text="Vide : celui de l’activité."
    )
    cancellation_deadline = DeadlineField(
        label="Délai pour annuler", required=False, help_text="Vide : celui de l’activité."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            link = UnitTariff.objects.filter(unit=self.instance).first()
            self.initial["tariff"] = link.tariff_id if link else None

    def clean_pools(self) -> Any:
        """Places that are counted stay where they are counted."""
        pools = self.cleaned_data["pools"]
        if self.instance.pk and (reason := why_pools_stay(unit=self.instance, pools=pools)):
            raise ValidationError(typography(f"{reason} Gardez ces réserves pour cette année scolaire."))
        return pools

    def save(self, commit: bool = True) -> Any:
        unit = super().save(commit=commit)
        if commit:
            UnitTariff.objects.update_or_create(unit=unit, defaults={"tariff": self.cleaned_data["tariff"]})
        return unit


class TariffVersionForm(WagtailAdminModelForm):
    """A price that families paid does not change: a new version says the new price."""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        stored = type(self.instance)._default_manager.filter(pk=self.instance.pk).first()
        if stored is None:
            return cleaned
        price, day = cleaned.get("unit_price"), cleaned.get("valid_from")
        if price is not None and (reason := why_price_stays(version=stored, price=price)):
            self._refuse("unit_price", reason)
        moved = day is not None and (day != stored.valid_from or cleaned.get("tariff") != stored.tariff)
        if moved and (reason := why_version_stays(stored)):
            self._refuse("valid_from", reason)
        return cleaned

    def _refuse(self, field: str, reason: str) -> None:
        self.add_error(field, typography(f"{reason.capitalize()} Ajoutez plutôt une version, avec sa propre date."))

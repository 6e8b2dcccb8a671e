"""Forms of the screens: what they ask beyond what the models say."""

from typing import Any, ClassVar, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from wagtail.admin.forms import WagtailAdminModelForm

from portal.backoffice.guards import why_pools_stay, why_price_stays, why_version_stays
from portal.backoffice.scoping import offered
from portal.backoffice.screens.rule_field import RuleField
from portal.domain.activities.deadlines import Action, InvalidDeadline, deadline_from_data
from portal.domain.activities.models import PlacePool, Unit
from portal.domain.activities.school_calendar import REGIONS
from portal.domain.bookings.relating import relations_of
from portal.domain.families.enums import SchoolLevel
from portal.domain.families.models import School
from portal.domain.kernel.french import WEEKDAYS, typography
from portal.domain.tariffs.models import Tariff, UnitTariff

#: The fields of a unit that say what it is to others: names of `bookings.relating`.
RELATIONS = ("together", "excludes", "needs")


def _sentence(text: str) -> str:
    """Text of ours as it begins a line."""
    return typography(f"{text[:1].upper()}{text[1:]}")


def native_widget(field: forms.Field) -> forms.Widget | None:
    """The browser's own control for a date or an hour, and a comma for amounts; None for other fields.

    Wagtail's calendar replaces a date that it cannot read by today's, without a word.
    """
    if isinstance(field, forms.DecimalField):
        field.localize = True
        widget = forms.TextInput(attrs={"inputmode": "decimal"})
        widget.is_localized = True
        return widget
    if isinstance(field, forms.DateTimeField):
        return forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    if isinstance(field, forms.DateField):
        return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    if isinstance(field, forms.TimeField):
        return forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    return None


class AgentForm(WagtailAdminModelForm):
    """Choices in alphabetical order; what other places name an object by stays as it was created."""

    frozen: ClassVar[tuple[str, ...]] = ("code",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if widget := native_widget(field):
                widget.is_required = field.required
                field.widget = widget
            if isinstance(field, forms.ModelChoiceField) and hasattr(field.queryset.model, "name"):
                field.queryset = field.queryset.order_by("name")
            if isinstance(field, forms.ModelChoiceField) and self.for_user is not None:
                field.queryset = offered(self.for_user, field.queryset)
        for name in self.frozen:
            if name in self.fields and self.instance.pk:
                self.fields[name].disabled = True
                self.fields[name].help_text = "Ne change plus une fois créé."


def deadline_sentence(data: Any, action: Action) -> str:
    """The rule as families read it; what is wrong with it when it cannot be read; nothing for no rule."""
    if data is None:
        return ""
    try:
        return deadline_from_data(data).sentence(action)
    except InvalidDeadline as error:
        return str(error)


class ActivityForm(AgentForm):
    """Levels and schools as boxes; the deadline of late bookings beside its surcharge."""

    late_booking_deadline = RuleField(label="Délai pour réserver en retard", empty="rien après le délai")

    levels = forms.MultipleChoiceField(
        label="Niveaux scolaires",
        choices=SchoolLevel.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=typography("Sans réponse : tous."),
    )
    school_codes = forms.MultipleChoiceField(
        label="Écoles",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=typography("Sans réponse : toutes."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(RuleField, self.fields["late_booking_deadline"]).keep(self.instance.late_booking_deadline)
        known = dict(School.objects.order_by("name").values_list("code", "name"))
        # A school that is not described any more does not vanish from the activity by itself.
        lost = [code for code in self.instance.school_codes or [] if code not in known]
        self.fields["school_codes"].choices = [*known.items(), *((code, code) for code in lost)]


class RelatedUnitsField(forms.ModelMultipleChoiceField):
    """Other units, as boxes."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Unit.objects.none(), required=False, widget=forms.CheckboxSelectMultiple, **kwargs)


class UnitForm(AgentForm):
    """Weekdays and pools as boxes, and the tariff that prices the unit."""

    frozen = ("code", "activity")

    weekdays = forms.TypedMultipleChoiceField(
        label="Jours de la semaine",
        coerce=int,
        choices=list(enumerate(WEEKDAYS, 1)),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choisissez au moins un jour de la semaine."},
    )
    pools = forms.ModelMultipleChoiceField(
        label="Réserves de places",
        queryset=PlacePool.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=typography("Une réservation prend une place dans chacune. Sans réponse : pas de limite."),
    )
    together = RelatedUnitsField(
        label="Se réserve et s’annule avec",
        help_text=typography(
            "Cocher l’une coche l’autre, et prend une place dans chacune. "
            "Un jour où l’une n’est pas possible, l’autre ne l’est pas."
        ),
    )
    excludes = RelatedUnitsField(
        label="Ne se réserve pas le même jour que",
        help_text=typography("Cocher l’une remplace l’autre, tant que celle-ci peut encore être annulée."),
    )
    needs = RelatedUnitsField(
        label="A besoin, le même jour, d’une de ces unités",
        help_text=typography(
            "Une seule suffit. Annuler la dernière qui reste annule aussi celle-ci, ou est refusé s’il est trop tard."
        ),
    )
    tariff = forms.ModelChoiceField(
        label="Tarif",
        queryset=Tariff.objects.all(),
        help_text="Sans tarif, les familles ne peuvent pas réserver.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["tariff"] = (
                UnitTariff.objects.filter(unit=self.instance).values_list("tariff", flat=True).first()
            )
        self._offer_relations()

    def _offer_relations(self) -> None:
        """The units that may take place on the same days, and those tied already; none before the first save."""
        if not self.instance.pk:
            for name in RELATIONS:
                del self.fields[name]
            return
        known = relations_of(self.instance)
        activity = self.instance.activity
        for name in RELATIONS:
            tied = getattr(known, name)
            near = Q(
                weekdays__overlap=self.instance.weekdays,
                activity__starts_on__lte=activity.ends_on,
                activity__ends_on__gte=activity.starts_on,
            )
            others = Unit.objects.filter(near | Q(pk__in=tied)).exclude(pk=self.instance.pk)
            self.fields[name].queryset = others.select_related("activity").order_by(
                "activity__type__order", "activity__order", "activity", "order", "pk"
            )
            self.initial[name] = sorted(tied)

    def clean_pools(self) -> Any:
        """Places that are counted stay where they are counted."""
        pools = self.cleaned_data["pools"]
        if self.instance.pk and (reason := why_pools_stay(unit=self.instance, pools=pools)):
            raise ValidationError(_sentence(f"{reason} Gardez ces réserves pour cette année scolaire."))
        return pools

    def save(self, commit: bool = True) -> Any:
        unit = super().save(commit=commit)
        if commit:
            UnitTariff.objects.update_or_create(unit=unit, defaults={"tariff": self.cleaned_data["tariff"]})
        return unit


class TariffVersionForm(AgentForm):
    """A price for everybody. At which somebody booked, it does not change: a new version says the new price.

    A version that has a grid keeps it: the grid has a page of its own.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["unit_price"]
        if self.instance.grid is not None:
            field.disabled = True
            field.help_text = typography("Cette version a une grille : ouvrez « Grille » pour la lire ou la changer.")
        else:
            field.required = True
            field.help_text = typography(
                "Le même pour tout le monde. Quand le prix dépend de la famille, passez par « Grilles », "
                "sur la page du tarif."
            )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        stored = type(self.instance)._default_manager.filter(pk=self.instance.pk).first()
        if stored is None:
            return cleaned
        price, day, tariff = (cleaned.get(name) for name in ("unit_price", "valid_from", "tariff"))
        if price is not None and (reason := why_price_stays(version=stored, price=price)):
            self._refuse("unit_price", reason)
        moved = (day is not None and day != stored.valid_from) or (tariff is not None and tariff != stored.tariff)
        if moved and (reason := why_version_stays(stored)):
            self._refuse("valid_from", reason)
        return cleaned

    def _refuse(self, field: str, reason: str) -> None:
        self.add_error(field, _sentence(f"{reason} Ajoutez plutôt une version, avec sa propre date."))


class CalendarSettingsForm(AgentForm):
    """The region by its name."""

    public_holidays_region = forms.ChoiceField(label="Jours fériés", choices=list(REGIONS.items()), required=False)


class UnitTariffForm(AgentForm):
    """The units that have no tariff yet; then only the tariff changes."""

    frozen = ("unit",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = self.fields["unit"].queryset.select_related("activity").order_by("activity__name", "order", "pk")
        self.fields["unit"].queryset = units if self.instance.pk else units.filter(tariff_link=None)

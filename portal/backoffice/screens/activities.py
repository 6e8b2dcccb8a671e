"""What the town offers, as agents set it up: services, structures, activities, units, places."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail_modeladmin.options import ModelAdminGroup

from portal.backoffice.guards import why_unit_stays
from portal.backoffice.scoping import Within, is_limited, pools_within, structures_of, town_wide
from portal.backoffice.screens.audited import Refused
from portal.backoffice.screens.base import PortalModelAdmin
from portal.backoffice.screens.deadlines import DeadlinePanel
from portal.backoffice.screens.forms import RELATIONS, ActivityForm, UnitForm, deadline_sentence
from portal.backoffice.screens.lists import ByName
from portal.backoffice.screens.reading import column, detail, lines, table
from portal.backoffice.screens.windows import EnrolmentWindowAdmin
from portal.domain.accounts.models import User
from portal.domain.activities.deadlines import Action
from portal.domain.activities.models import Activity, ActivityType, PlacePool, Service, Structure, Unit
from portal.domain.activities.queries import late_path_of
from portal.domain.bookings.capacity import CapacityTooLow, set_capacity
from portal.domain.bookings.relating import RelationsRefused, relations_of, set_unit_relations
from portal.domain.families.enums import SchoolLevel
from portal.domain.kernel.french import date_range_year, hour, join_words, typography, weekday_names
from portal.domain.tariffs.models import UnitTariff


class ServiceAdmin(PortalModelAdmin):
    model = Service
    menu_label = "Services"
    menu_icon = "mail"
    base_url_path = "activites/services"
    scoped_by = staticmethod(town_wide)
    list_display = ("name", "email", "phone", "opening_hours")
    search_fields = ("name", "code", "email")
    ordering = ("name",)
    inspect_view_enabled = False
    panels = (
        MultiFieldPanel([FieldPanel("name"), FieldPanel("code")], heading="Le service"),
        MultiFieldPanel(
            [FieldRowPanel([FieldPanel("email"), FieldPanel("phone")]), FieldPanel("opening_hours")],
            heading="Pour le joindre",
        ),
    )


class StructureAdmin(PortalModelAdmin):
    model = Structure
    menu_label = "Structures"
    menu_icon = "home"
    base_url_path = "activites/structures"
    scoped_by = Within(structure="pk")
    list_display = ("name", "street", "town", "phone")
    search_fields = ("name", "code", "town")
    ordering = ("name",)
    inspect_view_enabled = False
    deletion_warning = "Ses fermetures disparaissent avec elle."
    panels = (
        MultiFieldPanel([FieldPanel("name"), FieldPanel("code")], heading="La structure"),
        MultiFieldPanel(
            [
                FieldPanel("street"),
                FieldRowPanel([FieldPanel("postcode"), FieldPanel("town")]),
                FieldRowPanel([FieldPanel("phone"), FieldPanel("email")]),
                FieldRowPanel([FieldPanel("latitude"), FieldPanel("longitude")]),
            ],
            heading="Où elle est",
        ),
    )

    def may_create(self, agent: User) -> bool:
        """A new place would be outside the limits of who made it."""
        return not is_limited(agent)

    def may_change(self, agent: User, structure: Structure) -> bool:
        """Their own."""
        return True


class ActivityTypeAdmin(PortalModelAdmin):
    model = ActivityType
    menu_label = "Types d’activité"
    menu_icon = "folder-open-inverse"
    base_url_path = "activites/types"
    scoped_by = staticmethod(town_wide)
    list_display = ("name", "order")
    ordering = ("order", "name")
    inspect_view_enabled = False
    panels = (FieldPanel("name"), FieldPanel("code"), FieldPanel("order"))


class ActivityAdmin(PortalModelAdmin):
    model = Activity
    menu_label = "Activités"
    menu_icon = "calendar-alt"
    base_url_path = "activites/activites"
    scoped_by = Within(structure="structure")
    list_display = ("name", "type", "structure", "period", "booking_rule", "cancellation_rule")
    list_filter = (("type", ByName), ("structure", ByName), ("service", ByName), "enrolment_mode", "is_offered")
    list_select_related = ("type", "structure")
    search_fields = ("name", "short_name", "code")
    ordering = ("-starts_on", "type__order", "order", "name")
    deletion_warning = "Ses fermetures disparaissent avec elle."
    form_class = ActivityForm
    inspect_view_fields = (
        "name",
        "short_name",
        "code",
        "type",
        "service",
        "structure",
        "period",
        "service_days",
        "audience",
        "schools",
        "is_offered",
        "enrolment_mode",
        "validation_mode",
        "enrolment_opens_at",
        "enrolment_closes_at",
        "removal_rule",
        "shown_on_planning",
        "editable_by_families",
        "booking_rule",
        "late_rule",
        "cancellation_rule",
        "rules_article",
        "units",
    )
    panels = (
        MultiFieldPanel(
            [
                FieldPanel("name"),
                FieldRowPanel([FieldPanel("short_name"), FieldPanel("code")]),
                FieldRowPanel([FieldPanel("type"), FieldPanel("order")]),
                FieldRowPanel([FieldPanel("service"), FieldPanel("structure")]),
            ],
            heading="L’activité",
        ),
        MultiFieldPanel(
            [FieldRowPanel([FieldPanel("starts_on"), FieldPanel("ends_on")]), FieldPanel("service_days")],
            heading="Quand",
        ),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("min_age"), FieldPanel("max_age"), FieldPanel("age_reference")]),
                FieldPanel("levels"),
                FieldPanel("school_codes"),
            ],
            heading="Pour qui",
        ),
        MultiFieldPanel(
            [
                FieldPanel("is_offered"),
                FieldPanel("enrolment_mode"),
                FieldPanel("validation_mode"),
                FieldRowPanel([FieldPanel("enrolment_opens_at"), FieldPanel("enrolment_closes_at")]),
            ],
            heading="L’inscription",
        ),
        MultiFieldPanel(
            [FieldPanel("shown_on_planning"), FieldPanel("editable_by_families"), FieldPanel("rules_article")],
            heading="Le planning",
        ),
        MultiFieldPanel([DeadlinePanel()], heading="Les délais"),
        MultiFieldPanel(
            [
                FieldPanel(
                    "late_booking_deadline",
                    help_text=typography(
                        "Jusqu’à quand un jour se réserve encore après le délai, avec un supplément que la famille "
                        "voit avant de valider. Jamais pour annuler."
                    ),
                ),
                FieldRowPanel([FieldPanel("late_kind"), FieldPanel("late_value")]),
            ],
            heading="Réserver en retard",
        ),
    )

    @column("période", order="starts_on")
    def period(self, activity: Activity) -> str:
        """From the first to the last day, in words."""
        return date_range_year(activity.starts_on, activity.ends_on)

    @column("délai pour réserver")
    def booking_rule(self, activity: Activity) -> str:
        """The rule of the activity as families read it; a unit may have its own."""
        return deadline_sentence(activity.booking_deadline, Action.BOOK)

    @detail("réserver en retard")
    def late_rule(self, activity: Activity, reader: User) -> str:
        """The late path as families read it."""
        late = late_path_of(activity.late_booking_deadline, activity.late_kind, activity.late_value)
        return late.sentence() if late is not None else "non"

    @column("délai pour annuler")
    def cancellation_rule(self, activity: Activity) -> str:
        """The same for a cancellation."""
        return deadline_sentence(activity.cancellation_deadline, Action.CANCEL)

    @detail("délai pour supprimer une inscription")
    def removal_rule(self, activity: Activity, reader: User) -> str:
        """The rule that governs a removal, counted to the first day of the enrolment."""
        return deadline_sentence(activity.removal_deadline, Action.CANCEL_ENROLMENT)

    @detail("âge et niveaux")
    def audience(self, activity: Activity, reader: User) -> str:
        """“de 3 à 11 ans (au 1er septembre), CP, CE1”; everybody when nothing restricts it."""
        low, high = activity.min_age, activity.max_age
        age = f"de {low} à {high} ans" if low is not None and high is not None else ""
        age = age or (f"à partir de {low} ans" if low is not None else "")
        age = age or (f"jusqu’à {high} ans" if high is not None else "")
        age = f"{age} ({activity.get_age_reference_display()})" if age else ""
        levels = ", ".join(level for level in SchoolLevel.values if level in activity.levels)
        return typography(", ".join(filter(None, (age, levels)))) or "tous"

    @detail("écoles")
    def schools(self, activity: Activity, reader: User) -> str:
        """The schools it serves, by code."""
        return ", ".join(activity.school_codes) or "toutes"

    @detail("unités")
    def units(self, activity: Activity, reader: User) -> str:
        """What is booked, with its days, its tariff and its own deadlines."""
        found = activity.units.select_related("tariff_link__tariff").order_by("order", "pk")
        return table(
            ("Unité", "Jours", "Tarif", "Délais particuliers"),
            ((unit.name, weekday_names(unit.weekdays), tariff_of(unit), lines(own_rules(unit))) for unit in found),
        )


def tariff_of(unit: Unit) -> str:
    """The tariff of a unit, or what its absence does."""
    link = getattr(unit, "tariff_link", None)
    return str(link.tariff) if link else typography("aucun : les familles ne peuvent pas réserver")


def own_rules(unit: Unit) -> list[str]:
    """The sentences of the deadlines that are this unit's alone."""
    return [
        sentence
        for sentence in (
            deadline_sentence(unit.booking_deadline, Action.BOOK),
            deadline_sentence(unit.cancellation_deadline, Action.CANCEL),
        )
        if sentence
    ]


class UnitAdmin(PortalModelAdmin):
    model = Unit
    menu_label = "Unités"
    menu_icon = "list-ul"
    base_url_path = "activites/unites"
    scoped_by = Within(structure="activity__structure")
    list_display = ("name", "activity", "days", "hours", "pool_names", "tariff", "rules")
    list_filter = (("activity", ByName),)
    list_select_related = ("activity", "tariff_link__tariff")
    search_fields = ("name", "code", "activity__name")
    ordering = ("-activity__starts_on", "activity__name", "order")
    inspect_view_fields = ("activity", "name", "code", "days", "hours", "pool_names", "tariff", "relations", "rules")
    form_class = UnitForm
    panels = (
        MultiFieldPanel(
            [
                FieldPanel("activity"),
                FieldRowPanel([FieldPanel("name"), FieldPanel("code"), FieldPanel("order")]),
            ],
            heading="Ce qui se réserve",
        ),
        MultiFieldPanel(
            [
                FieldPanel("weekdays"),
                FieldRowPanel([FieldPanel("starts_at"), FieldPanel("ends_at")]),
                FieldPanel("may_overlap"),
            ],
            heading="Quand",
        ),
        MultiFieldPanel([FieldPanel("pools"), FieldPanel("tariff")], heading="Places et prix"),
        MultiFieldPanel([FieldPanel(name) for name in RELATIONS], heading="Avec les autres unités, le même jour"),
        MultiFieldPanel([DeadlinePanel()], heading="Délais"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Unit]:
        found: QuerySet[Unit] = super().get_queryset(request).prefetch_related("pools")
        return found

    def more_values(self, unit: Unit) -> dict[str, Any]:
        """The tariff is kept in another table."""
        link = UnitTariff.objects.select_related("tariff").filter(unit=unit).first()
        return {"tariff": str(link.tariff) if link else None}

    def store(self, form: Any, *, by: User, at: datetime) -> Unit:
        """The relations are checked with those of the others and with what is booked."""
        unit: Unit = form.save()
        wanted = {name: form.cleaned_data[name] for name in RELATIONS if name in form.cleaned_data}
        if wanted:
            try:
                set_unit_relations(
                    unit=unit, **{name: [each.pk for each in units] for name, units in wanted.items()}, by=by, at=at
                )
            except RelationsRefused as error:
                raise Refused(error.field, str(error)) from error
        return unit

    @detail("liens avec d’autres unités")
    def relations(self, unit: Unit, reader: User) -> str:
        """What it goes with, excludes, needs, and what needs it."""
        known = relations_of(unit)
        sentences = (
            ("se réserve avec", known.together),
            ("exclut", known.excludes),
            ("a besoin de", known.needs),
            ("est nécessaire à", known.needed_by),
        )
        names = {
            other.pk: str(other)
            for other in Unit.objects.filter(pk__in=frozenset().union(*(others for _, others in sentences)))
            .select_related("activity")
            .order_by("activity__order", "order", "pk")
        }
        return lines(
            typography(f"{words} : {join_words([names[pk] for pk in names if pk in others])}")
            for words, others in sentences
            if others
        )

    def why_kept(self, unit: Unit) -> str:
        """A unit that somebody booked keeps its history."""
        return why_unit_stays(unit)

    @column("jours")
    def days(self, unit: Unit) -> str:
        """The weekdays, in words."""
        return weekday_names(unit.weekdays)

    @column("horaires", order="starts_at")
    def hours(self, unit: Unit) -> str:
        """From when to when, when it is known."""
        if unit.starts_at is None or unit.ends_at is None:
            return ""
        return f"de {hour(unit.starts_at)} à {hour(unit.ends_at)}"

    @column("réserves de places")
    def pool_names(self, unit: Unit) -> str:
        """The pools in which a booking takes a place."""
        return ", ".join(sorted(pool.name for pool in unit.pools.all())) or "sans limite"

    @column("tarif", order="tariff_link__tariff__name")
    def tariff(self, unit: Unit) -> str:
        """The tariff, or a warning: without one nobody can book."""
        return tariff_of(unit)

    @column("délais particuliers")
    def rules(self, unit: Unit) -> str:
        """The deadlines that are not those of the activity."""
        return " ".join(own_rules(unit))


class PlacePoolAdmin(PortalModelAdmin):
    model = PlacePool
    menu_label = "Réserves de places"
    menu_icon = "grip"
    base_url_path = "activites/places"
    scoped_by = staticmethod(pools_within)
    list_display = ("name", "places", "unit_names")
    search_fields = ("name", "code")
    ordering = ("name",)
    inspect_view_enabled = False
    journalled_by_domain = ("capacity",)
    panels = (
        FieldPanel("name"),
        FieldPanel("code"),
        FieldPanel(
            "capacity",
            help_text=typography("Vide : pas de limite. Un changement vaut pour aujourd’hui et les jours suivants."),
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[PlacePool]:
        found: QuerySet[PlacePool] = super().get_queryset(request).prefetch_related("units__activity")
        return found

    def may_change(self, agent: User, pool: PlacePool) -> bool:
        """Places that units of elsewhere count too are read, not changed, by an agent who is limited."""
        if not is_limited(agent):
            return True
        return all(unit.activity.structure_id in structures_of(agent) for unit in pool.units.all())

    def store(self, form: Any, *, by: User, at: datetime) -> PlacePool:
        """The days that were already asked for count their places too: the domain changes both, or refuses."""
        wanted = form.cleaned_data["capacity"]
        if form.instance.pk:
            form.instance.capacity = PlacePool.objects.values_list("capacity", flat=True).get(pk=form.instance.pk)
        pool: PlacePool = form.save()
        if pool.capacity != wanted:
            try:
                set_capacity(pool=pool, capacity=wanted, by=by, at=at)
            except CapacityTooLow as error:
                raise Refused("capacity", str(error)) from error
        return pool

    @column("places par jour", order="capacity")
    def places(self, pool: PlacePool) -> str:
        """The number, or that there is no limit."""
        return "sans limite" if pool.capacity is None else str(pool.capacity)

    @column("unités")
    def unit_names(self, pool: PlacePool) -> str:
        """Who takes places there."""
        return ", ".join(sorted(str(unit) for unit in pool.units.all()))


class ActivitiesGroup(ModelAdminGroup):
    menu_label = "Activités"
    menu_icon = "calendar-alt"
    menu_order = 130
    items = (
        ActivityAdmin,
        EnrolmentWindowAdmin,
        UnitAdmin,
        PlacePoolAdmin,
        ActivityTypeAdmin,
        StructureAdmin,
        ServiceAdmin,
    )

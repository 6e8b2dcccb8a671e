"""What the town offers, as agents set it up."""

from django.db.models import QuerySet
from django.http import HttpRequest
from wagtail.admin.panels import FieldPanel, FieldRowPanel, HelpPanel, MultiFieldPanel, ObjectList

from portal.backoffice.screens.base import PortalModelAdmin, described
from portal.backoffice.screens.forms import ActivityForm, UnitForm
from portal.backoffice.screens.panels import DeadlinePanel, sentences
from portal.backoffice.screens.views import CapacityEditView
from portal.domain.activities.models import Activity, ActivityType, PlacePool, Service, Structure, Unit
from portal.domain.kernel.french import date_range_year, hour, weekday_names

DEADLINE_HELP = "backoffice/panels/deadline_help.html"


class ServiceAdmin(PortalModelAdmin):
    model = Service
    menu_label = "Services"
    menu_icon = "mail"
    list_display = ("name", "email", "phone", "opening_hours")
    search_fields = ("name", "code")
    ordering = ("name",)
    inspect_view_enabled = False
    panels = [
        MultiFieldPanel([FieldPanel("name"), FieldPanel("code")], heading="Le service"),
        MultiFieldPanel(
            [FieldPanel("email"), FieldPanel("phone"), FieldPanel("opening_hours")], heading="Pour le joindre"
        ),
    ]


class StructureAdmin(PortalModelAdmin):
    model = Structure
    menu_label = "Structures"
    menu_icon = "home"
    list_display = ("name", "street", "town", "phone")
    search_fields = ("name", "code", "town")
    ordering = ("name",)
    inspect_view_enabled = False
    panels = [
        MultiFieldPanel([FieldPanel("name"), FieldPanel("code")], heading="La structure"),
        MultiFieldPanel(
            [
                FieldPanel("street"),
                FieldRowPanel([FieldPanel("postcode"), FieldPanel("town")]),
                FieldPanel("phone"),
            ],
            heading="Où elle est",
        ),
    ]


class ActivityTypeAdmin(PortalModelAdmin):
    model = ActivityType
    menu_label = "Types d’activité"
    menu_icon = "folder-open-inverse"
    list_display = ("name", "order")
    ordering = ("order", "name")
    inspect_view_enabled = False
    panels = [FieldPanel("name"), FieldPanel("code"), FieldPanel("order")]


class ActivityAdmin(PortalModelAdmin):
    model = Activity
    menu_label = "Activités"
    menu_icon = "calendar-alt"
    list_display = ("name", "type", "structure", "period", "deadlines")
    list_filter = ("type", "structure", "enrolment_mode")
    list_select_related = ("type", "structure")
    search_fields = ("name", "short_name", "code")
    ordering = ("-starts_on", "type__order", "order")
    inspect_view_fields = [
        "name", "code", "service", "structure", "type", "starts_on", "ends_on", "service_days", "min_age", "max_age",
        "age_reference", "levels", "school_codes", "enrolment_mode", "validation_mode", "units", "booking_deadline",
        "rules_article",
    ]  # fmt: skip
    edit_handler = ObjectList(
        [
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
                    FieldPanel("enrolment_mode"),
                    FieldPanel("validation_mode"),
                    FieldRowPanel([FieldPanel("enrolment_opens_at"), FieldPanel("enrolment_closes_at")]),
                ],
                heading="L’inscription",
            ),
            MultiFieldPanel(
                [
                    DeadlinePanel(),
                    FieldPanel("booking_deadline"),
                    FieldPanel("cancellation_deadline"),
                    HelpPanel(template=DEADLINE_HELP),
                    FieldPanel("rules_article"),
                    FieldPanel("shown_on_planning"),
                    FieldPanel("editable_by_families"),
                ],
                heading="Le planning",
            ),
        ],
        base_form_class=ActivityForm,
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Activity]:
        found: QuerySet[Activity] = super().get_queryset(request).prefetch_related("units")
        return found

    @described("période", order="starts_on")
    def period(self, activity: Activity) -> str:
        """From the first to the last day, in words."""
        return date_range_year(activity.starts_on, activity.ends_on)

    @described("délais")
    def deadlines(self, activity: Activity) -> str:
        """The rules as families read them."""
        return " ".join(sentences(activity))

    @described("Délais")
    def show_booking_deadline(self, activity: Activity) -> str:
        """The rules as families read them, one after the other."""
        return " ".join(sentences(activity))

    @described("Unités")
    def show_units(self, activity: Activity) -> str:
        """What is booked, with its days."""
        return ", ".join(
            f"{unit.name} ({weekday_names(unit.weekdays)})" for unit in activity.units.order_by("order", "pk")
        )

    @described("Niveaux scolaires")
    def show_levels(self, activity: Activity) -> str:
        """The levels, in words."""
        return ", ".join(activity.levels) or "tous"

    @described("Écoles")
    def show_school_codes(self, activity: Activity) -> str:
        """The schools, by their code."""
        return ", ".join(activity.school_codes) or "toutes"


class UnitAdmin(PortalModelAdmin):
    model = Unit
    menu_label = "Unités"
    menu_icon = "list-ul"
    list_display = ("name", "activity", "days", "hours", "pool_names", "tariff_name")
    list_filter = ("activity",)
    list_select_related = ("activity", "tariff_link__tariff")
    search_fields = ("name", "code", "activity__name")
    ordering = ("-activity__starts_on", "activity__order", "order")
    inspect_view_enabled = False
    edit_handler = ObjectList(
        [
            MultiFieldPanel(
                [
                    FieldPanel("activity"),
                    FieldRowPanel([FieldPanel("name"), FieldPanel("code"), FieldPanel("order")]),
                ],
                heading="Ce qui se réserve",
            ),
            MultiFieldPanel(
                [FieldPanel("weekdays"), FieldRowPanel([FieldPanel("starts_at"), FieldPanel("ends_at")])],
                heading="Quand",
            ),
            MultiFieldPanel([FieldPanel("pools"), FieldPanel("tariff")], heading="Places et prix"),
            MultiFieldPanel(
                [
                    DeadlinePanel(),
                    FieldPanel("booking_deadline"),
                    FieldPanel("cancellation_deadline"),
                    HelpPanel(template=DEADLINE_HELP),
                ],
                heading="Délais particuliers",
            ),
        ],
        base_form_class=UnitForm,
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Unit]:
        found: QuerySet[Unit] = super().get_queryset(request).prefetch_related("pools")
        return found

    @described("jours")
    def days(self, unit: Unit) -> str:
        """The weekdays, in words."""
        return weekday_names(unit.weekdays)

    @described("horaires", order="starts_at")
    def hours(self, unit: Unit) -> str:
        """From when to when, when it is known."""
        if unit.starts_at is None or unit.ends_at is None:
            return ""
        return f"de {hour(unit.starts_at)} à {hour(unit.ends_at)}"

    @described("réserves de places")
    def pool_names(self, unit: Unit) -> str:
        """The pools in which a booking takes a place."""
        return ", ".join(sorted(pool.name for pool in unit.pools.all())) or "sans limite"

    @described("tarif", order="tariff_link__tariff__name")
    def tariff_name(self, unit: Unit) -> str:
        """The tariff, or a warning: without one nobody can book."""
        link = getattr(unit, "tariff_link", None)
        return str(link.tariff) if link else "aucun : les familles ne peuvent pas réserver"


class PlacePoolAdmin(PortalModelAdmin):
    model = PlacePool
    menu_label = "Réserves de places"
    menu_icon = "grip"
    list_display = ("name", "capacity", "units_named")
    search_fields = ("name", "code")
    ordering = ("name",)
    inspect_view_enabled = False
    edit_view_class = CapacityEditView
    panels = [
        FieldPanel("name"),
        FieldPanel("code"),
        FieldPanel(
            "capacity", help_text="Vide : pas de limite. Un changement vaut pour aujourd’hui et les jours suivants."
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[PlacePool]:
        found: QuerySet[PlacePool] = super().get_queryset(request).prefetch_related("units__activity")
        return found

    @described("unités")
    def units_named(self, pool: PlacePool) -> str:
        """Who takes places there."""
        return ", ".join(str(unit) for unit in pool.units.all())

"""School holidays, public holidays, closures, and the zone of the town."""

from datetime import datetime
from typing import Any

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from wagtail.admin.panels import FieldPanel, FieldRowPanel, HelpPanel
from wagtail_modeladmin.options import ModelAdminGroup

from portal.backoffice.scoping import closures_within, is_limited, town_wide
from portal.backoffice.screens import closing
from portal.backoffice.screens.base import PortalButtons, PortalModelAdmin
from portal.backoffice.screens.forms import CalendarSettingsForm
from portal.backoffice.screens.lists import ByName
from portal.backoffice.screens.permissions import SingleRowPermissions
from portal.backoffice.screens.reading import column
from portal.domain.accounts.models import User
from portal.domain.activities.models import CalendarSettings, Closure, PublicHoliday, SchoolHoliday
from portal.domain.activities.school_calendar import REGIONS
from portal.domain.activities.services import seed_calendar
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.french import date_range_year, long_date, plural


class _CorrectedByHand(PortalModelAdmin):
    """Published dates: whatever an agent saves is kept by every later loading."""

    inspect_view_enabled = False
    deletion_warning = "Le prochain chargement du calendrier officiel remettra ce qu’il publie."

    def store(self, form: Any, *, by: User, at: datetime) -> models.Model:
        form.instance.edited = True
        return super().store(form, by=by, at=at)


class SchoolHolidayAdmin(_CorrectedByHand):
    model = SchoolHoliday
    menu_label = "Vacances scolaires"
    menu_icon = "date"
    base_url_path = "calendrier/vacances"
    scoped_by = staticmethod(town_wide)
    list_display = ("name", "zone", "period", "edited")
    list_filter = ("zone", "edited")
    search_fields = ("name",)
    ordering = ("-starts_on",)
    panels = (
        FieldPanel("name"),
        FieldPanel("zone"),
        FieldRowPanel([FieldPanel("starts_on"), FieldPanel("ends_on")]),
        HelpPanel(
            "<p>Du premier jour sans classe à la veille de la reprise, compris. Ce que vous enregistrez ici n’est "
            "plus remplacé par le calendrier officiel.</p>"
        ),
    )

    @column("dates", order="starts_on")
    def period(self, holiday: SchoolHoliday) -> str:
        """From the first to the last day, in words."""
        return date_range_year(holiday.starts_on, holiday.ends_on)


class PublicHolidayAdmin(_CorrectedByHand):
    model = PublicHoliday
    menu_label = "Jours fériés"
    menu_icon = "date"
    base_url_path = "calendrier/feries"
    scoped_by = staticmethod(town_wide)
    list_display = ("name", "date", "edited")
    list_filter = ("edited",)
    search_fields = ("name",)
    ordering = ("-day",)
    panels = (
        FieldPanel("name"),
        FieldPanel("day"),
        HelpPanel("<p>Ce que vous enregistrez ici n’est plus remplacé par le calendrier officiel.</p>"),
    )

    @column("jour", order="day")
    def date(self, holiday: PublicHoliday) -> str:
        """The day, in words."""
        return long_date(holiday.day)


class ClosureButtons(PortalButtons):
    """What is done to a closure, said as it is."""

    def add_button(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return super().add_button(*args, **kwargs) | {"label": "Fermer des jours", "title": "Fermer des jours"}

    def edit_button(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return super().edit_button(*args, **kwargs) | {"label": "Corriger le motif", "title": "Corriger le motif"}

    def delete_button(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return super().delete_button(*args, **kwargs) | {"label": "Rouvrir", "title": "Rouvrir ces jours"}


class ClosureAdmin(PortalModelAdmin):
    model = Closure
    menu_label = "Fermetures"
    menu_icon = "cross"
    base_url_path = "calendrier/fermetures"
    scoped_by = staticmethod(closures_within)
    list_display = ("reason", "period", "scope", "effect")
    list_filter = (("structure", ByName), ("activity", ByName))
    list_select_related = ("structure", "activity", "declaration")
    search_fields = ("reason", "structure__name", "activity__name")
    ordering = ("-starts_on",)
    button_helper_class = ClosureButtons

    def may_change(self, agent: User, closure: Closure) -> bool:
        """A closure of the whole town is read, not changed, by an agent who is limited."""
        return not is_limited(agent) or bool(closure.structure_id or closure.activity_id)

    def create_view(self, request: HttpRequest) -> HttpResponse:
        """What closes, what it would do, the button."""
        if not self.permission_helper.user_can_create(request.user):
            raise PermissionDenied
        return closing.declare(request, index_url=self.url_helper.index_url)

    def inspect_view(self, request: HttpRequest, instance_pk: str) -> HttpResponse:
        """What it did."""
        closure = self._found(request, instance_pk)
        may = self.permission_helper
        if not may.user_can_inspect_obj(request.user, closure):
            raise PermissionDenied
        return closing.show(
            request,
            closure,
            index_url=self.url_helper.index_url,
            may_lift=may.user_can_delete_obj(request.user, closure),
            may_word=may.user_can_edit_obj(request.user, closure),
        )

    def edit_view(self, request: HttpRequest, instance_pk: str) -> HttpResponse:
        """Its words."""
        closure = self._found(request, instance_pk)
        if not self.permission_helper.user_can_edit_obj(request.user, closure):
            raise PermissionDenied
        return closing.word(request, closure, index_url=self.url_helper.index_url)

    def delete_view(self, request: HttpRequest, instance_pk: str) -> HttpResponse:
        """Opening the days again."""
        closure = self._found(request, instance_pk)
        if not self.permission_helper.user_can_delete_obj(request.user, closure):
            raise PermissionDenied
        return closing.lift(request, closure, index_url=self.url_helper.index_url)

    def _found(self, request: HttpRequest, key: str) -> Closure:
        """One that exists for this agent. Raises Http404, also for a key that is no number."""
        plain = unquote(key)
        if not plain.isdecimal() or len(plain) > 18:
            raise Http404
        closure: Closure = get_object_or_404(
            self.get_queryset(request).select_related("structure", "activity"), pk=int(plain)
        )
        return closure

    @column("dates", order="starts_on")
    def period(self, closure: Closure) -> str:
        """From the first to the last day, in words."""
        return date_range_year(closure.starts_on, closure.ends_on)

    @column("où")
    def scope(self, closure: Closure) -> str:
        """What is closed."""
        return str(closure.structure or closure.activity or "toute la commune")

    @column("effet")
    def effect(self, closure: Closure) -> str:
        """What it did to bookings; nothing is known of one that no agent declared."""
        declaration = getattr(closure, "declaration", None)
        return closing.effect_words(declaration) if declaration is not None else ""


class CalendarSettingsAdmin(PortalModelAdmin):
    model = CalendarSettings
    menu_label = "Zone scolaire"
    menu_icon = "cog"
    base_url_path = "calendrier/zone"
    scoped_by = staticmethod(town_wide)
    list_display = ("zone", "region")
    inspect_view_enabled = False
    permission_helper_class = SingleRowPermissions
    form_class = CalendarSettingsForm
    panels = (
        FieldPanel("zone"),
        FieldPanel("public_holidays_region"),
        FieldPanel("allow_overlaps"),
        HelpPanel("<p>Les dates de la zone et de la région choisies sont chargées à l’enregistrement.</p>"),
    )

    @column("jours fériés", order="public_holidays_region")
    def region(self, settings: CalendarSettings) -> str:
        """The region whose public holidays apply."""
        return REGIONS.get(settings.public_holidays_region, settings.public_holidays_region)

    def store(self, form: Any, *, by: User, at: datetime) -> models.Model:
        """The dates of the new zone are loaded with it: a zone without holidays would open every day."""
        settings = super().store(form, by=by, at=at)
        if form.has_changed():
            year = paris_date(at).year
            form.seeded = seed_calendar(zone=settings.zone, from_year=year - 1, to_year=year + 1, by=by, at=at)
        return settings

    def notices(self, settings: models.Model, *, form: Any, at: datetime) -> list[str]:
        """What the loading of the dates has to say."""
        seeded = getattr(form, "seeded", None)
        if seeded is None:
            return []
        return [
            note for note in (f"{plural(seeded.created, 'date chargée', 'dates chargées')}.", seeded.notice) if note
        ]


class CalendarGroup(ModelAdminGroup):
    menu_label = "Calendrier"
    menu_icon = "date"
    menu_order = 140
    items = (ClosureAdmin, SchoolHolidayAdmin, PublicHolidayAdmin, CalendarSettingsAdmin)

"""School holidays, public holidays, closures, and the zone of the town."""

from datetime import datetime
from typing import Any

from django.db import models
from wagtail.admin.panels import FieldPanel, FieldRowPanel, HelpPanel
from wagtail_modeladmin.options import ModelAdminGroup

from portal.backoffice.scoping import closures_within, is_limited, town_wide
from portal.backoffice.screens.base import PortalModelAdmin
from portal.backoffice.screens.forms import CalendarSettingsForm, ClosureForm
from portal.backoffice.screens.lists import ByName
from portal.backoffice.screens.permissions import SingleRowPermissions
from portal.backoffice.screens.reading import column
from portal.domain.accounts.models import User
from portal.domain.activities.models import CalendarSettings, Closure, PublicHoliday, SchoolHoliday
from portal.domain.activities.school_calendar import REGIONS
from portal.domain.activities.services import seed_calendar
from portal.domain.bookings.models import Booking
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


class ClosureAdmin(PortalModelAdmin):
    model = Closure
    menu_label = "Fermetures"
    menu_icon = "cross"
    base_url_path = "calendrier/fermetures"
    scoped_by = staticmethod(closures_within)
    form_class = ClosureForm
    list_display = ("reason", "period", "scope")
    list_filter = (("structure", ByName), ("activity", ByName))
    list_select_related = ("structure", "activity")
    search_fields = ("reason", "structure__name", "activity__name")
    ordering = ("-starts_on",)
    inspect_view_enabled = False
    panels = (
        FieldPanel("reason", help_text="Les familles le lisent sur leur planning."),
        FieldRowPanel([FieldPanel("starts_on"), FieldPanel("ends_on")]),
        FieldRowPanel([FieldPanel("structure"), FieldPanel("activity")]),
        HelpPanel(
            "<p>Sans structure ni activité, toute la commune ferme. Les jours déjà réservés ne sont pas annulés "
            "d’eux-mêmes\u00a0: prévenez les familles.</p>"
        ),
    )

    def may_change(self, agent: User, closure: Closure) -> bool:
        """A closure of the whole town is read, not changed, by an agent who is limited."""
        return not is_limited(agent) or bool(closure.structure_id or closure.activity_id)

    def notices(self, closure: Closure, *, form: Any, at: datetime) -> list[str]:
        """How many bookings stand on the days that were just closed."""
        standing = Booking.objects.booked().filter(day__range=(closure.starts_on, closure.ends_on))
        if closure.activity_id:
            standing = standing.filter(unit__activity=closure.activity_id)
        elif closure.structure_id:
            standing = standing.filter(unit__activity__structure=closure.structure_id)
        number = standing.count()
        if not number:
            return []
        return [
            f"{plural(number, 'réservation')} ces jours-là ne s’annulent pas d’elles-mêmes : prévenez les familles."
        ]

    @column("dates", order="starts_on")
    def period(self, closure: Closure) -> str:
        """From the first to the last day, in words."""
        return date_range_year(closure.starts_on, closure.ends_on)

    @column("où")
    def scope(self, closure: Closure) -> str:
        """What is closed."""
        return str(closure.structure or closure.activity or "toute la commune")


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

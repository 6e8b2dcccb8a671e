"""School holidays, public holidays and closures."""

from typing import Any

from django.db import models
from django.http import HttpRequest
from wagtail.admin.panels import FieldPanel, FieldRowPanel, HelpPanel

from portal.backoffice.screens.base import PortalModelAdmin, described
from portal.domain.activities.models import Closure, PublicHoliday, SchoolHoliday
from portal.domain.kernel.french import date_range_year, full_date


class _CorrectedByHand(PortalModelAdmin):
    """Published dates: whatever an agent saves is kept by every later loading."""

    inspect_view_enabled = False

    def prepare(self, instance: models.Model, request: HttpRequest) -> None:
        instance.edited = True  # type: ignore[attr-defined]  # both models have it


class SchoolHolidayAdmin(_CorrectedByHand):
    model = SchoolHoliday
    menu_label = "Vacances scolaires"
    menu_icon = "date"
    list_display = ("name", "zone", "period", "edited")
    list_filter = ("zone", "edited")
    search_fields = ("name",)
    ordering = ("-starts_on",)
    panels = [
        FieldPanel("name"),
        FieldPanel("zone"),
        FieldRowPanel([FieldPanel("starts_on"), FieldPanel("ends_on")]),
        HelpPanel(
            "<p>Du premier jour sans classe à la veille de la reprise, compris. Ce que vous enregistrez ici n’est "
            "plus remplacé par le calendrier officiel.</p>"
        ),
    ]

    @described("dates", order="starts_on")
    def period(self, holiday: SchoolHoliday) -> str:
        """From the first to the last day, in words."""
        return date_range_year(holiday.starts_on, holiday.ends_on)


class PublicHolidayAdmin(_CorrectedByHand):
    model = PublicHoliday
    menu_label = "Jours fériés"
    menu_icon = "date"
    list_display = ("name", "date", "edited")
    list_filter = ("edited",)
    search_fields = ("name",)
    ordering = ("-day",)
    panels = [FieldPanel("name"), FieldPanel("day")]

    @described("jour", order="day")
    def date(self, holiday: PublicHoliday) -> str:
        """The day, in words."""
        return full_date(holiday.day)


class ClosureAdmin(PortalModelAdmin):
    model = Closure
    menu_label = "Fermetures"
    menu_icon = "cross"
    list_display = ("reason", "period", "scope")
    list_filter = ("structure", "activity")
    list_select_related = ("structure", "activity")
    search_fields = ("reason",)
    ordering = ("-starts_on",)
    inspect_view_enabled = False
    panels = [
        FieldPanel("reason", help_text="Les familles le lisent sur leur planning."),
        FieldRowPanel([FieldPanel("starts_on"), FieldPanel("ends_on")]),
        FieldRowPanel([FieldPanel("structure"), FieldPanel("activity")]),
        HelpPanel(
            "<p>Sans structure ni activité, toute la commune ferme. Les jours déjà réservés ne sont pas annulés "
            "d’eux-mêmes : prévenez les familles.</p>"
        ),
    ]

    @described("dates", order="starts_on")
    def period(self, closure: Closure) -> str:
        """From the first to the last day, in words."""
        return date_range_year(closure.starts_on, closure.ends_on)

    @described("où")
    def scope(self, closure: Closure) -> Any:
        """What is closed."""
        return closure.structure or closure.activity or "toute la commune"

"""The page on which anybody estimates what the services cost."""

from typing import Any

from django.db import models
from django.forms import CheckboxSelectMultiple
from django.http import HttpRequest, HttpResponse
from modelcluster.fields import ParentalManyToManyField
from wagtail.admin.panels import FieldPanel, HelpPanel, MultiFieldPanel
from wagtail.models import Page
from wagtail.search import index

from cms_pages.models import PortalPage


class SimulatorPage(PortalPage):
    """The public simulator. Prices and opening days are read from the activities; nothing entered is written."""

    lead = models.TextField("chapeau", max_length=400, blank=True)
    notice = models.TextField(
        "à savoir",
        max_length=600,
        blank=True,
        help_text="Sous le résultat, après « Montants indicatifs, la facture fait foi ».",
    )
    activity_types: Any = ParentalManyToManyField(
        "activities.ActivityType",
        verbose_name="activités proposées",
        blank=True,
        related_name="+",
        help_text="Aucune case cochée : toutes les activités ouvertes aux familles.",
    )

    max_count = 1
    parent_page_types = ["cms_pages.HomePage", "cms_pages.ContentPage", "cms_pages.SectionPage"]
    subpage_types: list[str] = []
    template = "tariffs_simulator/simulator_page.html"
    content_panels = [
        *Page.content_panels,
        FieldPanel("lead", help_text="Une ou deux phrases : ce que l’on trouve ici."),
        FieldPanel("notice"),
        MultiFieldPanel(
            [
                HelpPanel("Les prix, les jours d’ouverture et les années se tiennent à jour tout seuls."),
                FieldPanel("activity_types", widget=CheckboxSelectMultiple),
            ],
            heading="Ce que le simulateur propose",
        ),
    ]
    search_fields = [*Page.search_fields, index.SearchField("lead"), index.SearchField("notice")]

    class Meta:
        verbose_name = "simulateur de tarifs"
        verbose_name_plural = "simulateurs de tarifs"

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The page. What somebody entered stands in its address: no cache keeps it, no other site is told it."""
        response: HttpResponse = super().serve(request, *args, **kwargs)
        if request.GET or request.user.is_authenticated:
            response["Cache-Control"] = "private, no-store"
            response["Referrer-Policy"] = "no-referrer"
            response["X-Robots-Tag"] = "noindex"
        return response

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The questions and, once something is ticked, the estimate."""
        from tariffs_simulator.page import simulator_context

        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        context.update(simulator_context(request, self))
        return context

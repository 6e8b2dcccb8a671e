"""News items and the page that lists them."""

import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.contrib.routable_page.models import RoutablePageMixin, path
from wagtail.fields import StreamField
from wagtail.models import Orderable, Page, PageManager
from wagtail.query import PageQuerySet
from wagtail.search import index

from cms_pages.audiences import AudienceFields, AudiencePageForm, AudienceQuerySet, audience_panel
from cms_pages.blocks import ProseBlock
from cms_pages.models import PortalPage
from news import events, feeds, listing, visits
from news.enums import AlertLevel
from news.models.category import NewsCategory
from portal.domain.kernel.clock import paris_date


def today() -> datetime.date:
    """The day it is in Paris: the date proposed for a new item."""
    return paris_date(timezone.now())


class NewsQuerySet(AudienceQuerySet["NewsPage"], PageQuerySet):
    def on_line(self, at: datetime.datetime) -> "NewsQuerySet":
        """On line at that instant: not one second after the expiry, whenever the clock of the tasks passes."""
        begun = Q(go_live_at__isnull=True) | Q(go_live_at__lte=at)
        not_over = Q(expire_at__isnull=True) | Q(expire_at__gt=at)
        return self.live().filter(begun, not_over)

    def for_the_public(self, at: datetime.datetime) -> "NewsQuerySet":
        """On line and for everybody: the only items of public lists, feeds and site maps."""
        return self.on_line(at).public().for_everybody()

    def pinned(self, at: datetime.datetime) -> "NewsQuerySet":
        """Those whose alert is up at that instant."""
        return self.exclude(alert_level="").filter(pinned_from__lte=at, pinned_until__gt=at)

    def latest_first(self) -> "NewsQuerySet":
        """Latest date first; two of one day, the last created first."""
        return self.select_related("category", "service").order_by("-date", "-pk")


class NewsIndexPage(RoutablePageMixin, PortalPage):
    """The list of the news, by pages of twelve, and its feeds under `flux/`."""

    lead = models.TextField("chapeau", max_length=400, blank=True)

    max_count = 1
    parent_page_types = ["cms_pages.HomePage"]
    subpage_types = ["news.NewsPage"]
    private_page_options: list[str] = []
    template = "news/news_index_page.html"
    content_panels = [*Page.content_panels, FieldPanel("lead")]

    class Meta:
        verbose_name = "liste des actualités"
        verbose_name_plural = "listes des actualités"

    def articles(self) -> NewsQuerySet:
        """The items of this list that everybody may read now."""
        return NewsPage.objects.child_of(self).for_the_public(timezone.now()).latest_first()

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """One page of items among those asked for; a page number that does not exist gives the nearest."""
        return super().get_context(request, *args, **kwargs) | listing.context(self, request)

    @path("flux/", name="feed")
    def feed(self, request: HttpRequest) -> HttpResponse:
        """The latest items for a feed reader, in RSS."""
        return feeds.feed(self, request)

    @path("flux/atom/", name="atom")
    def atom(self, request: HttpRequest) -> HttpResponse:
        """The same in Atom."""
        return feeds.feed(self, request, atom=True)

    @path("flux/rubrique/<slug:category>/", name="category_feed")
    def category_feed(self, request: HttpRequest, category: str) -> HttpResponse:
        """Those of one category, in RSS."""
        return feeds.feed(self, request, category=category)

    @path("flux/rubrique/<slug:category>/atom/", name="category_atom")
    def category_atom(self, request: HttpRequest, category: str) -> HttpResponse:
        """The same in Atom."""
        return feeds.feed(self, request, category=category, atom=True)


#: Web servers hand pictures out as they are: the portal cannot ask who looks. Attachments have their own guard.
PICTURES_ARE_PUBLIC = (
    "Les images ne sont jamais réservées : qui connaît l’adresse d’une image peut l’ouvrir, même si l’actualité est "
    "pour certaines familles. Ce qui doit rester entre elles se donne en pièce jointe."
)


class NewsPage(AudienceFields, RoutablePageMixin, PortalPage):
    """One news item. `date` is the one families read, not the instant of publication.

    Addressed to some, it is nowhere in public: no list, feed, search or site map shows it, a visitor is asked to sign
    in, and to another family it does not exist. `alert_level` with its two instants puts it on top of every page.
    """

    date = models.DateField("date", default=today)
    category = models.ForeignKey(
        NewsCategory,
        verbose_name="rubrique",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )  # a rubric that items carry is renamed, not lost
    service = models.ForeignKey(
        "activities.Service",
        verbose_name="service",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Celui à qui poser des questions : ses coordonnées sont montrées à côté.",
    )  # what was said outlives the service that said it
    excerpt = models.TextField(
        "extrait",
        max_length=300,
        help_text="Deux phrases : ce qui change et pour qui. Elles servent aussi de chapeau.",
    )
    image = models.ForeignKey(
        "wagtailimages.Image",
        verbose_name="image",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Décrivez-la dans la bibliothèque d’images : la description est lue à qui ne la voit pas.",
    )
    body = StreamField(ProseBlock(), verbose_name="contenu", blank=True, use_json_field=True)
    important = models.BooleanField(
        "à lire",
        default=False,
        help_text="Montrée en haut de l’espace des familles concernées, jusqu’à ce qu’elles la lisent.",
    )
    alert_level = models.CharField(
        "alerte",
        max_length=12,
        choices=AlertLevel.choices,
        blank=True,
        help_text="Le titre et l’extrait se lisent en haut de toutes les pages, pour qui peut lire l’actualité. "
        "Deux alertes au plus se montrent à la fois, les plus graves d’abord.",
    )
    pinned_from = models.DateTimeField("montrée du", null=True, blank=True)
    pinned_until = models.DateTimeField("au", null=True, blank=True)
    event_on = models.DateField(
        "jour", null=True, blank=True, help_text="Remplissez le jour si l’actualité annonce un rendez-vous."
    )
    event_until = models.DateField("jusqu’au", null=True, blank=True)
    event_starts_at = models.TimeField("de", null=True, blank=True)
    event_ends_at = models.TimeField("à", null=True, blank=True)
    event_place = models.CharField("lieu", max_length=150, blank=True)

    objects = PageManager.from_queryset(NewsQuerySet)()

    base_form_class = AudiencePageForm
    parent_page_types = ["news.NewsIndexPage"]
    subpage_types: list[str] = []
    # Whom it is for is said above: a second way of closing it would only contradict the first.
    private_page_options: list[str] = []
    template = "news/news_page.html"
    content_panels = [
        *Page.content_panels,
        MultiFieldPanel(
            [FieldRowPanel([FieldPanel("date"), FieldPanel("category"), FieldPanel("service")])],
            heading="Quand, sur quoi, de qui",
        ),
        FieldPanel("excerpt"),
        FieldPanel("image"),
        FieldPanel("body"),
        InlinePanel("attachments", heading="Pièces jointes", label="Pièce jointe"),
        audience_panel(PICTURES_ARE_PUBLIC),
        FieldPanel("important"),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("event_on"), FieldPanel("event_until")]),
                FieldRowPanel([FieldPanel("event_starts_at"), FieldPanel("event_ends_at")]),
                FieldPanel("event_place"),
            ],
            heading="Un rendez-vous",
            classname="collapsed",
        ),
        MultiFieldPanel(
            [
                FieldPanel("alert_level"),
                FieldRowPanel([FieldPanel("pinned_from"), FieldPanel("pinned_until")]),
            ],
            heading="Alerte en haut des pages",
            classname="collapsed",
        ),
    ]
    search_fields = [
        *Page.search_fields,
        index.SearchField("excerpt"),
        index.SearchField("body"),
        index.FilterField("date"),
        index.FilterField("audience"),
        index.FilterField("expire_at"),
    ]

    class Meta:
        verbose_name = "actualité"
        verbose_name_plural = "actualités"
        indexes = [
            models.Index(fields=["-date"], name="news_date"),
            models.Index(fields=["pinned_until"], condition=~Q(alert_level=""), name="news_alerts"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(alert_level="") | Q(pinned_from__isnull=False, pinned_until__gt=F("pinned_from")),
                name="news_alert_has_a_time",
                violation_error_message="Une alerte a un début et une fin, dans cet ordre.",
            ),
            models.CheckConstraint(
                condition=Q(event_on__isnull=False)
                | Q(event_until=None, event_starts_at=None, event_ends_at=None, event_place=""),
                name="news_event_has_a_day",
                violation_error_message="Donnez le jour du rendez-vous, ou effacez ses heures et son lieu.",
            ),
            models.CheckConstraint(
                condition=Q(event_until__isnull=True) | Q(event_until__gte=F("event_on")),
                name="news_event_days_in_order",
                violation_error_message="Le dernier jour du rendez-vous ne précède pas le premier.",
            ),
        ]

    def clean(self) -> None:
        """Alert and event are whole. Raises ValidationError naming the field and what to write in it."""
        super().clean()
        errors = {}
        if self.alert_level and not self.pinned_from:
            errors["pinned_from"] = "Donnez le jour et l’heure où l’alerte apparaît."
        if self.alert_level and not self.pinned_until:
            errors["pinned_until"] = "Donnez le jour et l’heure où l’alerte disparaît."
        if self.pinned_from and self.pinned_until and self.pinned_until <= self.pinned_from:
            errors["pinned_until"] = "L’alerte disparaît après être apparue : donnez une fin plus tardive."
        if not self.event_on and (self.event_until or self.event_starts_at or self.event_ends_at or self.event_place):
            errors["event_on"] = "Donnez le jour du rendez-vous, ou effacez ses heures et son lieu."
        if self.event_on and self.event_until and self.event_until < self.event_on:
            errors["event_until"] = "Le dernier jour du rendez-vous ne précède pas le premier."
        if self.event_ends_at and not self.event_starts_at:
            errors["event_starts_at"] = "Donnez aussi l’heure de début."
        one_day = self.event_until in (None, self.event_on)
        if one_day and self.event_starts_at and self.event_ends_at and self.event_ends_at <= self.event_starts_at:
            errors["event_ends_at"] = "Le rendez-vous finit après avoir commencé : donnez une heure plus tardive."
        if errors:
            raise ValidationError(errors)

    def is_on_line(self, at: datetime.datetime) -> bool:
        """Whether it is on line at that instant (the same rule as `NewsQuerySet.on_line`)."""
        begun = self.go_live_at is None or self.go_live_at <= at
        return bool(self.live and begun and (self.expire_at is None or self.expire_at > at))

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The item, to who may read it; see `news.visits`."""
        refusal = visits.refusal(self, request)
        if refusal is not None:
            return refusal
        visits.note_reading(self, request)
        response: HttpResponseBase = super().serve(request, *args, **kwargs)
        return visits.kept_private(response) if not self.is_public else response

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The item with its attachments and, for a family, the way back to its own news."""
        return super().get_context(request, *args, **kwargs) | visits.context(self, request)

    @path("agenda/", name="calendar")
    def calendar(self, request: HttpRequest) -> HttpResponse:
        """The event for the reader's own calendar. Raises Http404 for an item without event."""
        if self.event_on is None:
            raise Http404
        return events.calendar(self, request)

    def get_sitemap_urls(self, request: HttpRequest | None = None) -> list[dict[str, Any]]:
        """Nothing about what is addressed to some."""
        urls: list[dict[str, Any]] = super().get_sitemap_urls(request)
        return urls if self.is_public and self.is_on_line(timezone.now()) else []


class NewsAttachment(Orderable):
    """A file given with an item: who may not read the item may not open it (news.attachments)."""

    page = ParentalKey(NewsPage, on_delete=models.CASCADE, related_name="attachments")  # a part of the item
    document = models.ForeignKey(
        "wagtaildocs.Document", verbose_name="fichier", on_delete=models.CASCADE, related_name="+"
    )  # a line without its file says nothing
    label = models.CharField(
        "mots du lien", max_length=120, blank=True, help_text="Sans réponse, le titre du fichier."
    )

    panels = [FieldPanel("document"), FieldPanel("label")]

    class Meta(Orderable.Meta):
        verbose_name = "pièce jointe"
        verbose_name_plural = "pièces jointes"

    def __str__(self) -> str:
        return self.label or str(self.document)

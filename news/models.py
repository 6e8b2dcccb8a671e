"""News items and the page that lists them."""

from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.contrib.routable_page.models import RoutablePageMixin, path
from wagtail.fields import StreamField
from wagtail.models import Page, PageManager
from wagtail.query import PageQuerySet
from wagtail.search import index
from wagtail.snippets.models import register_snippet

from cms_pages.blocks import ProseBlock
from cms_pages.models import PortalPage
from news.feeds import NewsFeed
from portal.domain.kernel.clock import paris_date

PER_PAGE = 12


def today() -> date:
    """The day it is in Paris: the date proposed for a new item."""
    return paris_date(timezone.now())


@register_snippet
class NewsCategory(models.Model):
    """What a news item is about: cantine, périscolaire, vacances…"""

    slug = models.SlugField("code", unique=True)
    name = models.CharField("nom", max_length=40)
    order = models.PositiveSmallIntegerField("rang", default=0)

    panels = [FieldPanel("name"), FieldPanel("slug"), FieldPanel("order")]

    class Meta:
        verbose_name = "rubrique d’actualité"
        verbose_name_plural = "rubriques d’actualité"

    def __str__(self) -> str:
        return self.name


class NewsQuerySet(PageQuerySet):
    def latest_first(self) -> "NewsQuerySet":
        """On line, latest date first; two of one day, the last created first."""
        return self.live().public().select_related("category").order_by("-date", "-pk")


class NewsIndexPage(RoutablePageMixin, PortalPage):
    """The list of the news, by pages of twelve, and its feed at `flux/`."""

    lead = models.TextField("chapeau", max_length=400, blank=True)

    max_count = 1
    parent_page_types = ["cms_pages.HomePage"]
    subpage_types = ["news.NewsPage"]
    template = "news/news_index_page.html"
    content_panels = [*Page.content_panels, FieldPanel("lead")]

    class Meta:
        verbose_name = "liste des actualités"
        verbose_name_plural = "listes des actualités"

    def articles(self) -> NewsQuerySet:
        """The items of this list that are on line."""
        return NewsPage.objects.child_of(self).latest_first()

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """One page of items; a page number that does not exist gives the nearest."""
        context = super().get_context(request, *args, **kwargs)
        context["articles"] = Paginator(self.articles(), PER_PAGE).get_page(request.GET.get("page"))
        context["feed_url"] = (self.get_url(request) or "/") + self.reverse_subpage("feed")
        return context

    @path("flux/", name="feed")
    def feed(self, request: HttpRequest) -> HttpResponse:
        """The latest items for a feed reader."""
        return NewsFeed(self)(request)


class NewsPage(PortalPage):
    """One news item. `date` is the one families read, not the instant of publication."""

    date = models.DateField("date", default=today)
    category = models.ForeignKey(
        NewsCategory,
        verbose_name="rubrique",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )  # a rubric that items carry is renamed, not lost
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

    objects = PageManager.from_queryset(NewsQuerySet)()

    parent_page_types = ["news.NewsIndexPage"]
    subpage_types: list[str] = []
    template = "news/news_page.html"
    content_panels = [
        *Page.content_panels,
        MultiFieldPanel([FieldPanel("date"), FieldPanel("category")], heading="Quand, sur quoi"),
        FieldPanel("excerpt"),
        FieldPanel("image"),
        FieldPanel("body"),
    ]
    search_fields = [
        *Page.search_fields,
        index.SearchField("excerpt"),
        index.SearchField("body"),
        index.FilterField("date"),
    ]

    class Meta:
        verbose_name = "actualité"
        verbose_name_plural = "actualités"
        indexes = [models.Index(fields=["-date"], name="news_date")]

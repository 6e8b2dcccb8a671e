"""Reading the news, and where they are in the site."""

from datetime import date
from typing import cast

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cms_pages.fields import register_news_categories
from cms_pages.search import Hit, SearchSource, register_search_source
from cms_pages.search_pages import page_hits
from cms_pages.site_facts import page_address, register_landmark
from news.alerts import page_alerts
from news.family import family_state
from news.listing import with_pictures
from news.models import NewsCategory, NewsIndexPage, NewsPage, NewsQuerySet
from portal.domain.accounts.models import User
from portal.web.menu import MenuEntry, register_menu_entry
from portal.web.notices import ToRead, register_notice_provider, register_reading_provider
from portal.web.public_content import register_public_parameter

LANDMARK = "news"
_SLUG = r"[-a-zA-Z0-9_]{1,50}"


def latest_news(limit: int, *, category: str = "") -> list[NewsPage]:
    """The items that everybody may read now, latest first, in a constant number of queries.

    `category` (a code) keeps those of one rubric.
    """
    items = NewsPage.objects.for_the_public(timezone.now())
    if category:
        items = items.filter(category__slug=category)
    return list(with_pictures(items.latest_first())[:limit])


def news_address() -> str:
    """Where the list of the news is, or ""."""
    index = NewsIndexPage.objects.live().order_by("path").first()
    return (index.url or "") if index else ""


def unread_count(request: HttpRequest | None) -> int:
    """How many new items the signed-in person has not opened; 0 for everybody else."""
    return family_state(request).unread


def to_read(request: HttpRequest) -> list[ToRead]:
    """The important items for this family that the person has not opened."""
    return [ToRead(page.title, page.url or "", page.excerpt) for page in family_state(request).to_read]


def search_news(text: str, *, user: User | AnonymousUser, on: date) -> list[Hit]:
    """The items that this visitor may read with every word, best first."""
    readable = cast(NewsQuerySet, NewsPage.objects.on_line(timezone.now()).readable_by(user, on=on)).public()
    # The index is asked about items by their keys: it knows nothing of audiences.
    keys = list(readable.values_list("pk", flat=True))
    return page_hits(NewsPage.objects.filter(pk__in=keys), text, kind=str(_("Actualité")), day="date")


def connect() -> None:
    """Keep the address of the list, and put the news in the two menus. Called once, at start-up."""
    register_landmark(LANDMARK, news_address)
    register_menu_entry(
        "public",
        MenuEntry("news", _("Actualités"), "news", 20, url=lambda request: page_address(LANDMARK, request) or None),
    )
    register_menu_entry(
        "private",
        MenuEntry(
            "news",
            _("Actualités"),
            "news",
            20,
            url_name="news:family",
            count=unread_count,
            count_words=(_("actualité non lue"), _("actualités non lues")),
        ),
    )
    register_reading_provider(to_read)
    register_notice_provider(page_alerts)
    register_search_source(
        SearchSource(key="news", label=_("Actualités"), order=20, search=search_news, models=(NewsPage,))
    )
    register_news_categories(lambda: list(NewsCategory.objects.order_by("order", "name").values_list("slug", "name")))
    for name, pattern in (("rubrique", _SLUG), ("service", _SLUG), ("archives", r"\d{4}")):
        register_public_parameter(name, pattern)

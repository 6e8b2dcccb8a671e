"""The news as a feed."""

from datetime import datetime, time
from typing import TYPE_CHECKING

from django.contrib.syndication.views import Feed

from portal.domain.kernel.clock import at_paris
from portal.web.identity import current_identity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from news.models import NewsIndexPage, NewsPage

FEED_LENGTH = 20


class NewsFeed(Feed):  # type: ignore[type-arg]  # django-stubs: two parameters that Django does not have
    """RSS 2.0 of the latest items of one list: titles and excerpts, the page holds the rest."""

    language = "fr"

    def __init__(self, index: "NewsIndexPage") -> None:
        self.index = index

    def title(self) -> str:
        return f"{self.index.title} – {current_identity().title}"

    def description(self) -> str:
        return self.index.lead or f"Les actualités du {current_identity().title}."

    def link(self) -> str:
        return self.index.full_url or "/"

    def items(self) -> "Iterable[NewsPage]":
        return self.index.articles()[:FEED_LENGTH]

    def item_title(self, item: "NewsPage") -> str:
        return item.title

    def item_description(self, item: "NewsPage") -> str:
        return item.excerpt

    def item_link(self, item: "NewsPage") -> str:
        return item.full_url or "/"

    def item_pubdate(self, item: "NewsPage") -> datetime:
        return at_paris(item.date, time(8))

    def item_categories(self, item: "NewsPage") -> tuple[str, ...]:
        return (item.category.name,) if item.category else ()

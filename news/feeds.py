"""The news as feeds: what everybody may read, and nothing else."""

from datetime import datetime, time
from typing import TYPE_CHECKING

from django.contrib.syndication.views import Feed
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed

from news.models.category import NewsCategory
from portal.domain.kernel.clock import at_paris
from portal.web.identity import current_identity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from news.models import NewsIndexPage, NewsPage

FEED_LENGTH = 20


class AtomNewsFeed(Atom1Feed):
    """Served as Atom is served, so that readers find the right parser."""

    content_type = "application/atom+xml; charset=utf-8"


def feed(index: "NewsIndexPage", request: HttpRequest, *, category: str = "", atom: bool = False) -> HttpResponse:
    """The latest items of the list, or of one category by its code. Raises Http404 when no category has it."""
    about = NewsCategory.objects.filter(slug=category).first() if category else None
    if category and about is None:
        raise Http404
    return NewsFeed(index, request.path, about, atom=atom)(request)


class NewsFeed(Feed):  # type: ignore[type-arg]  # django-stubs: two parameters that Django does not have
    """RSS 2.0 or Atom 1.0 of the latest items of one list: titles and excerpts, the page holds the rest."""

    language = "fr"

    def __init__(self, index: "NewsIndexPage", path: str, category: NewsCategory | None, *, atom: bool) -> None:
        self.index, self.path, self.category = index, path, category
        self.feed_type = AtomNewsFeed if atom else Rss201rev2Feed

    def title(self) -> str:
        about = f"{self.index.title} – {self.category.name}" if self.category else self.index.title
        return f"{about} – {current_identity().title}"

    def description(self) -> str:
        return self.index.lead or f"Les actualités du {current_identity().title}."

    subtitle = description

    def link(self) -> str:
        here = self.index.full_url or "/"
        return f"{here}?rubrique={self.category.slug}" if self.category else here

    def feed_url(self) -> str:
        return self.path

    def author_name(self) -> str:
        return current_identity().title

    def items(self) -> "Iterable[NewsPage]":
        articles = self.index.articles()
        if self.category:
            articles = articles.filter(category=self.category)
        return articles[:FEED_LENGTH]

    def item_title(self, item: "NewsPage") -> str:
        return item.title

    def item_description(self, item: "NewsPage") -> str:
        return item.excerpt

    def item_link(self, item: "NewsPage") -> str:
        return item.full_url or "/"

    def item_pubdate(self, item: "NewsPage") -> datetime:
        return at_paris(item.date, time(8))

    def item_updateddate(self, item: "NewsPage") -> datetime:
        published = item.last_published_at
        return max(published, self.item_pubdate(item)) if published else self.item_pubdate(item)

    def item_categories(self, item: "NewsPage") -> tuple[str, ...]:
        return (item.category.name,) if item.category else ()

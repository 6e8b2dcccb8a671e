"""Reading the news, and where they are in the site."""

from cms_pages.site_facts import page_address, register_landmark
from news.models import NewsIndexPage, NewsPage
from portal.web.menu import MenuEntry, register_menu_entry

LANDMARK = "news"


def latest_news(limit: int) -> list[NewsPage]:
    """The items on line, latest first, in one query."""
    return list(NewsPage.objects.latest_first()[:limit])


def news_address() -> str:
    """Where the list of the news is, or ""."""
    index = NewsIndexPage.objects.live().order_by("path").first()
    return (index.url or "") if index else ""


def connect() -> None:
    """Keep the address of the list, and put it in the public menu. Called once, at start-up."""
    register_landmark(LANDMARK, news_address)
    register_menu_entry(
        "public",
        MenuEntry("news", "Actualités", "news", 20, url=lambda request: page_address(LANDMARK, request) or None),
    )

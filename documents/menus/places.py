"""Where the menus are in the site: their landmark, their entry in the public menu, what the search finds of them."""

from datetime import date

from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cms_pages.search import Hit, SearchSource, register_search_source
from cms_pages.site_facts import page_address, register_landmark
from documents.menus import queries
from documents.menus.models import Dish, MenuDay, MenuSite, MenusPage, MenuWeek
from documents.menus.queries import LANDMARK
from portal.domain import language
from portal.domain.accounts.models import User
from portal.domain.activities.models import CalendarSettings, Closure, PublicHoliday, SchoolHoliday
from portal.web.menu import MenuEntry, register_menu_entry
from portal.web.public_content import register_public_content


def find_page() -> str:
    """The address of the page of the menus, or ""."""
    page = MenusPage.objects.live().public().order_by("path").first()
    return (page.url or "") if page else ""


def search(text: str, *, user: User | AnonymousUser, on: date) -> list[Hit]:
    """The published dishes of these words, each with its day and place; nothing while the menus are not on line."""
    if not queries.menus_address():
        return []
    return [
        Hit(
            title=dish.name,
            url=dish.url,
            kind=_("Menu"),
            excerpt=f"{dish.site.name}, {language.words().long_date(dish.day)}",
            day=dish.day,
        )
        for dish in queries.search(text, on)
    ]


def connect() -> None:
    """Tell the site where the menus are and what changes them. Called once, at start-up."""
    register_landmark(LANDMARK, find_page)
    register_menu_entry(
        "public",
        MenuEntry(
            "menus", gettext_lazy("Menus"), "meal", 30, url=lambda request: page_address(LANDMARK, request) or None
        ),
    )
    register_search_source(SearchSource("menus", gettext_lazy("Menus"), 40, search))
    register_public_content(MenuSite, MenuWeek, MenuDay, Dish, SchoolHoliday, PublicHoliday, Closure, CalendarSettings)

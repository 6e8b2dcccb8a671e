"""The two menus of the portal, public and private.

An entry is shown only when the URLconf knows its view: parts of the portal that are not installed leave no dead link.
Applications add or replace entries by key from their `AppConfig.ready()`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.web.identity import FamilyHeader

MenuName = Literal["public", "private"]


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """One entry. `url_name` is a view name with `url_args`; `url` may compute the address instead (None hides it).

    `order` sorts, ten by ten. `unread` marks the entry that carries the count of unread messages; another count is
    given by `count`, with the words that follow it for the ears, singular and plural.
    `exact` lights the entry on its own address only, for the home pages. `icon` is a symbol of icons.svg
    without its "i-".
    """

    key: str
    label: str | Promise
    icon: str
    order: int
    url_name: str = ""
    url_args: tuple[object, ...] = ()
    url: Callable[[HttpRequest | None], str | None] | None = None
    unread: bool = False
    exact: bool = False
    count: Callable[[HttpRequest | None], int] | None = None
    count_words: tuple[str | Promise, str | Promise] = (_("message non lu"), _("messages non lus"))

    def resolve(self, request: HttpRequest | None) -> str | None:
        """The address of the entry, or None when nothing serves it."""
        if self.url is not None:
            return self.url(request)
        try:
            return reverse(self.url_name, args=self.url_args)
        except NoReverseMatch:
            return None


@dataclass(frozen=True, slots=True)
class MenuLink:
    """An entry ready to be drawn."""

    label: str
    icon: str
    url: str
    current: bool
    unread: int
    one: str = ""
    many: str = ""


def _my_space(request: HttpRequest | None) -> str | None:
    """« Mon espace » leads to the family's home, or to the sign-in page before."""
    user = getattr(request, "user", None)
    names = ["home:index"] if user is not None and user.is_authenticated else ["account_login"]
    for name in names:
        try:
            return reverse(name)
        except NoReverseMatch:
            continue
    return None


#: The entries of the whole portal; those whose part is not installed do not show.
DEFAULT_ENTRIES: dict[MenuName, dict[str, MenuEntry]] = {
    "public": {
        entry.key: entry
        for entry in (
            MenuEntry("home", _("Accueil"), "home", 10, url_name="wagtail_serve", url_args=("",), exact=True),
            MenuEntry("news", _("Actualités"), "news", 20, url_name="news:index"),
            MenuEntry("menus", _("Menus"), "meal", 30, url_name="documents:menus"),
            MenuEntry("information", _("Infos pratiques"), "info", 40, url_name="cms_pages:information"),
            MenuEntry("simulator", _("Simulateur"), "calc", 50, url_name="tariffs_simulator:index"),
            MenuEntry("account", _("Mon espace"), "user", 60, url=_my_space),
        )
    },
    "private": {
        entry.key: entry
        for entry in (
            MenuEntry("home", _("Accueil"), "home", 10, url_name="home:index", exact=True),
            MenuEntry("news", _("Actualités"), "news", 20, url_name="news:family"),
            MenuEntry("dossier", _("Dossier"), "folder", 30, url_name="dossier:index"),
            MenuEntry("enrolments", _("Inscriptions"), "pencil", 40, url_name="enrolments:index"),
            MenuEntry("planning", _("Planning"), "calendar", 50, url_name="planning:index"),
            MenuEntry("invoices", _("Facturation"), "euro", 60, url_name="invoices:index"),
            MenuEntry("messages", _("Messagerie"), "mail", 70, url_name="messages:index", unread=True),
        )
    },
}

_ENTRIES = {menu: dict(entries) for menu, entries in DEFAULT_ENTRIES.items()}


def register_menu_entry(menu: MenuName, entry: MenuEntry) -> None:
    """Adds an entry to a menu, or replaces the one that has the same key."""
    _ENTRIES[menu][entry.key] = entry


def entry_address(menu: MenuName, key: str, request: HttpRequest | None) -> str | None:
    """Where an entry leads, or None when it is not in this menu or nothing serves it."""
    entry = _ENTRIES[menu].get(key)
    return entry.resolve(request) if entry is not None else None


def entry_count(menu: MenuName, key: str, request: HttpRequest | None) -> int:
    """The count that an entry carries for whoever asks, 0 when it carries none."""
    entry = _ENTRIES[menu].get(key)
    return entry.count(request) if entry is not None and entry.count is not None else 0


def menu_links(
    menu: MenuName, request: HttpRequest | None, header: FamilyHeader | None = None
) -> tuple[MenuLink, ...]:
    """The entries that lead somewhere, in order; the deepest one that contains the current address is lit."""
    path = getattr(request, "path", "")
    found = [
        (entry, url)
        for entry in sorted(_ENTRIES[menu].values(), key=lambda entry: entry.order)
        if (url := entry.resolve(request)) is not None
    ]
    matching = [url for entry, url in found if path == url or (not entry.exact and path.startswith(url))]
    lit = max(matching, key=len, default=None)
    return tuple(
        MenuLink(
            label=str(entry.label),
            icon=entry.icon,
            url=url,
            current=url == lit,
            unread=_unread(entry, request, header),
            one=str(entry.count_words[0]),
            many=str(entry.count_words[1]),
        )
        for entry, url in found
    )


def _unread(entry: MenuEntry, request: HttpRequest | None, header: FamilyHeader | None) -> int:
    if entry.count is not None:
        return entry.count(request)
    return header.unread_messages if header is not None and entry.unread else 0

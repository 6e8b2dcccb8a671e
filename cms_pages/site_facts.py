"""What every page needs to know about the site, read once and kept: who the town is, where its pages are.

Kept in the cache because every page of the portal, the planning included, shows it; forgotten as soon as an agent
saves the identity or publishes, moves or takes down a page. Applications above add the address of a page that menus
lead to with `register_landmark`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.http import HttpRequest
from wagtail.models import Page, Site
from wagtail.signals import page_published, page_slug_changed, page_unpublished, post_page_move

from cms_pages.enums import FOOTER_ROLES, PageRole
from cms_pages.models import ContentPage, SiteIdentitySettings
from portal.web.identity import FooterLink, SiteIdentity, register_identity_provider
from portal.web.menu import MenuEntry, register_menu_entry

CACHE_KEY = "cms_pages.site_facts"
#: A safety net: what should have been forgotten and was not lasts five minutes.
CACHE_SECONDS = 300
_REQUEST_ATTRIBUTE = "_cms_site_facts"

Landmark = Callable[[], str]
"""Finds the address of a page, or "" when it is not on line."""

_landmarks: dict[str, Landmark] = {}


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """`identity` is None when no town was set up yet. `addresses` are those of roles and landmarks."""

    identity: SiteIdentity | None = None
    addresses: Mapping[str, str] = field(default_factory=dict)


def register_landmark(key: str, find: Landmark) -> None:
    """Keep the address that `find` gives under `key`, for menus and links of every page."""
    _landmarks[key] = find


def site_facts(request: HttpRequest | None = None) -> SiteFacts:
    """The facts of the default site, from the request, else the cache, else the database (four queries)."""
    known: SiteFacts | None = getattr(request, _REQUEST_ATTRIBUTE, None)
    if known is None:
        known = cache.get(CACHE_KEY)
    if known is None:
        known = _read()
        cache.set(CACHE_KEY, known, CACHE_SECONDS)
    if request is not None:
        setattr(request, _REQUEST_ATTRIBUTE, known)
    return known


def page_address(key: str, request: HttpRequest | None = None) -> str:
    """The address of the page that has this role or landmark; "" when there is none on line."""
    return site_facts(request).addresses.get(key, "")


def forget() -> None:
    """Drop what is kept, now and once the transaction is over (another process may read in between)."""
    cache.delete(CACHE_KEY)
    transaction.on_commit(lambda: cache.delete(CACHE_KEY))


def connect() -> None:
    """Register the identity and the menu entry, and listen to what changes them. Called once, at start-up."""
    register_identity_provider(_identity)
    register_menu_entry(
        "public",
        MenuEntry(
            "information",
            "Infos pratiques",
            "info",
            40,
            url=lambda request: page_address(PageRole.INFORMATION, request) or None,
        ),
    )
    for signal in (page_published, page_unpublished, page_slug_changed, post_page_move):
        signal.connect(_changed, dispatch_uid="cms_pages.site_facts")
    for sender in (SiteIdentitySettings, Site):
        post_save.connect(_changed, sender=sender, dispatch_uid="cms_pages.site_facts")
    post_delete.connect(_page_deleted, dispatch_uid="cms_pages.site_facts")


def _changed(**kwargs: Any) -> None:
    forget()


def _page_deleted(sender: type, **kwargs: Any) -> None:
    if issubclass(sender, (Page, SiteIdentitySettings)):
        forget()


def _identity(request: HttpRequest | None) -> SiteIdentity | None:
    return site_facts(request).identity


def _read() -> SiteFacts:
    site = Site.objects.select_related("root_page").filter(is_default_site=True).first()
    if site is None:
        return SiteFacts()
    pages = {page.role: page for page in ContentPage.objects.live().descendant_of(site.root_page).exclude(role="")}
    addresses = {role: page.url or "" for role, page in pages.items()}
    addresses |= {key: find() for key, find in _landmarks.items()}
    saved = SiteIdentitySettings.base_queryset().filter(site=site).first()
    return SiteFacts(
        identity=_identity_from(saved, pages=pages, addresses=addresses) if saved else None,
        addresses={key: address for key, address in addresses.items() if address},
    )


def _identity_from(
    saved: SiteIdentitySettings, *, pages: Mapping[str, ContentPage], addresses: Mapping[str, str]
) -> SiteIdentity:
    contact_url = addresses.get(PageRole.INFORMATION, "")
    town_hall_links = []
    if contact_url:
        town_hall_links.append(FooterLink("Toutes les coordonnées", contact_url))
        if saved.public_computer:
            town_hall_links.append(FooterLink("Un ordinateur est à votre disposition à l’accueil", contact_url))
    return SiteIdentity(
        name=saved.name,
        name_with_article=saved.name_with_article,
        product=saved.product,
        contact_name=saved.contact_name,
        phone=saved.phone,
        email=saved.email,
        hours=_lines(saved.hours),
        town_hall=saved.town_hall,
        address=_lines(saved.address),
        town_hall_links=tuple(town_hall_links),
        accessibility=saved.accessibility,
        accessibility_url=addresses.get(PageRole.ACCESSIBILITY, ""),
        legal_links=tuple(
            FooterLink(pages[role].title, addresses[role]) for role in FOOTER_ROLES if addresses.get(role)
        ),
        brand=saved.brand,
        logo_url=saved.logo.get_rendition("max-176x176").url if saved.logo else "",
    )


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())

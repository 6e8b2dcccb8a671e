"""What every page needs to know about the site, read once and kept: who the town is, where its pages are.

Kept in memory because every page of the portal, the planning included, shows it; forgotten as soon as an agent
saves the identity or publishes, moves or takes down a page. Applications above add the address of a page that menus
lead to with `register_landmark`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models.signals import post_delete, post_save
from django.http import HttpRequest
from django.utils import timezone
from wagtail.models import Page, Site
from wagtail.signals import page_published, page_slug_changed, page_unpublished, post_page_move

from cms_pages.enums import FOOTER_ROLES, PageRole
from cms_pages.models import (
    AccessibilityDeclaration,
    ContactPage,
    ContentPage,
    FaqPage,
    PortalPage,
    SiteIdentitySettings,
    StructureIndexPage,
)
from portal.domain.kernel.clock import paris_date
from portal.web.identity import FooterLink, SiteIdentity, register_identity_provider
from portal.web.menu import MenuEntry, register_menu_entry
from portal.web.public_content import kept, will_change

_REQUEST_ATTRIBUTE = "_cms_site_facts"

CONTACT, STRUCTURES = "contact", "structures"
#: Pages that are found by what they are; a page that an agent gave the role comes first.
_OF_A_KIND: dict[str, type[PortalPage]] = {
    CONTACT: ContactPage,
    STRUCTURES: StructureIndexPage,
    PageRole.HELP: FaqPage,
}

Landmark = Callable[[], str]
"""Finds the address of a page, or "" when it is not on line."""

_landmarks: dict[str, Landmark] = {}


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """`saved` is None when no town was set up yet. `addresses` are those of roles and landmarks."""

    saved: SiteIdentity | None = None
    addresses: Mapping[str, str] = field(default_factory=dict)
    declaration: AccessibilityDeclaration = field(default_factory=AccessibilityDeclaration)

    @property
    def identity(self) -> SiteIdentity | None:
        """The identity with the state of accessibility of today: an audit ends without anybody saving anything."""
        if self.saved is None:
            return None
        status = self.declaration.status(on=paris_date(timezone.now()))
        return replace(self.saved, accessibility=str(status.label))


def register_landmark(key: str, find: Landmark) -> None:
    """Keep the address that `find` gives under `key`, for menus and links of every page."""
    _landmarks[key] = find


def site_facts(request: HttpRequest | None = None) -> SiteFacts:
    """The facts of the default site, from the request, else this process, else the database (four queries)."""
    known: SiteFacts | None = getattr(request, _REQUEST_ATTRIBUTE, None)
    if known is None:
        known = kept("cms_pages.site_facts", _read, request)
    if request is not None:
        setattr(request, _REQUEST_ATTRIBUTE, known)
    return known


def page_address(key: str, request: HttpRequest | None = None) -> str:
    """The address of the page that has this role or landmark; "" when there is none on line."""
    return site_facts(request).addresses.get(key, "")


def forget() -> None:
    """Drop what every process keeps, now and once the transaction is over (another may read in between)."""
    will_change()


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
    for sender in (SiteIdentitySettings, AccessibilityDeclaration, Site):
        post_save.connect(_changed, sender=sender, dispatch_uid="cms_pages.site_facts")
    post_delete.connect(_page_deleted, dispatch_uid="cms_pages.site_facts")


def _changed(**kwargs: Any) -> None:
    forget()


def _page_deleted(sender: type, **kwargs: Any) -> None:
    if issubclass(sender, (Page, SiteIdentitySettings, AccessibilityDeclaration)):
        forget()


def _identity(request: HttpRequest | None) -> SiteIdentity | None:
    return site_facts(request).identity


def _read() -> SiteFacts:
    site = Site.objects.select_related("root_page").filter(is_default_site=True).first()
    if site is None:
        return SiteFacts()
    pages: dict[str, PortalPage] = {
        page.role: page for page in ContentPage.objects.live().descendant_of(site.root_page).exclude(role="")
    }
    for key, model in _OF_A_KIND.items():
        if key not in pages and (page := model.objects.live().public().order_by("path").first()):
            pages[key] = page
    addresses = {key: page.url or "" for key, page in pages.items()}
    addresses |= {key: find() for key, find in _landmarks.items()}
    saved = SiteIdentitySettings.base_queryset().filter(site=site).first()
    declared = AccessibilityDeclaration.objects.filter(site=site).first()
    return SiteFacts(
        saved=_identity_from(saved, pages=pages, addresses=addresses) if saved else None,
        addresses={key: address for key, address in addresses.items() if address},
        declaration=declared or AccessibilityDeclaration(),
    )


def _identity_from(
    saved: SiteIdentitySettings, *, pages: Mapping[str, PortalPage], addresses: Mapping[str, str]
) -> SiteIdentity:
    contact_url = addresses.get(CONTACT) or addresses.get(PageRole.INFORMATION, "")
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
        accessibility_url=addresses.get(PageRole.ACCESSIBILITY, ""),
        legal_links=tuple(
            FooterLink(pages[role].title, addresses[role]) for role in FOOTER_ROLES if addresses.get(role)
        ),
        brand=saved.brand,
        logo_url=saved.logo.get_rendition("max-176x176").url if saved.logo else "",
    )


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())

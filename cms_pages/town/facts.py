"""The legal facts and networks, added to what every page knows of the town."""

from dataclasses import replace
from typing import Any

from django.http import HttpRequest

from cms_pages.site_facts import site_facts
from cms_pages.town.models import FamilyTile, LegalSettings
from portal.web.home.tiles import register_tile_choice
from portal.web.identity import FooterLink, LegalFacts, SiteIdentity, register_identity_provider
from portal.web.public_content import kept


def connect() -> None:
    """Complete the identity. Called once, at start-up, after the pages have registered theirs."""
    register_identity_provider(full_identity)
    register_tile_choice(chosen_tiles)


def full_identity(request: HttpRequest | None) -> SiteIdentity | None:
    """The identity of the site settings, with legal facts and networks; no query when they are known."""
    identity = site_facts(request).identity
    if identity is None:
        return None
    return replace(identity, **kept("town.legal", _read, request))


def chosen_tiles(request: HttpRequest) -> tuple[str, ...]:
    """The tiles of the family's home, in the order of the town; empty when it chose none."""
    return kept("town.tiles", _read_tiles, request)


def _read_tiles() -> tuple[str, ...]:
    tiles = FamilyTile.objects.filter(owner__site__is_default_site=True).order_by("sort_order", "pk")
    return tuple(tiles.values_list("key", flat=True))


def _read() -> dict[str, Any]:
    saved = LegalSettings.objects.filter(site__is_default_site=True).prefetch_related("social_links").first()
    if saved is None:
        return {}
    return {
        "social_links": tuple(FooterLink(link.name, link.url) for link in saved.social_links.all()),
        "legal": LegalFacts(
            publisher=saved.publisher,
            siret=saved.siret,
            director=saved.director,
            host=tuple(line.strip() for line in saved.host.splitlines() if line.strip()),
            data_protection=saved.data_protection,
            data_protection_email=saved.data_protection_email,
            contact_email=saved.contact_email,
        ),
    }

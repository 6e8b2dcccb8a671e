"""Who the portal belongs to and who is signed in, as every page shows it.

The layers above (site settings in the CMS) and beside (the families' screens) register how to read these facts; the
layout only knows the two small values below. Without any provider the facts come from `settings.PORTAL_IDENTITY`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest

DEFAULT_BRAND = "#1f6173"


@dataclass(frozen=True, slots=True)
class FooterLink:
    """A link of the footer: its words and where it leads."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class LegalFacts:
    """What the legal notice must say (loi 2004-575, art. 1-1; GDPR, art. 13). Empty strings are not known yet.

    `siret` is written by groups. `host` holds the name of the host, then its address and phone, line by line.
    """

    publisher: str = ""
    siret: str = ""
    director: str = ""
    host: tuple[str, ...] = ()
    data_protection: str = ""
    data_protection_email: str = ""
    contact_email: str = ""


@dataclass(frozen=True, slots=True)
class SiteIdentity:
    """What a page says about the commune.

    `name` stands alone ("Les Rousses"), `name_with_article` follows a noun ("Portail famille des Rousses").
    `phone` is written as it is read, by pairs. `brand` is the commune's one colour as `#rrggbb`.
    `logo_url` empty means the portal's own drawing. `legal_links` and `social_links` are shown at the
    foot, in order.
    """

    name: str = "Votre commune"
    name_with_article: str = "de votre commune"
    product: str = "Portail famille"
    contact_name: str = ""
    phone: str = ""
    email: str = ""
    hours: tuple[str, ...] = ()
    town_hall: str = ""
    address: tuple[str, ...] = ()
    town_hall_links: tuple[FooterLink, ...] = ()
    accessibility: str = "non conforme"
    accessibility_url: str = ""
    legal_links: tuple[FooterLink, ...] = ()
    social_links: tuple[FooterLink, ...] = ()
    legal: LegalFacts = field(default_factory=LegalFacts)
    brand: str = DEFAULT_BRAND
    logo_url: str = ""
    public_url: str = ""

    @property
    def title(self) -> str:
        """The end of every page title: "Portail famille des Rousses"."""
        return f"{self.product} {self.name_with_article}"

    @property
    def phone_href(self) -> str:
        """The number as a `tel:` address in the international form."""
        digits = "".join(character for character in self.phone if character.isdigit() or character == "+")
        if digits.startswith("0") and len(digits) == 10:
            digits = "+33" + digits[1:]
        return f"tel:{digits}" if digits else ""

    @property
    def town_hall_title(self) -> str:
        """The heading above the address: "Mairie des Rousses" unless another is given."""
        return self.town_hall or f"Mairie {self.name_with_article}"


@dataclass(frozen=True, slots=True)
class HeaderNotice:
    """An unread notice under « Notifications ▾ »."""

    pk: int
    title: str
    at: datetime


@dataclass(frozen=True, slots=True)
class FamilyHeader:
    """What the top of the page says about the signed-in family: "Famille Vuillet · dossier n° 4127".

    `switch_url` is where somebody who belongs to several families chooses another, else empty.
    """

    family_name: str
    dossier_number: str = ""
    unread_messages: int = 0
    unread_notifications: int = 0
    notifications_url: str = field(default="")
    notifications: tuple[HeaderNotice, ...] = ()
    switch_url: str = ""


IdentityProvider = Callable[[HttpRequest | None], SiteIdentity | None]
FamilyHeaderProvider = Callable[[HttpRequest], FamilyHeader | None]

_identity_providers: list[IdentityProvider] = []
_family_header_providers: list[FamilyHeaderProvider] = []
_last_known: SiteIdentity | None = None


def register_identity_provider(provider: IdentityProvider) -> IdentityProvider:
    """Adds a source for the commune's identity; the last registered that answers wins.

    The provider receives the request, or None for a mail or a task, and may answer None: "I do not know".
    Usable as a decorator. Registering the same function twice has no effect.
    """
    if provider not in _identity_providers:
        _identity_providers.append(provider)
    return provider


def register_family_header_provider(provider: FamilyHeaderProvider) -> FamilyHeaderProvider:
    """Adds a source for the signed-in family's name and number; the last registered that answers wins."""
    if provider not in _family_header_providers:
        _family_header_providers.append(provider)
    return provider


def default_identity() -> SiteIdentity:
    """The identity given by `settings.PORTAL_IDENTITY`, a mapping with the names of `SiteIdentity`.

    Raises TypeError when the setting holds a name that does not exist: a typing mistake must be seen.
    """
    values: dict[str, Any] = dict(getattr(settings, "PORTAL_IDENTITY", {}) or {})
    for spec in fields(SiteIdentity):
        value = values.get(spec.name)
        if spec.name in {"hours", "address"} and value is not None:
            values[spec.name] = tuple(value)
        if spec.name in {"town_hall_links", "legal_links", "social_links"} and value is not None:
            values[spec.name] = tuple(FooterLink(*link) for link in value)
    return replace(SiteIdentity(), **values)


def current_identity(request: HttpRequest | None = None) -> SiteIdentity:
    """The commune's identity now; may read the database through a provider."""
    global _last_known
    for provider in reversed(_identity_providers):
        identity = provider(request)
        if identity is not None:
            _last_known = identity
            return identity
    return default_identity()


def safe_identity() -> SiteIdentity:
    """The identity without touching the database: the last one read by this process, else the settings'.

    For pages shown when something is broken.
    """
    return _last_known or default_identity()


def current_family_header(request: HttpRequest) -> FamilyHeader | None:
    """The signed-in family as the header shows it; None for a visitor or an agent."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return None
    for provider in reversed(_family_header_providers):
        header = provider(request)
        if header is not None:
            return header
    return None

"""Pages of the public site, the settings that say who the town is, the terms being prepared."""

from cms_pages.models.base import PortalPage
from cms_pages.models.pages import ContactPage, ContentPage, FaqPage, HomePage, SectionPage
from cms_pages.models.settings import PHONE, AccessibilityDeclaration, SiteIdentitySettings, validate_colour
from cms_pages.models.structures import OLDEST, StructureIndexPage, StructurePage
from cms_pages.models.terms import TermsDraft

__all__ = [
    "OLDEST",
    "PHONE",
    "AccessibilityDeclaration",
    "ContactPage",
    "ContentPage",
    "FaqPage",
    "HomePage",
    "PortalPage",
    "SectionPage",
    "SiteIdentitySettings",
    "StructureIndexPage",
    "StructurePage",
    "TermsDraft",
    "validate_colour",
]

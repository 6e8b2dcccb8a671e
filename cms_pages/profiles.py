"""What a profile says of the public site: the identity of the town, its images, the home page, the pages to read."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from wagtail.models import Page, Site

from cms_pages import profile_pages
from cms_pages.models import AccessibilityDeclaration, HomePage, SiteIdentitySettings
from cms_pages.page_writer import write_page
from cms_pages.profile_images import load_images
from cms_pages.profile_pages import (
    at_most,
    check_links,
    check_text_links,
    home_page,
    link_value,
    page_keys,
    page_slugs,
)
from cms_pages.profile_tables import (
    AccessibilityTable,
    ContactTable,
    FaqPageTable,
    HomeSectionTable,
    HomeTable,
    ImageTable,
    PageTable,
    SectionPageTable,
    SiteTable,
    StructureIndexTable,
    StructurePageTable,
)
from portal.backoffice.profiles import kinds
from portal.backoffice.profiles.checks import unique
from portal.backoffice.profiles.loading import Loading
from portal.backoffice.profiles.schema import Kind, Place, valid
from portal.backoffice.profiles.sections import Section, register_section
from portal.backoffice.profiles.source import Profile
from portal.backoffice.roles import Role, grant, set_publication
from portal.web.design.colour import validate_brand_colour

__all__ = ["check_text_links", "home_page", "page_keys", "page_slugs", "register"]


def register() -> None:
    """Add the public site to what profiles may hold, and its screens to the roles. Called once, at start-up."""
    _add("images", kinds.tables(ImageTable), "Les images que le reste nomme.", 5, _check_images, load_images)
    _add("site", kinds.table(SiteTable), "Ce que chaque page dit de la commune.", 10, _nothing_more, _load_site, True)
    _add(
        "accessibility",
        kinds.table(AccessibilityTable),
        "La déclaration d’accessibilité ; sans elle, « non conforme ».",
        11,
        _check_accessibility,
        _load_accessibility,
    )
    _add(
        "pages", kinds.tables(PageTable), "Les pages à lire.", 15, profile_pages.check_pages, profile_pages.load_pages
    )
    _add(
        "section_pages",
        kinds.tables(SectionPageTable),
        "Les pages de rubrique : petite enfance, jeunesse, écoles.",
        16,
        profile_pages.check_section_pages,
        profile_pages.load_section_pages,
    )
    _add(
        "structure_index",
        kinds.table(StructureIndexTable),
        "La liste des structures.",
        16,
        profile_pages.check_structure_index,
        profile_pages.load_structure_index,
    )
    _add(
        "structure_pages",
        kinds.tables(StructurePageTable),
        "La page de chaque structure.",
        17,
        profile_pages.check_structure_pages,
        profile_pages.load_structure_pages,
    )
    _add(
        "faq_pages",
        kinds.tables(FaqPageTable),
        "Les questions fréquentes, par sujet.",
        16,
        profile_pages.check_faq_pages,
        profile_pages.load_faq_pages,
    )
    _add(
        "contact",
        kinds.table(ContactTable),
        "La page de contacts.",
        16,
        profile_pages.check_contact,
        profile_pages.load_contact,
    )
    _add("home", kinds.table(HomeTable), "La page d’accueil publique.", 20, _check_home, _load_home, True)
    for role in (Role.COMMUNICATION, Role.MANAGEMENT):
        grant(role, "cms_pages.change_termsdraft", "cms_pages.publish_terms")
    grant(
        Role.COMMUNICATION,
        "cms_pages.change_siteidentitysettings",
        "cms_pages.change_accessibilitydeclaration",
        # The address of a place is written where the place is.
        *(f"activities.{action}_structure" for action in ("view", "add", "change")),
    )


def _add(
    name: str,
    kind: Kind,
    help_text: str,
    order: int,
    check: Callable[[Profile, Any, Place], None],
    load: Callable[[Loading, Any], None],
    required: bool = False,
) -> None:
    example = f"[[{name}]]" if kind.label == "tables" else f"[{name}]"
    register_section(
        Section(
            name=name,
            kind=kind,
            help=help_text,
            example=example,
            order=order,
            check=check,
            load=load,
            required=required,
        )
    )


# Checks


def _nothing_more(profile: Profile, value: SiteTable, place: Place) -> None:
    """Each key says by itself whether it is right."""


def _check_images(profile: Profile, images: tuple[ImageTable, ...], place: Place) -> None:
    unique(images, "code", place)


def _check_accessibility(profile: Profile, table: AccessibilityTable, place: Place) -> None:
    if valid(table.audited_on, table.rate) and (table.audited_on is None) != (table.rate is None):
        place.refuse("un taux va avec la date de son audit.", "Donnez « audited_on » et « rate », ou aucun des deux.")


def _check_home(profile: Profile, home: HomeTable, place: Place) -> None:
    if valid(home.actions):
        at_most(home.actions, 2, place.at("actions"), "boutons")
        check_links(home.actions, profile, place)
    for section in home.sections if valid(home.sections) else ():
        here = Place(place.folder, place.problems, place.file, section.path)
        if bool(section.tiles) == bool(section.documents):
            here.refuse("attend des tuiles ou des documents, l’un ou l’autre.")
        if section.card and not section.documents:
            here.at("card").refuse("une mise en avant accompagne des documents.")
        check_links(section.documents or (), profile, place)
        if section.card and section.card.link:
            check_links((section.card.link,), profile, place)
        at_most(section.tiles or (), 6, here.at("tiles"), "tuiles")
        for tile in section.tiles or ():
            at_most(tile.links or (), 3, Place(place.folder, place.problems, place.file, tile.path), "liens")
            check_links(tile.links or (), profile, place)


# Loading


def _load_site(loading: Loading, table: SiteTable) -> None:
    commune = loading.profile.town.commune
    site = Site.objects.filter(is_default_site=True).first()
    if site is None:
        site = Site.objects.create(
            hostname="localhost", port=80, is_default_site=True, root_page=Page.get_first_root_node()
        )
    address = urlsplit(settings.PORTAL_BASE_URL)
    site.hostname = address.hostname or "localhost"
    site.port = address.port or (443 if address.scheme == "https" else 80)
    site.site_name = f"{table.product} {commune.name_with_article}"
    site.save()
    loading.store(
        SiteIdentitySettings,
        find={"site": site},
        values={
            "name": commune.name,
            "name_with_article": commune.name_with_article,
            "product": table.product,
            "brand": table.brand,
            "contact_name": table.contact_name,
            "hours": "\n".join(table.hours),
            "phone": table.phone,
            "email": table.email,
            "town_hall": table.town_hall,
            "address": "\n".join(table.address),
            "public_computer": table.public_computer,
        },
        path=table.path,
    )
    set_publication(checked=table.publication == "validation")
    for warning in validate_brand_colour(table.brand):
        loading.report.note(f"{table.path}.brand : {warning}")


def _load_accessibility(loading: Loading, table: AccessibilityTable) -> None:
    lists = ("non_conform", "derogations", "exempted", "technologies", "tested_with", "tested_pages")
    plain = ("audited_on", "rate", "auditor", "rgaa", "established_on", "contact_email", "contact_phone")
    loading.store(
        AccessibilityDeclaration,
        find={"site": Site.objects.get(is_default_site=True)},
        values={name: getattr(table, name) for name in plain}
        | {name: "\n".join(getattr(table, name)) for name in lists},
        path=table.path,
    )


def _load_home(loading: Loading, table: HomeTable) -> None:
    home = home_page(loading)
    keys = page_keys(loading)
    write_page(
        loading,
        HomePage,
        parent=home.get_parent(),
        slug=home.slug,
        values={
            "title": table.title,
            "hero_title": table.hero_title,
            "lead": table.lead,
            "search_description": table.description,
            "actions": [{"type": "link", "value": link_value(link, keys)} for link in table.actions],
            "sections": [_section(section, keys) for section in table.sections],
            "shows_coming": table.shows_coming,
            "shows_space": table.shows_space,
            "shows_sections": table.shows_sections,
        },
        path=table.path,
    )


def _section(table: HomeSectionTable, keys: Mapping[str, int]) -> dict[str, Any]:
    if table.tiles:
        tiles = [
            {
                "icon": tile.icon,
                "title": tile.title,
                "text": tile.text,
                "links": _items(link_value(link, keys) for link in tile.links),
            }
            for tile in table.tiles
        ]
        return {"type": "tiles", "value": {"title": table.title, "tiles": _items(tiles)}}
    documents = {
        "title": table.title,
        "entries": _items({"link": link_value(link, keys), "note": link.note} for link in table.documents),
    }
    if table.card is None:
        return {"type": "documents", "value": documents}
    card = {
        "icon": table.card.icon,
        "title": table.card.title,
        "text": table.card.text,
        "links": _items([link_value(table.card.link, keys)] if table.card.link else []),
    }
    return {"type": "side_by_side", "value": {"documents": documents, "card": card}}


def _items(values: Any) -> list[dict[str, Any]]:
    """The items of a list block: plain values, Wagtail gives them their identifiers."""
    return list(values)

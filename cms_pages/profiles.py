"""What a profile says of the public site: the identity of the town, the home page, the pages to read."""

# `key()` declares a field, as `dataclasses.field()` does: nothing is shared between instances.
# ruff: noqa: RUF009

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from wagtail.models import Page, Site

from cms_pages.blocks import DOORS
from cms_pages.enums import AccessibilityStatus, Icon, PageRole
from cms_pages.models import ContentPage, HomePage, SiteIdentitySettings
from cms_pages.page_writer import body_from, page_links, reserve_page, write_page
from portal.backoffice.profiles import kinds
from portal.backoffice.profiles.checks import refer, unique
from portal.backoffice.profiles.kinds import TextFile
from portal.backoffice.profiles.loading import Loading
from portal.backoffice.profiles.problems import suggestion
from portal.backoffice.profiles.schema import Kind, Place, Table, key, shown, valid
from portal.backoffice.profiles.sections import Section, register_section
from portal.backoffice.profiles.source import Profile
from portal.backoffice.roles import Role, grant
from portal.web.design.colour import NotAColour, parse_hex, validate_brand_colour
from portal.web.identity import DEFAULT_BRAND

HOME = "home"
"""The name of the home page among `loading.codes["pages"]`."""


def _colour(value: Any, place: Place) -> Any:
    try:
        parse_hex(value if isinstance(value, str) else "")
    except NotAColour:
        return place.refuse(f"{shown(value)} n’est pas une couleur.", "En hexadécimal, par exemple « #1f6173 ».")
    return value.strip().lower()


colour = Kind('couleur, `"#1f6173"`', _colour)
link_door = kinds.choice([name for name, _label in DOORS])


@dataclass(frozen=True, kw_only=True)
class SiteTable(Table):
    product: str = key(kinds.text(60), "Le nom du portail.", example='"Portail famille"', default="Portail famille")
    brand: str = key(colour, "La couleur de la commune.", example='"#1f6173"', default=DEFAULT_BRAND)
    contact_name: str = key(kinds.text(100), "Le service à contacter.", example='"Service Enfance"', default="")
    hours: tuple[str, ...] = key(
        kinds.lines, "Ses horaires, une ligne par ligne affichée.", example='["du lundi au vendredi"]', default=()
    )
    phone: str = key(kinds.phone, "Son téléphone.", example='"01 99 00 12 34"', default="")
    email: str = key(kinds.mail, "Son adresse mail.", example='"enfance@mairie.example"', default="")
    town_hall: str = key(
        kinds.text(100), "Le nom de la mairie ; sans réponse, « Mairie » et le nom.", example='"Mairie"', default=""
    )
    address: tuple[str, ...] = key(
        kinds.lines,
        "L’adresse de la mairie, une ligne par ligne affichée.",
        example='["39220 Les Rousses"]',
        default=(),
    )
    public_computer: bool = key(
        kinds.boolean, "Si un ordinateur est à la disposition du public.", example="true", default=False
    )
    accessibility: str = key(
        kinds.choice(AccessibilityStatus.values),
        "L’état de conformité déclaré ; sans audit, « non conforme ».",
        example='"non conforme"',
        default=AccessibilityStatus.NONE.value,
    )


@dataclass(frozen=True, kw_only=True)
class LinkTable(Table):
    label: str = key(kinds.text(120), "Les mots du lien.", example='"Lire le règlement"')
    page: str = key(kinds.reference("`pages`"), "La page où il mène.", example='"reglement"', default="")
    door: str = key(link_door, "L’écran du portail où il mène.", example='"account_signup"', default="")
    url: str = key(kinds.url, "L’adresse où il mène.", example='"https://www.exemple.example"', default="")
    note: str = key(
        kinds.text(120), "Une précision, dans une liste de documents.", example='"page à lire"', default=""
    )


@dataclass(frozen=True, kw_only=True)
class TileTable(Table):
    title: str = key(kinds.text(80), "Son titre.", example='"Enfance et écoles"')
    icon: str = key(kinds.choice(Icon.values), "Son pictogramme.", example='"meal"', default=Icon.INFORMATION.value)
    text: str = key(kinds.text(300), "Deux lignes.", example='"Cantine, accueils du matin et du soir."', default="")
    links: tuple[LinkTable, ...] = key(
        kinds.tables(LinkTable), "Ses liens, trois au plus.", example="[[home.sections.tiles.links]]", default=()
    )


@dataclass(frozen=True, kw_only=True)
class CardTable(Table):
    title: str = key(kinds.text(120), "Son titre.", example='"Première visite ?"')
    icon: str = key(kinds.choice(Icon.values), "Son pictogramme.", example='"info"', default=Icon.INFORMATION.value)
    text: str = key(kinds.text(500), "Son texte.", example='"Le numéro de dossier est sur votre facture."')
    link: LinkTable | None = key(
        kinds.table(LinkTable), "Son bouton.", example="[home.sections.card.link]", default=None
    )


@dataclass(frozen=True, kw_only=True)
class HomeSectionTable(Table):
    title: str = key(kinds.text(120), "Son titre.", example='"Enfance, jeunesse, écoles"')
    tiles: tuple[TileTable, ...] = key(
        kinds.tables(TileTable), "Des tuiles, six au plus.", example="[[home.sections.tiles]]", default=()
    )
    documents: tuple[LinkTable, ...] = key(
        kinds.tables(LinkTable), "Ou une liste de documents.", example="[[home.sections.documents]]", default=()
    )
    card: CardTable | None = key(
        kinds.table(CardTable),
        "À côté des documents, une mise en avant.",
        example="[home.sections.card]",
        default=None,
    )


@dataclass(frozen=True, kw_only=True)
class HomeTable(Table):
    title: str = key(kinds.text(255), "Le titre dans l’onglet du navigateur.", example='"Accueil"', default="Accueil")
    hero_title: str = key(kinds.text(150), "La bienvenue.", example='"Bienvenue sur le portail famille des Rousses"')
    lead: str = key(kinds.text(400), "Ce que le portail permet, en deux lignes.", example='"Cantine, périscolaire…"')
    description: str = key(
        kinds.text(300), "Ce que les moteurs de recherche montrent.", example='"Le portail des familles."', default=""
    )
    actions: tuple[LinkTable, ...] = key(
        kinds.tables(LinkTable), "Les boutons sous la bienvenue, deux au plus.", example="[[home.actions]]", default=()
    )
    sections: tuple[HomeSectionTable, ...] = key(
        kinds.tables(HomeSectionTable),
        "Ce qui suit les échéances et les actualités.",
        example="[[home.sections]]",
        default=(),
    )


@dataclass(frozen=True, kw_only=True)
class PageTable(Table):
    slug: str = key(kinds.slug(), "Son adresse.", example='"mentions-legales"')
    title: str = key(kinds.text(255), "Son titre.", example='"Mentions légales"')
    role: str = key(
        kinds.choice(PageRole.values),
        "Sa place au pied des pages et ce que le portail y ajoute.",
        example='"legal"',
        default="",
    )
    lead: str = key(kinds.text(400), "Son chapeau.", example='"Qui publie ce site."', default="")
    description: str = key(
        kinds.text(300), "Ce que les moteurs de recherche montrent.", example='"Éditeur et hébergeur."', default=""
    )
    file: TextFile | None = key(kinds.text_file, "Son texte.", example='"pages/mentions-legales.md"', default=None)
    questions: bool = key(
        kinds.boolean, "Si chaque sous-titre du texte est une question à déplier.", example="true", default=False
    )


def register() -> None:
    """Add the public site to what profiles may hold, and its settings to a role. Called once, at start-up."""
    register_section(
        Section(
            name="site",
            kind=kinds.table(SiteTable),
            help="Ce que chaque page dit de la commune.",
            example="[site]",
            order=10,
            check=_nothing_more,
            load=_load_site,
            required=True,
        )
    )
    register_section(
        Section(
            name="home",
            kind=kinds.table(HomeTable),
            help="La page d’accueil publique.",
            example="[home]",
            order=20,
            check=_check_home,
            load=_load_home,
            required=True,
        )
    )
    register_section(
        Section(
            name="pages",
            kind=kinds.tables(PageTable),
            help="Les pages à lire.",
            example="[[pages]]",
            order=15,
            check=_check_pages,
            load=_load_pages,
        )
    )
    grant(Role.COMMUNICATION, "cms_pages.change_siteidentitysettings")


# Checks


def _nothing_more(profile: Profile, value: SiteTable, place: Place) -> None:
    """Each key says by itself whether it is right."""


def page_slugs(profile: Profile) -> list[str]:
    """The slugs of the pages of a profile, those that could be read."""
    return [page.slug for page in profile.sections.get("pages", ()) if valid(page.slug)]


def _check_pages(profile: Profile, pages: tuple[PageTable, ...], place: Place) -> None:
    unique(pages, "slug", place)
    unique([page for page in pages if page.role], "role", place)
    for page in pages:
        here = Place(place.folder, place.problems, place.file, page.path)
        if valid(page.file) and page.file is not None:
            check_text_links(page.file, profile, here.at("file"))


def check_text_links(text: TextFile, profile: Profile, place: Place) -> None:
    """Refuse a `page:…` link to a page that the profile does not have."""
    known = page_slugs(profile)
    for slug in page_links(text.text):
        if slug not in known:
            place.refuse(f"le texte mène à la page « {slug} », qui n’existe pas.", suggestion(slug, known))


def _check_home(profile: Profile, home: HomeTable, place: Place) -> None:
    if valid(home.actions):
        _at_most(home.actions, 2, place.at("actions"), "boutons")
        _check_links(home.actions, profile, place)
    for section in home.sections if valid(home.sections) else ():
        here = Place(place.folder, place.problems, place.file, section.path)
        if bool(section.tiles) == bool(section.documents):
            here.refuse("attend des tuiles ou des documents, l’un ou l’autre.")
        if section.card and not section.documents:
            here.at("card").refuse("une mise en avant accompagne des documents.")
        _check_links(section.documents or (), profile, place)
        if section.card and section.card.link:
            _check_links((section.card.link,), profile, place)
        _at_most(section.tiles or (), 6, here.at("tiles"), "tuiles")
        for tile in section.tiles or ():
            _at_most(tile.links or (), 3, Place(place.folder, place.problems, place.file, tile.path), "liens")
            _check_links(tile.links or (), profile, place)


def _at_most(items: tuple[Any, ...], most: int, place: Place, what: str) -> None:
    if len(items) > most:
        place.refuse(f"compte {len(items)} {what}, {most} au plus.")


def _check_links(links: tuple[LinkTable, ...], profile: Profile, place: Place) -> None:
    for link in links:
        here = Place(place.folder, place.problems, place.file, link.path)
        targets = [name for name in ("page", "door", "url") if getattr(link, name)]
        if valid(link.page, link.door, link.url) and len(targets) != 1:
            here.refuse("un lien mène à un seul endroit.", "Gardez « page », « door » ou « url ».")
        if link.page:
            refer(link.page, page_slugs(profile), here.at("page"), "une page")


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
            "accessibility": table.accessibility,
        },
        path=table.path,
    )
    for warning in validate_brand_colour(table.brand):
        loading.report.note(f"{table.path}.brand : {warning}")


def home_page(loading: Loading) -> HomePage:
    """The home page of the default site, created empty the first time, in place of Wagtail's welcome page."""
    found = loading.codes.setdefault("pages", {}).get(HOME)
    if found is not None:
        return found
    home = HomePage.objects.first()
    if home is None:
        root = Page.get_first_root_node()
        welcome = Page.objects.child_of(root).exact_type(Page).filter(slug="home", numchild=0).first()
        home = HomePage(title="Accueil", slug="accueil", hero_title="Bienvenue")
        root.add_child(instance=home)
        Site.objects.filter(is_default_site=True).update(root_page=home)
        # `update` tells nobody: Wagtail keeps the paths of its sites.
        Site.clear_site_root_paths_cache()
        if welcome is not None:
            Page.objects.get(pk=welcome.pk).delete()
        home.refresh_from_db()
    loading.codes["pages"][HOME] = home
    return home


def _load_pages(loading: Loading, pages: tuple[PageTable, ...]) -> None:
    """Twice over the pages: all must exist before a text can lead to one of them."""
    home = home_page(loading)
    keys = loading.codes.setdefault("page_keys", {})
    for table in pages:
        page = reserve_page(
            loading,
            ContentPage,
            parent=home,
            slug=table.slug,
            values={"title": table.title, "role": table.role},
            path=table.path,
        )
        if page is not None:
            keys[table.slug] = page.pk
    if loading.problems:
        return
    for table in pages:
        write_page(
            loading,
            ContentPage,
            parent=home,
            slug=table.slug,
            values={
                "title": table.title,
                "role": table.role,
                "lead": table.lead,
                "search_description": table.description,
                "body": body_from(table.file.text, keys, questions=table.questions) if table.file else [],
            },
            path=table.path,
        )


def _load_home(loading: Loading, table: HomeTable) -> None:
    home = home_page(loading)
    keys = loading.codes.get("page_keys", {})
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
            "actions": [{"type": "link", "value": _link(link, keys)} for link in table.actions],
            "sections": [_section(section, keys) for section in table.sections],
        },
        path=table.path,
    )


def _link(table: LinkTable, keys: dict[str, int]) -> dict[str, Any]:
    return {
        "label": table.label,
        "page": keys.get(table.page),
        "document": None,
        "door": table.door,
        "url": table.url,
    }


def _section(table: HomeSectionTable, keys: dict[str, int]) -> dict[str, Any]:
    if table.tiles:
        tiles = [
            {
                "icon": tile.icon,
                "title": tile.title,
                "text": tile.text,
                "links": _items(_link(link, keys) for link in tile.links),
            }
            for tile in table.tiles
        ]
        return {"type": "tiles", "value": {"title": table.title, "tiles": _items(tiles)}}
    documents = {
        "title": table.title,
        "entries": _items({"link": _link(link, keys), "note": link.note} for link in table.documents),
    }
    if table.card is None:
        return {"type": "documents", "value": documents}
    card = {
        "icon": table.card.icon,
        "title": table.card.title,
        "text": table.card.text,
        "links": _items([_link(table.card.link, keys)] if table.card.link else []),
    }
    return {"type": "side_by_side", "value": {"documents": documents, "card": card}}


def _items(values: Any) -> list[dict[str, Any]]:
    """The items of a list block: plain values, Wagtail gives them their identifiers."""
    return list(values)

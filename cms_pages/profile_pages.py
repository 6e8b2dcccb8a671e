"""The pages of a profile: checked together, because any text may lead to any of them, then written."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from wagtail.models import Page, Site

from cms_pages.models import (
    ContactPage,
    ContentPage,
    FaqPage,
    HomePage,
    PortalPage,
    SectionPage,
    StructureIndexPage,
    StructurePage,
)
from cms_pages.page_writer import body_from, groups_from, page_links, reserve_page, write_page
from cms_pages.profile_tables import (
    ContactTable,
    FaqPageTable,
    LinkTable,
    PageTable,
    SectionPageTable,
    StructureIndexTable,
    StructurePageTable,
)
from portal.backoffice.profiles.checks import refer, unique
from portal.backoffice.profiles.kinds import TextFile
from portal.backoffice.profiles.loading import Loading
from portal.backoffice.profiles.problems import suggestion
from portal.backoffice.profiles.schema import Place, valid
from portal.backoffice.profiles.source import Profile

HOME = "home"
"""The name of the home page among `loading.codes["pages"]`."""

MODELS: dict[str, type[PortalPage]] = {
    "pages": ContentPage,
    "section_pages": SectionPage,
    "structure_index": StructureIndexPage,
    "structure_pages": StructurePage,
    "faq_pages": FaqPage,
    "contact": ContactPage,
}


@dataclass(frozen=True, slots=True)
class Planned:
    """A page of the profile: where it goes, and what it cannot exist without."""

    slug: str
    parent: str
    model: type[PortalPage]
    table: Any


def planned_pages(profile: Profile) -> list[Planned]:
    """Every page of a profile whose address could be read, in the order of the file."""
    found = []
    index = profile.sections.get("structure_index")
    for name, model in MODELS.items():
        value = profile.sections.get(name)
        for table in value if isinstance(value, tuple) else filter(None, [value]):
            slug = table.slug or getattr(table, "structure", "")
            if not valid(slug):
                continue
            parent = (index.slug if index else "") if name == "structure_pages" else table.parent
            found.append(Planned(slug, parent if valid(parent) else "", model, table))
    return found


def page_slugs(profile: Profile) -> list[str]:
    """The slugs of the pages of a profile, those that could be read."""
    return [planned.slug for planned in planned_pages(profile)]


# Checks


def _here(place: Place, path: str) -> Place:
    return Place(place.folder, place.problems, place.file, path)


def check_text_links(text: TextFile, profile: Profile, place: Place) -> None:
    """Refuse a `page:…` link to a page that the profile does not have."""
    known = page_slugs(profile)
    for slug in page_links(text.text):
        if slug not in known:
            place.refuse(f"le texte mène à la page « {slug} », qui n’existe pas.", suggestion(slug, known))


def check_links(links: Iterable[LinkTable], profile: Profile, place: Place) -> None:
    """Each leads to one place, which exists."""
    for link in links:
        here = _here(place, link.path)
        targets = [name for name in ("page", "door", "url") if getattr(link, name)]
        if valid(link.page, link.door, link.url) and len(targets) != 1:
            here.refuse("un lien mène à un seul endroit.", "Gardez « page », « door » ou « url ».")
        if link.page:
            refer(link.page, page_slugs(profile), here.at("page"), "une page")


def at_most(items: tuple[Any, ...], most: int, place: Place, what: str) -> None:
    """Refuse more than `most` of them."""
    if len(items) > most:
        place.refuse(f"compte {len(items)} {what}, {most} au plus.")


def check_page(table: Any, profile: Profile, place: Place) -> None:
    """What all pages have in common: a parent that exists above, an image that exists, links that lead somewhere."""
    here = _here(place, table.path)
    parent = getattr(table, "parent", "")
    if valid(parent) and parent:
        above = {planned.slug: planned.parent for planned in planned_pages(profile)}
        refer(parent, list(above), here.at("parent"), "une page")
        seen, step = {table.slug}, parent
        while step and step not in seen:
            seen.add(step)
            step = above.get(step, "")
        if step:
            here.at("parent").refuse("cette page serait au-dessus d’elle-même.")
    for name in ("image", "plan"):
        wanted = getattr(table, name, "")
        if valid(wanted) and wanted:
            refer(wanted, _image_codes(profile), here.at(name), "une image")
    text = getattr(table, "file", None)
    if valid(text) and text is not None:
        check_text_links(text, profile, here.at("file"))


def _image_codes(profile: Profile) -> list[str]:
    return [table.code for table in profile.sections.get("images", ()) if valid(table.code)]


def check_slugs(profile: Profile, place: Place) -> None:
    """One address, one page, whatever its kind."""
    seen: set[str] = set()
    for planned in planned_pages(profile):
        if planned.slug in seen:
            _here(place, planned.table.path).at("slug").refuse(
                f"l’adresse « {planned.slug} » est déjà celle d’une autre page du profil."
            )
        seen.add(planned.slug)


def check_pages(profile: Profile, pages: tuple[PageTable, ...], place: Place) -> None:
    unique(pages, "slug", place)
    unique([page for page in pages if page.role], "role", place)
    for page in pages:
        check_page(page, profile, place)


def check_section_pages(profile: Profile, pages: tuple[SectionPageTable, ...], place: Place) -> None:
    check_slugs(profile, place)
    types = [table.code for table in profile.town.activity_types if valid(table.code)]
    news = profile.sections.get("news")
    categories = [table.code for table in getattr(news, "categories", ()) or ()]
    for page in pages:
        check_page(page, profile, place)
        here = _here(place, page.path)
        for code in page.activity_types or ():
            refer(code, types, here.at("activity_types"), "un type d’activité")
        if page.news_category:
            refer(page.news_category, categories, here.at("news_category"), "une rubrique")
        check_links(page.documents or (), profile, place)


def check_structure_index(profile: Profile, table: StructureIndexTable, place: Place) -> None:
    check_slugs(profile, place)
    check_page(table, profile, place)


def check_structure_pages(profile: Profile, pages: tuple[StructurePageTable, ...], place: Place) -> None:
    check_slugs(profile, place)
    if not profile.sections.get("structure_index"):
        place.refuse("ces pages vont sous la liste des structures.", "Ajoutez « [structure_index] ».")
    unique([page for page in pages if page.structure], "structure", place)
    known = [table.code for table in profile.town.structures if valid(table.code)]
    for page in pages:
        check_page(page, profile, place)
        here = _here(place, page.path)
        if valid(page.structure):
            refer(page.structure, known, here.at("structure"), "une structure")
        if page.plan and not page.plan_description:
            here.at("plan_description").refuse(
                "manque.", "Dites en mots comment y aller : c’est lu à la place du plan."
            )
        for hours in page.hours or ():
            if valid(hours.opens, hours.closes) and hours.closes <= hours.opens:
                _here(place, hours.path).at("closes").refuse("l’heure de fermeture suit l’heure d’ouverture.")


def check_faq_pages(profile: Profile, pages: tuple[FaqPageTable, ...], place: Place) -> None:
    check_slugs(profile, place)
    for page in pages:
        check_page(page, profile, place)
        if valid(page.file) and not groups_from(page.file.text, dict.fromkeys(page_links(page.file.text), 0)):
            _here(place, page.path).at("file").refuse(
                "n’a pas de question.", "« ## » ouvre un sujet, « ### » une question, la suite est la réponse."
            )


def check_contact(profile: Profile, table: ContactTable, place: Place) -> None:
    check_slugs(profile, place)
    check_page(table, profile, place)
    services = [service.code for service in profile.town.services if valid(service.code)]
    for subject in table.subjects or ():
        here = _here(place, subject.path)
        if valid(subject.service) and subject.service:
            refer(subject.service, services, here.at("service"), "un service")
        at_most(subject.links or (), 2, here.at("links"), "liens")
        check_links(subject.links or (), profile, place)


# Loading


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


def page_keys(loading: Loading) -> Mapping[str, int]:
    """The keys of all the pages of the profile by slug. They are reserved here, parents first, the first time:
    a text may lead to a page that is written later."""
    if "page_keys" in loading.codes:
        return loading.codes["page_keys"]
    keys: dict[str, int] = loading.codes.setdefault("page_keys", {})
    reserved: dict[str, Page] = loading.codes.setdefault("reserved_pages", {})
    for planned in _parents_first(planned_pages(loading.profile)):
        parent = reserved.get(planned.parent) if planned.parent else home_page(loading)
        if parent is None:
            continue
        page = reserve_page(
            loading,
            planned.model,
            parent=parent,
            slug=planned.slug,
            values=_least(loading, planned),
            path=planned.table.path,
        )
        if page is not None:
            keys[planned.slug] = page.pk
            reserved[planned.slug] = page
    return keys


def _parents_first(pages: list[Planned]) -> Iterator[Planned]:
    above = {planned.slug: planned.parent for planned in pages}

    def depth(slug: str) -> int:
        return 1 + depth(above[slug]) if above.get(slug) else 0

    return iter(sorted(pages, key=lambda planned: depth(planned.slug)))


def _least(loading: Loading, planned: Planned) -> dict[str, Any]:
    if isinstance(planned.table, StructurePageTable):
        structure = loading.codes["structures"].get(planned.table.structure)
        # An agent may have made the page of this structure under another address.
        return {"title": _structure_title(planned.table, structure), "kind": planned.table.kind}
    values = {"title": planned.table.title}
    return values | {"role": planned.table.role} if isinstance(planned.table, PageTable) else values


def write(loading: Loading, model: type[PortalPage], table: Any, slug: str, values: Mapping[str, Any]) -> None:
    """A page of the profile, where its address was reserved; its lead and description are those of the table."""
    page_keys(loading)
    reserved = loading.codes["reserved_pages"].get(slug)
    if loading.problems or reserved is None:
        return
    write_page(
        loading,
        model,
        parent=Page.objects.get(pk=reserved.get_parent().pk),
        slug=slug,
        values={"search_description": table.description, "lead": table.lead, **values},
        path=table.path,
    )


def _body(loading: Loading, text: TextFile | None, *, questions: bool = False) -> list[dict[str, Any]]:
    return body_from(text.text, page_keys(loading), questions=questions) if text else []


def load_pages(loading: Loading, pages: tuple[PageTable, ...]) -> None:
    for table in pages:
        body = _body(loading, table.file, questions=table.questions) if not loading.problems else []
        values = {"title": table.title, "role": table.role, "body": body}
        write(loading, ContentPage, table, table.slug, values)


def load_section_pages(loading: Loading, pages: tuple[SectionPageTable, ...]) -> None:
    keys = page_keys(loading)
    for table in pages:
        body = _body(loading, table.file)
        if table.documents:
            entries = [{"link": link_value(link, keys), "note": link.note} for link in table.documents]
            body.append({"type": "documents", "value": {"title": "Nos documents", "entries": entries}})
        values = {
            "title": table.title,
            "icon": table.icon,
            "image": _image(loading, table.image),
            "structure_kinds": list(table.structures),
            "activity_types": [loading.codes["activity_types"][code] for code in table.activity_types],
            "news_category": table.news_category,
            "body": body,
        }
        write(loading, SectionPage, table, table.slug, values)


def load_structure_index(loading: Loading, table: StructureIndexTable) -> None:
    write(loading, StructureIndexPage, table, table.slug, {"title": table.title})


def load_structure_pages(loading: Loading, pages: tuple[StructurePageTable, ...]) -> None:
    for table in pages:
        structure = loading.codes["structures"].get(table.structure)
        values = {
            "title": _structure_title(table, structure),
            "structure": structure,
            "kind": table.kind,
            "photo": _image(loading, table.image),
            "age_from": table.age_from,
            "age_to": table.age_to,
            "ages": table.ages,
            "agreed_places": table.agreed_places,
            "hours": [
                {
                    "type": "hours",
                    "value": {
                        "days": [str(day) for day in hours.days],
                        "opens": hours.opens.isoformat(),
                        "closes": hours.closes.isoformat(),
                        "season": hours.when,
                    },
                }
                for hours in table.hours
            ],
            "plan": _image(loading, table.plan),
            "plan_description": table.plan_description,
            "body": _body(loading, table.file),
        }
        write(loading, StructurePage, table, table.slug or table.structure, values)


def load_faq_pages(loading: Loading, pages: tuple[FaqPageTable, ...]) -> None:
    for table in pages:
        groups = groups_from(table.file.text, page_keys(loading))
        write(loading, FaqPage, table, table.slug, {"title": table.title, "groups": groups})


def load_contact(loading: Loading, table: ContactTable) -> None:
    keys = page_keys(loading)
    subjects = [
        {
            "type": "subject",
            "value": {
                "kind": subject.kind,
                "icon": subject.icon,
                "title": subject.title,
                "text": subject.text,
                "service": subject.service,
                "own_phone": subject.phone,
                "own_email": subject.email,
                "own_hours": subject.hours,
                "links": [link_value(link, keys) for link in subject.links],
            },
        }
        for subject in table.subjects
    ]
    values = {
        "title": table.title,
        "subjects": subjects,
        "last_resort": table.last_resort,
        "last_resort_phone": table.last_resort_phone,
        "last_resort_email": table.last_resort_email,
        "body": _body(loading, table.file),
    }
    write(loading, ContactPage, table, table.slug, values)


def link_value(table: LinkTable, keys: Mapping[str, int]) -> dict[str, Any]:
    """A link as its block stores it."""
    return {
        "label": table.label,
        "page": keys.get(table.page),
        "document": None,
        "door": table.door,
        "url": table.url,
    }


def _structure_title(table: StructurePageTable, structure: Any) -> str:
    return table.title or (structure.name if structure else table.structure)


def _image(loading: Loading, code: str) -> Any:
    return loading.codes.get("images", {}).get(code) if code else None

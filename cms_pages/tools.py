"""A tool of the public site that is one page of an application above: where it stands in menus and in profiles.

Such an application knows neither the doors nor the loader of profiles: it gives its model, and pages do the rest.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise

from cms_pages import profile_pages
from cms_pages.models import PortalPage
from cms_pages.profile_tables import parent_key
from cms_pages.site_facts import page_address, register_landmark
from portal.backoffice.profiles import kinds
from portal.backoffice.profiles.checks import refer
from portal.backoffice.profiles.loading import Loading
from portal.backoffice.profiles.schema import Place, Table, key, valid
from portal.backoffice.profiles.sections import Section, register_section
from portal.backoffice.profiles.source import Profile
from portal.web.menu import MenuEntry, register_menu_entry


@dataclass(frozen=True, slots=True)
class Tool:
    """`key` names the landmark, the entry of the public menu and the section of a profile.

    The model has `lead`, and `activity_types`: what it offers, all when none is chosen.
    """

    key: str
    model: type[PortalPage]
    label: str | Promise
    icon: str
    order: int
    help: str


@dataclass(frozen=True, kw_only=True)
class ToolTable(Table):
    """What a profile says of the page of a tool."""

    title: str = key(kinds.text(255), "Son titre.", example='"Simulateur de tarifs"', default="Simulateur de tarifs")
    slug: str = key(kinds.slug(), "Son adresse.", example='"simulateur"', default="simulateur")
    parent: str = parent_key()
    lead: str = key(kinds.text(400), "Son chapeau.", example='"Une estimation au centime près."', default="")
    description: str = key(
        kinds.text(300), "Ce que les moteurs de recherche montrent.", example='"Estimez vos tarifs."', default=""
    )
    activity_types: tuple[str, ...] = key(
        kinds.references("`activity_types`"),
        "Les types d’activité proposés ; sans réponse, tous.",
        example='["restauration"]',
        default=(),
    )


def register_tool(tool: Tool) -> None:
    """Give the tool its landmark, its entry in the public menu and its section in profiles. Once, at start-up."""

    def find() -> str:
        page = tool.model.objects.live().public().order_by("path").first()
        return (page.url or "") if page else ""

    def check(profile: Profile, table: ToolTable, place: Place) -> None:
        profile_pages.check_slugs(profile, place)
        profile_pages.check_page(table, profile, place)
        types = [each.code for each in profile.town.activity_types if valid(each.code)]
        for code in _valid(table.activity_types):
            refer(code, types, place.at("activity_types"), "un type d’activité")

    def load(loading: Loading, table: ToolTable) -> None:
        profile_pages.write(
            loading,
            tool.model,
            table,
            table.slug,
            {
                "title": table.title,
                "activity_types": [loading.codes["activity_types"][code] for code in table.activity_types],
            },
        )

    register_landmark(tool.key, find)
    register_menu_entry(
        "public",
        MenuEntry(
            tool.key, tool.label, tool.icon, tool.order, url=lambda request: page_address(tool.key, request) or None
        ),
    )
    profile_pages.MODELS[tool.key] = tool.model
    register_section(
        Section(
            name=tool.key,
            kind=kinds.table(ToolTable),
            help=tool.help,
            example=f"[{tool.key}]",
            order=16,
            check=check,
            load=load,
        )
    )


def _valid(codes: tuple[str, ...]) -> Iterable[str]:
    return codes if valid(codes) else ()

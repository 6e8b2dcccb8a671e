"""What a profile says of the menus: the page, the sites, the cycle that each repeats."""

# ruff: noqa: RUF009  # `key()` declares a field, as `dataclasses.field()` does: nothing is shared between instances

from dataclasses import dataclass

from cms_pages.page_writer import write_page
from cms_pages.profiles import home_page
from documents.menus.enums import USUAL_COURSES, Course, SiteKind
from documents.menus.models import MenusPage
from documents.menus.models.menu import MenuSite, MenuWeek
from documents.menus.rules import religious_word
from documents.menus.services import locked_week, publish_week, save_week
from documents.menus.sheet import Sheet, read_sheet
from portal.backoffice.profiles import kinds
from portal.backoffice.profiles.checks import refer, unique
from portal.backoffice.profiles.kinds import TextFile
from portal.backoffice.profiles.loading import Loading
from portal.backoffice.profiles.schema import Kind, Place, Table, key, valid
from portal.backoffice.profiles.sections import Section, register_section
from portal.backoffice.profiles.source import Profile
from portal.backoffice.roles import Role, grant
from portal.domain.activities.enums import ServiceDays
from portal.domain.activities.models import Structure
from portal.domain.kernel.calendar import Week
from portal.domain.kernel.clock import paris_date

WEEKS_BEFORE, WEEKS_AFTER = 4, 5

KINDS = {"cantine": SiteKind.CANTEEN, "creche": SiteKind.NURSERY}
COURSES = {
    "entree": Course.STARTER,
    "plat": Course.MAIN,
    "accompagnement": Course.SIDE,
    "laitage": Course.DAIRY,
    "dessert": Course.DESSERT,
    "gouter": Course.SNACK,
}


@dataclass(frozen=True, kw_only=True)
class SiteTable(Table):
    code: str = key(kinds.slug(), "Son code, dans l’adresse.", example='"cantine"')
    name: str = key(kinds.text(80), "Son nom.", example='"Restaurant scolaire"')
    short_name: str = key(kinds.text(30), "Le mot du bouton.", example='"Écoles"', default="")
    kind: str = key(kinds.choice(KINDS), "Qui y mange.", example='"cantine"', default="cantine")
    structures: tuple[str, ...] = key(
        kinds.references("`structures`"),
        "Les structures servies : leur fermeture ferme le menu.",
        example='["restaurant-scolaire"]',
        default=(),
    )
    weekdays: tuple[int, ...] = key(
        kinds.weekdays, "Les jours servis.", example='["lundi", "mardi", "jeudi", "vendredi"]', default=(1, 2, 4, 5)
    )
    service_days: str = key(
        kinds.choice(ServiceDays.values),
        "Jours d’école, vacances scolaires ou toute l’année.",
        example='"all"',
        default=ServiceDays.SCHOOL.value,
    )
    courses: tuple[str, ...] = key(
        kinds.choices(COURSES), "Les composantes du repas.", example='["entree", "plat", "dessert"]', default=()
    )
    order: int = key(kinds.integer(0, 999), "Son rang.", example="10", default=0)
    intro: str = key(
        kinds.text(300), "Une phrase sous les menus.", example='"Viandes d’origine française."', default=""
    )
    producer: str = key(
        kinds.text(100), "Qui prépare les repas, si ce n’est pas la commune.", example='"Cuisine centrale"', default=""
    )
    cycle: TextFile | None = key(
        Kind("nom d’un fichier `.csv` du dossier", kinds.text_file.read),
        "Des semaines de menus numérotées, répétées autour du jour du chargement (quatre semaines avant, cinq après), "
        "sans jamais toucher à ce qu’un agent a écrit. Colonnes : semaine, jour, composante, plat, choix, "
        "allergenes, labels, texture, jour_special.",
        example='"menus/cantine.csv"',
        default=None,
    )


@dataclass(frozen=True, kw_only=True)
class MenusTable(Table):
    title: str = key(kinds.text(255), "Le titre de la page.", example='"Menus"', default="Menus")
    slug: str = key(kinds.slug(), "Son adresse.", example='"menus"', default="menus")
    lead: str = key(kinds.text(400), "Son chapeau.", example='"Ce que mangent les enfants."', default="")
    sites: tuple[SiteTable, ...] = key(
        kinds.tables(SiteTable), "Les lieux de repas.", example="[[menus.sites]]", default=()
    )


def register() -> None:
    """Add the menus to what profiles may hold, and their entry to a role. Called once, at start-up."""
    register_section(
        Section(
            name="menus",
            kind=kinds.table(MenusTable),
            help="Les menus des cantines et des crèches.",
            example="[menus]",
            order=40,
            check=_check,
            load=_load,
        )
    )
    actions = ("view", "add", "change", "delete")
    grant(
        Role.COMMUNICATION,
        *(f"menus.{action}_{model}" for action in actions for model in ("menusite", "menuweek")),
    )


def _check(profile: Profile, menus: MenusTable, place: Place) -> None:
    sites = menus.sites if valid(menus.sites) else ()
    unique(sites, "code", place)
    known = profile.town.structures if valid(profile.town.structures) else ()
    for site in sites:
        here = Place(place.folder, place.problems, place.file, site.path)
        for code in site.structures if valid(site.structures) else ():
            refer(code, [structure.code for structure in known], here.at("structures"), "une structure")
        if valid(site.intro) and religious_word(site.intro):
            here.at("intro").refuse("désigne une religion.", "Décrivez les plats par ce qu’ils contiennent.")
        if site.cycle and valid(site.code, site.name, site.kind, site.weekdays, site.courses):
            _check_cycle(site, here)


def _check_cycle(site: SiteTable, place: Place) -> None:
    """Each mistake is named in the file where it stands."""
    if site.cycle is None:
        return
    for error in _cycle(site).errors:
        there = Place(place.folder, place.problems, site.cycle.name, f"ligne {error.line}" if error.line else "")
        there.refuse(error.message)


def _cycle(site: SiteTable) -> Sheet:
    return read_sheet(site.cycle.text, _unsaved(site), cycle=True) if site.cycle else Sheet()


def _unsaved(site: SiteTable) -> MenuSite:
    return MenuSite(
        code=site.code, name=site.name, kind=KINDS[site.kind], weekdays=list(site.weekdays), courses=_courses(site)
    )


def _courses(site: SiteTable) -> list[str]:
    chosen = {COURSES[word] for word in site.courses} or set(USUAL_COURSES[KINDS[site.kind]])
    return [course.value for course in Course if course in chosen]


def _load(loading: Loading, menus: MenusTable) -> None:
    write_page(
        loading,
        MenusPage,
        parent=home_page(loading),
        slug=menus.slug,
        values={"title": menus.title, "lead": menus.lead},
        path=menus.path,
    )
    structures = {structure.code: structure for structure in Structure.objects.all()}
    for table in menus.sites:
        site = loading.store(
            MenuSite,
            find={"code": table.code},
            values={
                "name": table.name,
                "short_name": table.short_name,
                "kind": KINDS[table.kind],
                "weekdays": list(table.weekdays),
                "service_days": table.service_days,
                "courses": _courses(table),
                "order": table.order,
                "intro": table.intro,
                "producer": table.producer,
            },
            path=table.path,
            links={"structures": [structures[code] for code in table.structures]},
        )
        if site is not None and table.cycle is not None:
            _load_cycle(loading, table, site)


def _load_cycle(loading: Loading, table: SiteTable, site: MenuSite) -> None:
    """The weeks around today, published. Counted from a fixed Monday: a week keeps its rank at every loading."""
    cycle = _cycle(table).cycle
    if not cycle:
        return
    now = Week.of(paris_date(loading.at))
    kind, kept = str(MenuWeek._meta.verbose_name), 0
    for number in range(-WEEKS_BEFORE, WEEKS_AFTER + 1):
        week = now.shift(number)
        rank = (week.monday.toordinal() // 7) % len(cycle) + 1
        row = locked_week(site, week)
        if row is not None and not row.from_profile:
            kept += 1
            continue
        known = row.version if row is not None else 0
        saved = save_week(
            site=site, week=week, entry=cycle[rank], version=None, by=loading.by, at=loading.at,
            verb="load_commune", from_profile=True,
        )  # fmt: skip
        publish_week(week=saved, by=loading.by, at=loading.at)
        report = loading.report
        (report.created if not known else report.unchanged if saved.version == known else report.updated)[kind] += 1
    if kept:
        loading.report.note(
            f"Menus de « {site.name} » : {kept} semaines écrites par un agent, laissées telles quelles."
        )

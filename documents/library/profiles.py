"""What a profile says of the library: its shelves, its documents, as ready files or as texts to print."""

# ruff: noqa: RUF009  # `key()` declares a field, as `dataclasses.field()` does: nothing is shared between instances

from dataclasses import dataclass
from typing import Any

from cms_pages.audiences import CRITERIA, Audience
from cms_pages.page_writer import write_page
from cms_pages.profiles import home_page
from documents.library.filetypes import check_file
from documents.library.inspection import digest_of
from documents.library.models import DocumentCategory, DocumentsPage, LibraryDocument
from documents.library.printing import plain_text, print_text, text_digest
from documents.library.services import publish_version
from portal.backoffice.profiles import kinds
from portal.backoffice.profiles.checks import refer, unique
from portal.backoffice.profiles.days import DayRule
from portal.backoffice.profiles.kinds import TextFile
from portal.backoffice.profiles.loading import Loading
from portal.backoffice.profiles.problems import suggestion
from portal.backoffice.profiles.schema import Kind, Place, Table, key, shown, valid
from portal.backoffice.profiles.sections import Section, register_section
from portal.backoffice.profiles.source import Profile
from portal.backoffice.profiles.tables import YEAR_MARK
from portal.backoffice.profiles.town import activity_code
from portal.backoffice.roles import Role, grant
from portal.domain.activities.models import Activity
from portal.domain.audit.services import record
from portal.domain.families.enums import SchoolLevel
from portal.domain.files.checks import CheckedFile
from portal.domain.files.refusal import FileRefused
from portal.domain.kernel.clock import paris_date


def _library_file(value: Any, place: Place) -> CheckedFile | Any:
    """A file of the folder, checked as an agent's would be."""
    if not isinstance(value, str) or not value:
        return place.refuse(f"attend le nom d’un fichier du dossier, et non {shown(value)}.")
    folder = place.folder.resolve()
    wanted = (place.folder / value).resolve()
    if not wanted.is_relative_to(folder):
        return place.refuse(f"{shown(value)} sort du dossier du profil.", "Gardez les fichiers dans ce dossier.")
    if not wanted.is_file():
        known = [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()]
        return place.refuse(f"le fichier « {value} » n’existe pas.", suggestion(value, known))
    try:
        return check_file(wanted.name, wanted.read_bytes())
    except FileRefused as refusal:
        return place.refuse(f"« {value} » : {refusal.reason}")


library_file = Kind("nom d’un fichier du dossier", _library_file)


@dataclass(frozen=True, kw_only=True)
class CategoryTable(Table):
    code: str = key(kinds.slug(), "Son code.", example='"reglements"')
    name: str = key(kinds.text(60), "Son nom, au pluriel.", example='"Règlements intérieurs"')
    order: int = key(kinds.integer(0, 999), "Son rang.", example="10", default=0)


@dataclass(frozen=True, kw_only=True)
class DocumentTable(Table):
    slug: str = key(kinds.slug(80), "Son adresse, qui ne change plus.", example='"reglement-interieur"')
    title: str = key(
        kinds.text(150), "Son titre ; `{annee}` devient « 2026/2027 ».", example='"Règlement intérieur {annee}"'
    )
    category: str = key(kinds.reference("`library.categories`"), "Sa catégorie.", example='"reglements"')
    description: str = key(
        kinds.text(300), "À quoi il sert, en une phrase.", example='"Les règles de la cantine."', default=""
    )
    text: TextFile | None = key(
        kinds.text_file,
        "Un texte, imprimé en PDF aux couleurs de la commune ; un texte changé donne une nouvelle version.",
        example='"documents/reglement.md"',
        default=None,
    )
    file: CheckedFile | None = key(
        library_file, "Ou un fichier tout prêt.", example='"documents/ramassage.pdf"', default=None
    )
    note: str = key(
        kinds.text(300),
        "Ce qui change dans la version de ce fichier.",
        example='"Le soir finit à 18 h 30."',
        default="",
    )
    services: tuple[str, ...] = key(
        kinds.references("`services`"), "Les services dont il parle.", example='["enfance"]', default=()
    )
    activities: tuple[str, ...] = key(
        kinds.references("`activities`"),
        "Les activités dont il parle : il passe devant pour les familles inscrites.",
        example='["restaurant"]',
        default=(),
    )
    audience: str = key(
        kinds.choice(Audience.values),
        "Pour qui : tout le monde, toutes les familles, ou celles que disent les clés `audience_…`.",
        example='"public"',
        default=Audience.PUBLIC.value,
    )
    audience_activities: tuple[str, ...] = key(
        kinds.references("`activities`"),
        "Pour les familles dont un enfant est inscrit à l’une d’elles.",
        example='["restaurant"]',
        default=(),
    )
    audience_schools: tuple[str, ...] = key(
        kinds.references("`schools`"), "Et scolarisé dans l’une d’elles.", example='["ecole-du-centre"]', default=()
    )
    audience_levels: tuple[str, ...] = key(
        kinds.choices(SchoolLevel.values), "Et dans l’un de ces niveaux.", example='["CP"]', default=()
    )
    valid_from: DayRule | None = key(
        kinds.school_day, "Montré à partir de ce jour.", example='"rentree"', default=None
    )
    valid_until: DayRule | None = key(
        kinds.school_day, "Valable jusqu’à ce jour.", example='"fin-des-classes"', default=None
    )
    on_home: bool = key(kinds.boolean, "Si l’accueil public le propose aussi.", example="true", default=False)
    order: int = key(kinds.integer(0, 999), "Son rang.", example="10", default=0)


@dataclass(frozen=True, kw_only=True)
class LibraryTable(Table):
    title: str = key(kinds.text(255), "Le titre de la liste.", example='"Documents"', default="Documents")
    slug: str = key(kinds.slug(), "Son adresse.", example='"documents"', default="documents")
    lead: str = key(kinds.text(400), "Son chapeau.", example='"Tout ce qui se télécharge."', default="")
    categories: tuple[CategoryTable, ...] = key(
        kinds.tables(CategoryTable), "Les catégories.", example="[[library.categories]]", default=()
    )
    documents: tuple[DocumentTable, ...] = key(
        kinds.tables(DocumentTable), "Les documents.", example="[[library.documents]]", default=()
    )


def register() -> None:
    """Add the library to what profiles may hold, and its screens to the roles that publish. Called once."""
    register_section(
        Section(
            name="library",
            kind=kinds.table(LibraryTable),
            help="Les documents à télécharger.",
            example="[library]",
            order=25,
            check=_check,
            load=_load,
        )
    )
    names = ("documentcategory", "librarydocument", "documentversion")
    for role in (Role.COMMUNICATION, Role.VALIDATION):
        grant(role, *(f"library.{action}_{name}" for name in names for action in ("view", "add", "change", "delete")))


# Checks


def _check(profile: Profile, library: LibraryTable, place: Place) -> None:
    categories = library.categories if valid(library.categories) else ()
    documents = library.documents if valid(library.documents) else ()
    unique(categories, "code", place)
    unique(documents, "slug", place)
    for document in documents:
        here = Place(place.folder, place.problems, place.file, document.path)
        refer(document.category, [each.code for each in categories], here.at("category"), "une catégorie")
        if valid(document.text, document.file) and (document.text is None) == (document.file is None):
            here.refuse("attend un fichier : « text » ou « file », l’un ou l’autre.")
        _check_references(profile, document, here)
        _check_audience(document, here)


def _check_references(profile: Profile, document: DocumentTable, here: Place) -> None:
    for name, table, what in (
        ("services", "services", "un service"),
        ("activities", "activities", "une activité"),
        ("audience_activities", "activities", "une activité"),
        ("audience_schools", "schools", "une école"),
    ):
        known = getattr(profile.town, table)
        for code in getattr(document, name) or ():
            refer(code, [each.code for each in known] if valid(known) else [], here.at(name), what)


def _check_audience(document: DocumentTable, here: Place) -> None:
    given = [name for name in CRITERIA if getattr(document, name, ())]
    if not valid(document.audience):
        return
    if document.audience == Audience.CHOSEN and not given:
        here.at("audience").refuse("« chosen » attend au moins une clé `audience_…` : sans elle, personne ne le voit.")
    if document.audience != Audience.CHOSEN and given:
        here.at(given[0]).refuse('ne sert qu’avec `audience = "chosen"`.')


# Loading


def _load(loading: Loading, library: LibraryTable) -> None:
    write_page(
        loading,
        DocumentsPage,
        parent=home_page(loading),
        slug=library.slug,
        values={"title": library.title, "lead": library.lead},
        path=library.path,
    )
    categories = {
        table.code: loading.store(
            DocumentCategory,
            find={"slug": table.code},
            values={"name": table.name, "order": table.order},
            path=table.path,
        )
        for table in library.categories
    }
    if loading.problems:
        return
    for table in library.documents:
        document = _store(loading, table, categories[table.category])
        if document is not None:
            _link(loading, document, table)
            _publish(loading, document, table)


def _store(loading: Loading, table: DocumentTable, category: DocumentCategory | None) -> LibraryDocument | None:
    days = {name: getattr(table, name) for name in ("valid_from", "valid_until")}
    return loading.store(
        LibraryDocument,
        find={"slug": table.slug},
        values={
            "title": table.title.replace(YEAR_MARK, loading.year.label),
            "category": category,
            "description": table.description,
            "audience": table.audience,
            "audience_levels": list(table.audience_levels),
            **{name: rule.on(loading.year, loading.zone) if rule else None for name, rule in days.items()},
            "on_home": table.on_home,
            "order": table.order,
        },
        path=table.path,
    )


def _link(loading: Loading, document: LibraryDocument, table: DocumentTable) -> None:
    """Services, activities and schools: kept by the document itself when it is saved."""
    changed: dict[str, Any] = {}
    for name, wanted in (
        ("services", [loading.codes["services"].get(code) for code in table.services]),
        ("activities", _activities(loading, table.activities)),
        ("audience_activities", _activities(loading, table.audience_activities)),
        ("audience_schools", [loading.codes["schools"].get(code) for code in table.audience_schools]),
    ):
        found = [each for each in wanted if each is not None]
        if {each.pk for each in getattr(document, name).all()} != {each.pk for each in found}:
            getattr(document, name).set(found)
            changed[name] = [str(each) for each in found]
    if changed:
        document.save()
        record(verb="load_commune", target=document, by=loading.by, at=loading.at, after=changed)


def _activities(loading: Loading, codes: tuple[str, ...]) -> list[Activity]:
    return list(Activity.objects.filter(code__in=[activity_code(code, loading.year.start) for code in codes]))


def _publish(loading: Loading, document: LibraryDocument, table: DocumentTable) -> None:
    """The next version, unless this text or file is the last one already, or an agent published since."""
    last = document.versions.order_by("-number").first()
    if table.text is not None:
        digest = text_digest(document.title, table.text.text)
    elif table.file is not None:
        digest = digest_of(table.file.content)
    else:
        return  # refused by the checks
    if last is not None and digest in (last.source_digest, last.sha256):
        return
    if last is not None and last.published_by_id != loading.by.pk:
        loading.report.note(f"document « {document} » : un agent a publié la version {last.number}, elle reste.")
        return
    if table.text is not None:
        file, pages = print_text(
            slug=table.slug,
            title=document.title,
            lead=document.description,
            source=table.text.text,
            on=paris_date(loading.at),
        )
        words = plain_text(table.text.text)
    elif table.file is not None:
        file, pages, words = table.file, None, ""
    version = publish_version(
        document=document,
        file=file,
        by=loading.by,
        at=loading.at,
        note=table.note if last is not None else "",
        source_digest=digest,
        text=words,
        pages=pages,
    )
    loading.report.note(f"document « {document} » : version {version.number} publiée.")

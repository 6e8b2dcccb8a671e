"""What a profile may say of the public site, table by table."""

# ruff: noqa: RUF009  # `key()` declares a field, as `dataclasses.field()` does: nothing is shared between instances

import datetime
from dataclasses import dataclass
from typing import Any

from cms_pages.blocks import DOORS
from cms_pages.enums import ContactKind, Icon, PageRole, StructureKind
from cms_pages.models import OLDEST
from cms_pages.profile_images import image_file
from portal.backoffice.profiles import kinds
from portal.backoffice.profiles.kinds import TextFile
from portal.backoffice.profiles.schema import Kind, Place, Table, key, shown
from portal.web.design.colour import NotAColour, parse_hex
from portal.web.identity import DEFAULT_BRAND


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
    publication: str = key(
        kinds.choice(["directe", "validation"]),
        "« directe » : la communication publie ; « validation » : une seconde personne relit et publie.",
        example='"validation"',
        default="directe",
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
    shows_coming: bool = key(
        kinds.boolean, "Si l’accueil dit les prochaines vacances et dates d’inscription.", example="true", default=True
    )
    shows_space: bool = key(
        kinds.boolean, "Si l’accueil dit ce que permet l’espace famille.", example="true", default=True
    )
    shows_sections: bool = key(
        kinds.boolean, "Si l’accueil montre une tuile par page de rubrique.", example="true", default=True
    )


def parent_key() -> Any:
    """The key of the page above, the same for every kind of page."""
    return key(
        kinds.reference("`pages` ou `section_pages`"),
        "La page au-dessus ; sans réponse, l’accueil.",
        example='"infos-pratiques"',
        default="",
    )


def _lead() -> Any:
    return key(kinds.text(400), "Son chapeau.", example='"Ce que l’on trouve ici."', default="")


def _description() -> Any:
    return key(
        kinds.text(300), "Ce que les moteurs de recherche montrent.", example='"Les lieux d’accueil."', default=""
    )


def _image() -> Any:
    return key(kinds.reference("`images`"), "Son image.", example='"creche"', default="")


def _text() -> Any:
    return key(kinds.text_file, "Son texte.", example='"pages/ecoles.md"', default=None)


@dataclass(frozen=True, kw_only=True)
class PageTable(Table):
    slug: str = key(kinds.slug(), "Son adresse.", example='"mentions-legales"')
    title: str = key(kinds.text(255), "Son titre.", example='"Mentions légales"')
    parent: str = parent_key()
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


@dataclass(frozen=True, kw_only=True)
class ImageTable(Table):
    code: str = key(kinds.slug(), "Son code.", example='"creche"')
    file: Any = key(image_file, "Le fichier.", example='"images/creche.jpg"')
    alt: str = key(
        kinds.text(255), "Ce qui est lu à qui ne la voit pas.", example='"La cour de la crèche, vue de l’entrée"'
    )
    title: str = key(
        kinds.text(255), "Son nom dans la bibliothèque ; sans réponse, `alt`.", example='"Crèche"', default=""
    )


@dataclass(frozen=True, kw_only=True)
class SectionPageTable(Table):
    slug: str = key(kinds.slug(), "Son adresse.", example='"petite-enfance"')
    title: str = key(kinds.text(255), "Son titre.", example='"Petite enfance"')
    parent: str = parent_key()
    icon: str = key(kinds.choice(Icon.values), "Son pictogramme.", example='"heart"', default=Icon.HEART.value)
    lead: str = _lead()
    description: str = _description()
    image: str = _image()
    structures: tuple[str, ...] = key(
        kinds.choices(StructureKind.values),
        "Les natures de lieux montrées.",
        example='["nursery", "relay"]',
        default=(),
    )
    activity_types: tuple[str, ...] = key(
        kinds.references("`activity_types`"), "Les activités montrées.", example='["restauration"]', default=()
    )
    news_category: str = key(
        kinds.reference("`news.categories`"), "La rubrique de ses actualités.", example='"cantine"', default=""
    )
    documents: tuple[LinkTable, ...] = key(
        kinds.tables(LinkTable), "Ses documents.", example="[[section_pages.documents]]", default=()
    )
    file: TextFile | None = _text()


@dataclass(frozen=True, kw_only=True)
class StructureIndexTable(Table):
    slug: str = key(kinds.slug(), "Son adresse.", example='"structures"', default="structures")
    title: str = key(kinds.text(255), "Son titre.", example='"Structures"', default="Structures")
    parent: str = parent_key()
    lead: str = _lead()
    description: str = _description()


@dataclass(frozen=True, kw_only=True)
class HoursTable(Table):
    days: tuple[int, ...] = key(kinds.weekdays, "Les jours.", example='["lundi", "mardi"]')
    opens: datetime.time = key(kinds.hour, "L’ouverture.", example="07:30")
    closes: datetime.time = key(kinds.hour, "La fermeture.", example="18:30")
    when: str = key(
        kinds.choice(["all", "school", "holidays"]),
        "Toute l’année, en période scolaire ou pendant les vacances.",
        example='"school"',
        default="all",
    )


@dataclass(frozen=True, kw_only=True)
class StructurePageTable(Table):
    structure: str = key(kinds.reference("`structures`"), "La structure présentée.", example='"restaurant-scolaire"')
    slug: str = key(kinds.slug(), "Son adresse ; sans réponse, le code.", example='"creche"', default="")
    title: str = key(
        kinds.text(255), "Son titre ; sans réponse, le nom de la structure.", example='"La crèche"', default=""
    )
    kind: str = key(kinds.choice(StructureKind.values), "Sa nature.", example='"nursery"')
    lead: str = _lead()
    description: str = _description()
    image: str = _image()
    age_from: int | None = key(kinds.integer(0, OLDEST), "Le premier âge, en années.", example="3", default=None)
    age_to: int | None = key(kinds.integer(0, OLDEST), "Le dernier âge, en années.", example="11", default=None)
    ages: str = key(
        kinds.text(80), "Les âges en mots, mieux que les années.", example='"de 10 semaines à 3 ans"', default=""
    )
    agreed_places: int | None = key(kinds.integer(0, 9999), "Ses places agréées.", example="20", default=None)
    hours: tuple[HoursTable, ...] = key(
        kinds.tables(HoursTable), "Ses horaires.", example="[[structure_pages.hours]]", default=()
    )
    plan: str = key(kinds.reference("`images`"), "Le plan, une image.", example='"plan-creche"', default="")
    plan_description: str = key(
        kinds.text(600),
        "Comment y aller, en mots ; avec un plan, obligatoire.",
        example='"À côté de l’école."',
        default="",
    )
    file: TextFile | None = _text()


@dataclass(frozen=True, kw_only=True)
class FaqPageTable(Table):
    slug: str = key(kinds.slug(), "Son adresse.", example='"questions"')
    title: str = key(kinds.text(255), "Son titre.", example='"Questions fréquentes"')
    parent: str = parent_key()
    lead: str = _lead()
    description: str = _description()
    file: TextFile = key(
        kinds.text_file,
        "Son texte : « ## » ouvre un sujet, « ### » une question, la suite est la réponse.",
        example='"pages/questions.md"',
    )


@dataclass(frozen=True, kw_only=True)
class ContactSubjectTable(Table):
    kind: str = key(kinds.choice(ContactKind.values), "Son sujet.", example='"help"')
    title: str = key(kinds.text(120), "Son titre.", example='"Une question sur le portail"')
    text: str = key(kinds.text(300), "Pour quoi.", example='"Compte, mot de passe, réservations."', default="")
    icon: str = key(kinds.choice(Icon.values), "Son pictogramme.", example='"mail"', default=Icon.INFORMATION.value)
    service: str = key(
        kinds.reference("`services`"), "Le service qui répond, avec ses coordonnées.", example='"enfance"', default=""
    )
    phone: str = key(kinds.phone, "Ou un téléphone.", example='"01 99 00 12 34"', default="")
    email: str = key(kinds.mail, "Ou une adresse mail.", example='"aide@mairie.example"', default="")
    hours: str = key(kinds.text(200), "Ou des horaires.", example='"du lundi au vendredi"', default="")
    links: tuple[LinkTable, ...] = key(
        kinds.tables(LinkTable), "Ses liens, deux au plus.", example="[[contact.subjects.links]]", default=()
    )


@dataclass(frozen=True, kw_only=True)
class ContactTable(Table):
    slug: str = key(kinds.slug(), "Son adresse.", example='"contacts"', default="contacts")
    title: str = key(kinds.text(255), "Son titre.", example='"Contacts"', default="Contacts")
    parent: str = parent_key()
    lead: str = _lead()
    description: str = _description()
    subjects: tuple[ContactSubjectTable, ...] = key(
        kinds.tables(ContactSubjectTable), "Les contacts par sujet.", example="[[contact.subjects]]", default=()
    )
    last_resort: str = key(
        kinds.text(600, lines=True), "Le dernier recours.", example='"Écrivez à la mairie."', default=""
    )
    last_resort_phone: str = key(kinds.phone, "Son téléphone.", example='"01 99 00 12 34"', default="")
    last_resort_email: str = key(kinds.mail, "Son adresse mail.", example='"mairie@mairie.example"', default="")
    file: TextFile | None = _text()


def _list_of_lines(help_text: str, example: str) -> Any:
    return key(kinds.lines, help_text, example=example, default=())


@dataclass(frozen=True, kw_only=True)
class AccessibilityTable(Table):
    audited_on: datetime.date | None = key(
        kinds.fixed_date, "La date de l’audit, avec le taux.", example="2026-03-12", default=None
    )
    rate: int | None = key(kinds.integer(0, 100), "Le taux de conformité, en %.", example="68", default=None)
    auditor: str = key(kinds.text(150), "Qui a réalisé l’audit.", example='"la commune"', default="")
    rgaa: str = key(kinds.text(10), "La version du RGAA.", example='"4.1"', default="4.1")
    established_on: datetime.date | None = key(
        kinds.fixed_date, "La date de la déclaration.", example="2026-04-01", default=None
    )
    non_conform: tuple[str, ...] = _list_of_lines("Les contenus non conformes.", '["les anciens PDF"]')
    derogations: tuple[str, ...] = _list_of_lines("Les dérogations, avec leur raison.", '["le plan des bus"]')
    exempted: tuple[str, ...] = _list_of_lines("Les contenus non soumis.", '["les cartes"]')
    technologies: tuple[str, ...] = key(
        kinds.lines, "Les technologies.", example='["HTML5", "CSS"]', default=("HTML5", "CSS", "SVG", "JavaScript")
    )
    tested_with: tuple[str, ...] = _list_of_lines("L’environnement de test.", '["NVDA et Firefox"]')
    tested_pages: tuple[str, ...] = _list_of_lines("Les pages vérifiées.", '["l’accueil"]')
    contact_email: str = key(kinds.mail, "L’adresse mail du contact.", example='"acces@mairie.example"', default="")
    contact_phone: str = key(kinds.phone, "Son téléphone.", example='"01 99 00 12 34"', default="")

"""The tables of profile.toml that describe the town and what it offers."""

# ruff: noqa: RUF009  # `key()` declares a field, as `dataclasses.field()` does: nothing is shared between instances

from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Any

from portal.backoffice.profiles import kinds
from portal.backoffice.profiles.days import DayRule
from portal.backoffice.profiles.kinds import TextFile
from portal.backoffice.profiles.schema import Table, key
from portal.domain.activities.deadlines import Deadline
from portal.domain.activities.enums import (
    AgeReference,
    Audience,
    EnrolmentMode,
    LimitDays,
    LimitSpan,
    ServiceDays,
    ValidationMode,
)
from portal.domain.activities.school_calendar import REGIONS, ZONES
from portal.domain.families.enums import SchoolLevel

#: What `{annee}` becomes in a name: “2026/2027”.
YEAR_MARK = "{annee}"


@dataclass(frozen=True, kw_only=True)
class CommuneTable(Table):
    code: str = key(kinds.slug(), "Le nom court de la commune, celui de son dossier.", example='"les-rousses"')
    name: str = key(kinds.text(100), "Le nom affiché.", example='"Les Rousses"')
    name_with_article: str = key(kinds.text(110), "Le nom comme on le dit après « mairie ».", example='"des Rousses"')


@dataclass(frozen=True, kw_only=True)
class CalendarTable(Table):
    zone: str = key(kinds.choice(ZONES), "La zone de vacances scolaires.", example='"A"')
    public_holidays_region: str = key(
        kinds.choice([code for code in REGIONS if code]),
        "La région des jours fériés, quand elle a les siens (Alsace-Moselle, outre-mer).",
        example='"57"',
        default="",
    )
    allow_overlaps: bool = key(
        kinds.boolean,
        "Si un enfant peut être réservé à deux endroits à la même heure ; sans réponse, non.",
        example="true",
        default=False,
    )


@dataclass(frozen=True, kw_only=True)
class ServiceTable(Table):
    code: str = key(kinds.slug(), "Son code.", example='"enfance"')
    name: str = key(kinds.text(150), "Son nom.", example='"Service Enfance"')
    email: str = key(kinds.mail, "Son adresse mail.", example='"enfance@mairie.example"', default="")
    phone: str = key(kinds.phone, "Son téléphone.", example='"01 99 00 12 34"', default="")
    opening_hours: str = key(
        kinds.text(200), "Ses horaires, en une phrase.", example='"Du lundi au vendredi, de 9 h à 12 h"', default=""
    )


@dataclass(frozen=True, kw_only=True)
class StructureTable(Table):
    code: str = key(kinds.slug(), "Son code.", example='"restaurant-scolaire"')
    name: str = key(kinds.text(150), "Son nom.", example='"Restaurant scolaire"')
    street: str = key(kinds.text(200), "Sa rue.", example='"1, place de l’Exemple"', default="")
    postcode: str = key(kinds.text(5), "Son code postal.", example='"39220"', default="")
    town: str = key(kinds.text(100), "Sa commune.", example='"Les Rousses"', default="")
    phone: str = key(kinds.phone, "Son téléphone.", example='"01 99 00 12 35"', default="")
    email: str = key(kinds.mail, "Son adresse mail.", example='"cantine@mairie.example"', default="")
    latitude: Decimal | None = key(
        kinds.coordinate(90), "Sa latitude, avec la longitude.", example="46.484800", default=None
    )
    longitude: Decimal | None = key(kinds.coordinate(180), "Sa longitude.", example="6.062800", default=None)


@dataclass(frozen=True, kw_only=True)
class SchoolTable(Table):
    code: str = key(kinds.slug(), "Son code.", example='"ecole-du-centre"')
    name: str = key(kinds.text(150), "Son nom.", example='"École du Centre"')
    levels: tuple[str, ...] = key(
        kinds.choices(SchoolLevel.values),
        "Les niveaux qu’elle accueille ; sans réponse, tous.",
        example='["PS", "MS", "GS", "CP"]',
        default=(),
    )


@dataclass(frozen=True, kw_only=True)
class ActivityTypeTable(Table):
    code: str = key(kinds.slug(), "Son code.", example='"restauration"')
    name: str = key(kinds.text(150), "Son nom, comme les parents le disent.", example='"Restauration scolaire"')
    order: int = key(kinds.integer(0, 999), "Son rang à l’écran.", example="10", default=0)


@dataclass(frozen=True, kw_only=True)
class PoolTable(Table):
    code: str = key(kinds.slug(80), "Son code.", example='"restaurant"')
    name: str = key(kinds.text(150), "Son nom.", example='"Places du restaurant"')
    capacity: int | None = key(
        kinds.integer(0, 100_000), "Les places par jour ; sans réponse, pas de limite.", example="180", default=None
    )


@dataclass(frozen=True, kw_only=True)
class TariffVersionTable(Table):
    valid_from: date = key(
        kinds.fixed_date, "Le premier jour de ce prix ; il vaut jusqu’au suivant.", example="2019-09-01"
    )
    unit_price: Decimal | None = key(
        kinds.price, "Le prix, quand il est le même pour tout le monde.", example="4.30", default=None
    )
    grid: dict[str, Any] | None = key(
        kinds.grid,
        "La grille, quand le prix dépend de la famille : à la place de `unit_price`.",
        example="[tariffs.versions.grid]",
        default=None,
    )
    deliberation: str = key(
        kinds.text(150),
        "La délibération qui le fixe, comme elle se cite après « fixé par la ».",
        example='"délibération du 27 juin 2019"',
        default="",
    )
    deliberation_url: str = key(
        kinds.url, "Où la lire.", example='"https://mairie.example/deliberations/2019-06-27.pdf"', default=""
    )


@dataclass(frozen=True, kw_only=True)
class TariffTable(Table):
    code: str = key(kinds.slug(), "Son code.", example='"repas-enfant"')
    name: str = key(kinds.text(150), "Son nom sur les récapitulatifs.", example='"Repas enfant"')
    rate_label: str = key(kinds.text(40), "Comment il se compte.", example='"à l’unité"', default="à l’unité")
    versions: tuple[TariffVersionTable, ...] = key(
        kinds.tables(TariffVersionTable, least=1), "Ses prix successifs.", example="[[tariffs.versions]]"
    )


@dataclass(frozen=True, kw_only=True)
class UnitTable(Table):
    code: str = key(kinds.slug(), "Son code, unique dans l’activité.", example='"repas"')
    name: str = key(kinds.text(100), "Ce que les familles réservent.", example='"Repas"')
    weekdays: tuple[int, ...] = key(kinds.weekdays, "Les jours où elle a lieu.", example='["lundi", "mardi"]')
    starts_at: time | None = key(kinds.hour, "Son heure de début.", example="11:30", default=None)
    ends_at: time | None = key(kinds.hour, "Son heure de fin.", example="13:30", default=None)
    tariff: str = key(kinds.reference("`tariffs`"), "Le tarif qui la compte.", example='"repas-enfant"')
    pools: tuple[str, ...] = key(
        kinds.references("`pools`"), "Les réserves où elle prend une place.", example='["restaurant"]', default=()
    )
    together: tuple[str, ...] = key(
        kinds.references("`units`, ou `activité/unité`"),
        "Ce qui se réserve et s’annule avec elle. D’un seul côté suffit.",
        example='["temps-meridien"]',
        default=(),
    )
    excludes: tuple[str, ...] = key(
        kinds.references("`units`, ou `activité/unité`"),
        "Ce qui ne se réserve pas le même jour. D’un seul côté suffit.",
        example='["sans-repas", "soir/long"]',
        default=(),
    )
    needs: tuple[str, ...] = key(
        kinds.references("`units`, ou `activité/unité`"),
        "Ce dont elle a besoin le même jour ; l’une suffit quand il y en a plusieurs.",
        example='["mercredis/journee", "mercredis/apres-midi"]',
        default=(),
    )
    may_overlap: bool = key(
        kinds.boolean,
        "Si elle se réserve même quand ses horaires en chevauchent d’autres.",
        example="true",
        default=False,
    )
    booking_deadline: Deadline | None = key(
        kinds.deadline,
        "Son propre délai pour réserver ; sans réponse, celui de l’activité.",
        example='{ kind = "days_before", days = 2 }',
        default=None,
    )
    cancellation_deadline: Deadline | None = key(
        kinds.deadline,
        "Son propre délai pour annuler ; sans réponse, celui de l’activité.",
        example='{ kind = "days_before", days = 2 }',
        default=None,
    )


@dataclass(frozen=True, kw_only=True)
class EnrolmentWindowTable(Table):
    label: str = key(
        kinds.text(100), "Ce que lisent les familles, unique dans l’activité.", example='"les habitants de Val-Fleuri"'
    )
    audience: str = key(
        kinds.choice(Audience.values),
        "Pour qui : tout le monde, les habitants des communes citées, les familles dont une pièce est acceptée, "
        "les frères et sœurs d’un enfant inscrit au même lieu.",
        example='"residents"',
        default=Audience.EVERYONE.value,
    )
    towns: tuple[str, ...] = key(kinds.lines, "Les communes des habitants.", example='["Val-Fleuri"]', default=())
    paper: str = key(kinds.slug(80), "Le code de la pièce.", example='"attestation-employeur"', default="")
    opens_on: DayRule | None = key(
        kinds.school_day, "Le premier jour pour s’inscrire, à 0 h.", example='"05-15 -1"', default=None
    )
    closes_on: DayRule | None = key(
        kinds.school_day, "Le dernier jour pour s’inscrire, inclus.", example='"06-15"', default=None
    )
    entry_rule: Deadline | None = key(
        kinds.deadline,
        "Jusqu’à quand s’inscrire avant le jour d’entrée souhaité.",
        example='{ kind = "day_of_month", day = 20 }',
        default=None,
    )


@dataclass(frozen=True, kw_only=True)
class LimitTable(Table):
    code: str = key(kinds.slug(80), "Son code, unique dans l’activité.", example='"petites-vacances"')
    at_most: int | None = key(
        kinds.integer(1, 366), "Combien au plus ; ou bien `at_least`.", example="2", default=None
    )
    at_least: int | None = key(
        kinds.integer(1, 366), "Combien au moins, dès le premier jour réservé.", example="3", default=None
    )
    span: str = key(
        kinds.choice(LimitSpan.values),
        "Compté par jour (des réservations), par semaine, par mois, par période de vacances, ou sur toute l’activité "
        "(des jours).",
        example='"week"',
    )
    among: str = key(
        kinds.choice(LimitDays.values),
        "Les jours comptés : tous, les jours d’école, les vacances scolaires, les petites vacances, l’été.",
        example='"short"',
        default=LimitDays.ALL.value,
    )
    units: tuple[str, ...] = key(
        kinds.references("`units` de l’activité"),
        "Les unités comptées ; sans réponse, toutes.",
        example='["journee"]',
        default=(),
    )


@dataclass(frozen=True, kw_only=True)
class ActivityTable(Table):
    code: str = key(kinds.slug(70), "Son code ; l’année y est ajoutée (`restaurant-2026`).", example='"restaurant"')
    name: str = key(
        kinds.text(150), "Son nom ; `{annee}` devient « 2026/2027 ».", example='"Restaurant scolaire {annee}"'
    )
    short_name: str = key(kinds.text(40), "Son nom dans les colonnes étroites.", example='"Cantine"')
    service: str = key(kinds.reference("`services`"), "Le service qui répond.", example='"enfance"')
    structure: str = key(kinds.reference("`structures`"), "Où elle a lieu.", example='"restaurant-scolaire"')
    type: str = key(kinds.reference("`activity_types`"), "Son type.", example='"restauration"')
    order: int = key(kinds.integer(0, 999), "Son rang à l’écran.", example="10", default=0)
    starts_on: DayRule = key(kinds.school_day, "Son premier jour.", example='"rentree"')
    ends_on: DayRule = key(kinds.school_day, "Son dernier jour.", example='"fin-des-classes"')
    service_days: str = key(
        kinds.choice(ServiceDays.values),
        "Les jours servis : jours d’école, vacances scolaires, ou toute l’année.",
        example='"school"',
        default=ServiceDays.SCHOOL.value,
    )
    min_age: int | None = key(kinds.integer(0, 25), "L’âge minimum, en années révolues.", example="3", default=None)
    max_age: int | None = key(kinds.integer(0, 25), "L’âge maximum, en années révolues.", example="11", default=None)
    age_reference: str = key(
        kinds.choice(AgeReference.values),
        "Quand l’âge est pris : le jour même, au 1er septembre, au 31 décembre.",
        example='"school_start"',
        default=AgeReference.SCHOOL_START.value,
    )
    levels: tuple[str, ...] = key(
        kinds.choices(SchoolLevel.values),
        "Les niveaux admis ; sans réponse, tous.",
        example='["PS", "MS", "GS"]',
        default=(),
    )
    schools: tuple[str, ...] = key(
        kinds.references("`schools`"),
        "Les écoles servies ; sans réponse, toutes.",
        example='["ecole-du-centre"]',
        default=(),
    )
    enrolment_mode: str = key(
        kinds.choice(EnrolmentMode.values),
        "Ce que fait l’inscription : elle ouvre le planning, demande les jours habituels, ou réserve toute l’année.",
        example='"pattern"',
        default=EnrolmentMode.OPEN.value,
    )
    validation_mode: str = key(
        kinds.choice(ValidationMode.values),
        "Qui accepte l’inscription : le portail, un agent, ou le portail si le dossier est complet et sinon un agent.",
        example='"automatic"',
        default=ValidationMode.AUTOMATIC.value,
    )
    enrolment_opens_on: DayRule | None = key(
        kinds.school_day,
        "Le premier jour pour s’inscrire, à 0 h. « 06-15 -1 » est le 15 juin d’avant la rentrée.",
        example='"06-15 -1"',
        default=None,
    )
    enrolment_closes_on: DayRule | None = key(
        kinds.school_day, "Le dernier jour pour s’inscrire, inclus.", example='"05-31"', default=None
    )
    enrolment_windows: tuple[EnrolmentWindowTable, ...] = key(
        kinds.tables(EnrolmentWindowTable),
        "D’autres fenêtres d’inscription : plus tôt pour certains, ou chaque mois pour le suivant. Sans les deux "
        "dates ci-dessus, l’inscription ne passe que par elles.",
        example="[[activities.enrolment_windows]]",
        default=(),
    )
    removal_deadline: Deadline | None = key(
        kinds.deadline,
        "Jusqu’à quand une inscription se supprime, compté jusqu’à son premier jour ; sans réponse, toujours.",
        example='{ kind = "days_before", days = 8 }',
        default=None,
    )
    shown_on_planning: bool = key(kinds.boolean, "Si elle est sur le planning.", example="true", default=True)
    editable_by_families: bool = key(
        kinds.boolean, "Si les familles y changent leurs jours.", example="true", default=True
    )
    booking_deadline: Deadline | None = key(
        kinds.deadline,
        "Jusqu’à quand un jour se réserve ; sans réponse, toujours.",
        example='{ kind = "weekday_before", weekday = "jeudi" }',
        default=None,
    )
    cancellation_deadline: Deadline | None = key(
        kinds.deadline,
        "Jusqu’à quand un jour s’annule ; sans réponse, comme pour réserver.",
        example='{ kind = "weekday_before", weekday = "jeudi" }',
        default=None,
    )
    late_booking_deadline: Deadline | None = key(
        kinds.deadline,
        "Jusqu’à quand un jour se réserve encore après le délai, avec un supplément ; jamais pour annuler.",
        example='{ kind = "days_before", days = 1, hour = "12:00" }',
        default=None,
    )
    late_amount: Decimal | None = key(kinds.price, "Le supplément de retard, en euros.", example="2.00", default=None)
    late_percent: int | None = key(
        kinds.integer(1, 100), "Ou le supplément de retard, en % du prix.", example="20", default=None
    )
    rules_article: str = key(
        kinds.text(100), "L’article du règlement qu’un refus cite.", example='"règlement, article 4"', default=""
    )
    limits: tuple[LimitTable, ...] = key(
        kinds.tables(LimitTable),
        "Combien de jours un enfant y réserve, au plus ou au moins.",
        example="[[activities.limits]]",
        default=(),
    )
    units: tuple[UnitTable, ...] = key(
        kinds.tables(UnitTable, least=1), "Ce qui se réserve chaque jour.", example="[[activities.units]]"
    )


@dataclass(frozen=True, kw_only=True)
class ClosureTable(Table):
    reason: str = key(kinds.text(150), "Le motif, montré aux familles.", example='"Journée de préparation"')
    starts_on: DayRule = key(kinds.school_day, "Le premier jour fermé.", example='"05-14"')
    ends_on: DayRule | None = key(
        kinds.school_day, "Le dernier jour fermé ; sans réponse, le premier.", example='"05-15"', default=None
    )
    structure: str = key(
        kinds.reference("`structures`"),
        "La structure fermée ; sans réponse, toute la commune.",
        example='"accueil-loisirs"',
        default="",
    )
    activity: str = key(
        kinds.reference("`activities`"),
        "L’activité fermée, plutôt qu’une structure.",
        example='"restaurant"',
        default="",
    )


@dataclass(frozen=True, kw_only=True)
class TermsTable(Table):
    version: int = key(
        kinds.integer(1, 10_000), "Le numéro du texte ; un numéro nouveau le redemande à tous.", example="1"
    )
    title: str = key(kinds.text(200), "Son titre.", example='"Conditions générales d’utilisation"')
    file: TextFile = key(kinds.text_file, "Son texte.", example='"cgu.md"')
    published_on: date = key(kinds.fixed_date, "Depuis quand il est en vigueur.", example="2026-06-18")


@dataclass(frozen=True, kw_only=True)
class TownTable(Table):
    """The root of profile.toml, but for the parts added by `sections`."""

    commune: CommuneTable = key(kinds.table(CommuneTable), "La commune.", example="[commune]")
    calendar: CalendarTable = key(kinds.table(CalendarTable), "Son calendrier.", example="[calendar]")
    terms: TermsTable = key(kinds.table(TermsTable), "Les conditions d’utilisation du portail.", example="[terms]")
    services: tuple[ServiceTable, ...] = key(
        kinds.tables(ServiceTable, least=1), "Les services auxquels les familles s’adressent.", example="[[services]]"
    )
    structures: tuple[StructureTable, ...] = key(
        kinds.tables(StructureTable, least=1), "Les lieux d’accueil.", example="[[structures]]"
    )
    schools: tuple[SchoolTable, ...] = key(
        kinds.tables(SchoolTable), "Les écoles des enfants.", example="[[schools]]", default=()
    )
    activity_types: tuple[ActivityTypeTable, ...] = key(
        kinds.tables(ActivityTypeTable, least=1), "Les types d’activité.", example="[[activity_types]]"
    )
    pools: tuple[PoolTable, ...] = key(
        kinds.tables(PoolTable), "Les réserves de places.", example="[[pools]]", default=()
    )
    tariffs: tuple[TariffTable, ...] = key(kinds.tables(TariffTable, least=1), "Les tarifs.", example="[[tariffs]]")
    activities: tuple[ActivityTable, ...] = key(
        kinds.tables(ActivityTable, least=1), "Les activités.", example="[[activities]]"
    )
    closures: tuple[ClosureTable, ...] = key(
        kinds.tables(ClosureTable), "Les fermetures prévues.", example="[[closures]]", default=()
    )

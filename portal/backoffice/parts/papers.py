"""The papers that a town asks for, as its profile says it; and those of the sample town."""

from dataclasses import dataclass
from typing import Any

from portal.backoffice.parts.papers_sample import fill
from portal.backoffice.profiles import kinds
from portal.backoffice.profiles.checks import refer, unique
from portal.backoffice.profiles.loading import Loading
from portal.backoffice.profiles.schema import Place, Table, key, valid
from portal.backoffice.profiles.sections import Section, register_section
from portal.backoffice.profiles.source import Profile
from portal.backoffice.roles import Role, grant
from portal.backoffice.sample.fillers import Filler, register_filler
from portal.domain.dossier.enums import Branch
from portal.domain.families.enums import SchoolLevel
from portal.domain.papers.enums import EFFECTS, PaperForm, PaperScope, Validity
from portal.domain.papers.models import PaperType

#: The last day of each month that comes every year.
_MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True, kw_only=True)
class TypeTable(Table):
    code: str = key(kinds.slug(), "Son code, qui ne change plus.", example='"assurance"')
    name: str = key(kinds.text(100), "Son nom.", example='"Assurance scolaire"')
    help: str = key(kinds.text(300), "Une phrase pour les familles.", example='"Avec l’année en cours."', default="")
    form: str = key(
        kinds.choice([form.value for form in PaperForm]),
        "Sa forme : un fichier (file) ou un texte à accepter (agreement).",
        example='"file"',
        default=PaperForm.FILE.value,
    )
    scope: str = key(
        kinds.choice([scope.value for scope in PaperScope]),
        "Une par famille (family) ou une par enfant (child).",
        example='"child"',
    )
    required: bool = key(kinds.boolean, "Si elle est obligatoire.", example="true", default=True)
    effect: str = key(
        kinds.choice([effect for effect, _label in EFFECTS]),
        "Tant qu’elle manque : le dit (informs), retient les demandes (holds), ferme les réservations (blocks).",
        example='"holds"',
        default="informs",
    )
    activities: tuple[str, ...] = key(
        kinds.references("`activities` ou de `activity_types`"),
        "Demandée pour ces activités ou types d’activité ; sans la clé, à tout le monde.",
        example='["centre-de-loisirs"]',
        default=(),
    )
    levels: tuple[str, ...] = key(
        kinds.choices([level.value for level in SchoolLevel]), "À ces niveaux.", example='["PS", "CP"]', default=()
    )
    branches: tuple[str, ...] = key(
        kinds.choices([branch.value for branch in Branch]),
        "Dans ces situations de l’actualisation.",
        example='["school_entry"]',
        default=(),
    )
    min_age: int | None = key(kinds.integer(0, 18), "À partir de cet âge.", example="3", default=None)
    max_age: int | None = key(kinds.integer(0, 18), "Jusqu’à cet âge compris.", example="11", default=None)
    valid_until: str = key(
        kinds.text(5), "Valable jusqu’à ce jour de l’année, « mois-jour ».", example='"08-31"', default=""
    )
    valid_months: int | None = key(kinds.integer(1, 120), "Ou ce nombre de mois.", example="12", default=None)
    date_written: bool = key(
        kinds.boolean,
        "Ou jusqu’à la date écrite sur la pièce. Sans aucune des trois clés, elle vaut toujours.",
        example="true",
        default=False,
    )
    page: str = key(
        kinds.text(200),
        "Le modèle à remplir ou le texte à lire, par son adresse dans le portail.",
        example='"/infos-pratiques/reglement-interieur/"',
        default="",
    )
    version: str = key(
        kinds.text(60),
        "Pour un texte à accepter, sa version : changée, tout le monde l’accepte à nouveau.",
        example='"2026-2027"',
        default="",
    )
    reasons: tuple[str, ...] = key(
        kinds.references("motifs"),
        "Ses motifs de refus propres.",
        example='["La date n’est pas lisible."]',
        default=(),
    )


@dataclass(frozen=True, kw_only=True)
class PapersTable(Table):
    types: tuple[TypeTable, ...] = key(
        kinds.tables(TypeTable, least=1), "Les pièces demandées, dans l’ordre.", example="[[papers.types]]"
    )


def connect() -> None:
    """Register the section and the filler of this part."""
    register_section(
        Section(
            name="papers",
            kind=kinds.table(PapersTable),
            help="Les pièces demandées aux familles. Sans cette table, rien n’est demandé.",
            example="[papers]",
            order=70,
            check=_check,
            load=_load,
        )
    )
    register_filler(Filler("papers", 70, fill))
    grant(Role.MANAGEMENT, "papers.view_paper", "papers.decide_paper")


def _check(profile: Profile, table: PapersTable, place: Place) -> None:
    if not valid(table.types):
        return
    unique(table.types, "code", place)
    town = profile.town
    known = [each.code for tables in (town.activities, town.activity_types) if valid(tables) for each in tables]
    for each in table.types:
        here = Place(place.folder, place.problems, place.file, each.path)
        _check_validity(each, here)
        for code in each.activities if valid(each.activities) else ():
            refer(code, known, here.at("activities"), "une activité ni un type d’activité")
        if valid(each.form, each.version) and (each.form == PaperForm.AGREEMENT) != bool(each.version):
            here.at("version").refuse("va avec la forme « agreement », et seulement avec elle.")
        ages = (each.min_age, each.max_age)
        if valid(*ages) and ages[0] is not None and ages[1] is not None and ages[0] > ages[1]:
            here.at("max_age").refuse("vient avant l’âge le plus petit.")
        if valid(each.reasons) and any(not reason.strip() or len(reason) > 120 for reason in each.reasons):
            here.at("reasons").refuse("attend des motifs de 1 à 120 caractères.")


def _check_validity(table: TypeTable, place: Place) -> None:
    if not valid(table.valid_until, table.valid_months, table.date_written):
        return
    given = [bool(table.valid_until), table.valid_months is not None, table.date_written]
    if sum(given) > 1:
        place.refuse("attend « valid_until », « valid_months » ou « date_written », l’un des trois au plus.")
    if table.valid_until and day_of_year(table.valid_until) is None:
        place.at("valid_until").refuse("attend un mois et un jour comme 08-31 ; en février, 28 au plus.")


def day_of_year(text: str) -> tuple[int, int] | None:
    """“08-31” as month and day; None when it is not a day of every year."""
    month, _, day = text.partition("-")
    if not (month.isdecimal() and day.isdecimal() and 1 <= int(month) <= 12):
        return None
    return (int(month), int(day)) if 1 <= int(day) <= _MONTH_DAYS[int(month) - 1] else None


def _load(loading: Loading, table: PapersTable) -> None:
    for order, each in enumerate(table.types):
        loading.store(PaperType, find={"code": each.code}, values=_values(each, order), path=each.path)
    # A type that left the profile stays for the papers that have it; nobody is asked for it any more.
    PaperType.objects.exclude(code__in=[each.code for each in table.types]).update(is_offered=False)


def _values(table: TypeTable, order: int) -> dict[str, Any]:
    day = day_of_year(table.valid_until) if table.valid_until else None
    validity = Validity.FOREVER
    if day is not None:
        validity = Validity.DAY_OF_YEAR
    elif table.valid_months is not None:
        validity = Validity.MONTHS
    elif table.date_written:
        validity = Validity.WRITTEN
    return {
        "name": table.name,
        "help": table.help,
        "form": table.form,
        "scope": table.scope,
        "is_required": table.required,
        "effect": table.effect,
        "activities": list(table.activities),
        "levels": list(table.levels),
        "branches": list(table.branches),
        "min_age": table.min_age,
        "max_age": table.max_age,
        "validity": validity.value,
        "valid_months": table.valid_months,
        "valid_month": day[0] if day else None,
        "valid_day": day[1] if day else None,
        "model_path": table.page,
        "text_version": table.version,
        "reasons": list(table.reasons),
        "order": order,
        "is_offered": True,
    }

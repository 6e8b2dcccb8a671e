"""How a town takes absences, as its profile says it; and the absences of the sample town."""

from dataclasses import dataclass

from portal.backoffice.parts.absences_sample import fill
from portal.backoffice.profiles import kinds
from portal.backoffice.profiles.checks import refer, unique
from portal.backoffice.profiles.loading import Loading
from portal.backoffice.profiles.schema import Place, Table, key, valid
from portal.backoffice.profiles.sections import Section, register_section
from portal.backoffice.profiles.source import Profile
from portal.backoffice.roles import Role, grant
from portal.backoffice.sample.fillers import Filler, register_filler
from portal.domain.absences.enums import Certificate, Per
from portal.domain.absences.models import MOST_DELAY, AbsenceReason, AbsenceRule


@dataclass(frozen=True, kw_only=True)
class ReasonTable(Table):
    code: str = key(kinds.slug(), "Son code, qui ne change plus.", example='"maladie"')
    name: str = key(kinds.text(80), "Ce que lit la famille.", example='"Maladie"')
    certificate: str = key(
        kinds.text(80),
        "Le justificatif demandé ; sans la clé, aucun.",
        example='"certificat médical"',
        default="",
    )
    words: bool = key(kinds.boolean, "Si la famille précise en une phrase.", example="true", default=False)
    without_carence: bool = key(kinds.boolean, "Si aucun jour de carence ne compte.", example="true", default=False)


@dataclass(frozen=True, kw_only=True)
class RuleTable(Table):
    applies_to: tuple[str, ...] = key(
        kinds.references("`activities` ou de `activity_types`"),
        "Pour ces types d’activité ou ces activités ; celle d’une activité remplace celle de son type.",
        example='["restauration"]',
    )
    open: bool = key(kinds.boolean, "Si les familles déclarent en ligne.", example="false", default=True)
    declare_days: int = key(
        kinds.integer(0, MOST_DELAY),
        "Jours pour déclarer, après le jour d’absence ; 0 : le jour même.",
        example="2",
        default=2,
    )
    certificate: str = key(
        kinds.choice(dict(Certificate.choices)),
        "Quand un justificatif est demandé.",
        example='"by_reason"',
        default="by_reason",
    )
    certificate_days: int = key(
        kinds.integer(0, MOST_DELAY),
        "Jours pour l’envoyer, après le premier jour d’absence.",
        example="8",
        default=8,
    )
    carence_days: int = key(kinds.integer(0, 30), "Premiers jours qui restent facturés.", example="1", default=0)
    most_days: int | None = key(
        kinds.integer(1, 200), "Jours non facturés au plus ; sans la clé, sans limite.", example="20", default=None
    )
    per: str = key(kinds.choice(dict(Per.choices)), "Sur quoi compte ce maximum.", example='"year"', default="year")
    charged_percent: int = key(
        kinds.integer(0, 99), "Part du prix qu’un jour excusé coûte encore, en %.", example="50", default=0
    )
    automatic: bool = key(
        kinds.boolean, "Si ce qui ne demande aucun justificatif est accepté d’office.", example="true", default=False
    )


@dataclass(frozen=True, kw_only=True)
class AbsencesTable(Table):
    reasons: tuple[ReasonTable, ...] = key(
        kinds.tables(ReasonTable, least=1), "Les motifs, dans l’ordre.", example="[[absences.reasons]]"
    )
    rules: tuple[RuleTable, ...] = key(
        kinds.tables(RuleTable, least=1), "Les règles, par type d’activité ou activité.", example="[[absences.rules]]"
    )


def connect() -> None:
    """Register the section and the filler of this part."""
    register_section(
        Section(
            name="absences",
            kind=kinds.table(AbsencesTable),
            help="Les absences déclarées après le délai d’annulation. Sans cette table, elles passent par le service.",
            example="[absences]",
            order=72,
            check=_check,
            load=_load,
        )
    )
    register_filler(Filler("absences", 72, fill))
    full = [
        f"absences.{action}_{model}"
        for model in ("absencerule", "absencereason")
        for action in ("view", "add", "change", "delete")
    ]
    grant(Role.MANAGEMENT, "absences.decide_absence", "absences.list_absence", *full)
    grant(Role.ACTIVITIES, "absences.list_absence")


def _check(profile: Profile, table: AbsencesTable, place: Place) -> None:
    if valid(table.reasons):
        unique(table.reasons, "code", place)
    if not valid(table.rules):
        return
    town = profile.town
    known = [each.code for tables in (town.activities, town.activity_types) if valid(tables) for each in tables]
    seen: set[str] = set()
    for each in table.rules:
        here = Place(place.folder, place.problems, place.file, each.path).at("applies_to")
        for code in each.applies_to if valid(each.applies_to) else ():
            refer(code, known, here, "une activité ni un type d’activité")
            if code in seen:
                here.refuse(f"nomme « {code} » une seconde fois.")
            seen.add(code)


def _load(loading: Loading, table: AbsencesTable) -> None:
    for order, reason in enumerate(table.reasons):
        values = {
            "name": reason.name,
            "needs_certificate": bool(reason.certificate),
            "certificate_name": reason.certificate or "justificatif",
            "needs_words": reason.words,
            "skips_carence": reason.without_carence,
            "order": order,
            "is_offered": True,
        }
        loading.store(AbsenceReason, find={"code": reason.code}, values=values, path=reason.path)
    # A reason that left the profile stays for the absences that have it.
    AbsenceReason.objects.exclude(code__in=[each.code for each in table.reasons]).update(is_offered=False)
    types, activities = loading.codes.get("activity_types", {}), loading.codes.get("activities", {})
    for rule in table.rules:
        for code in rule.applies_to:
            found = {"type": types[code]} if code in types else {"activity": activities.get(code)}
            if all(found.values()):  # what could not be stored is already refused
                loading.store(AbsenceRule, find=found, values=_values(rule), path=rule.path)


def _values(rule: RuleTable) -> dict[str, object]:
    return {
        "is_open": rule.open,
        "declare_days": rule.declare_days,
        "certificate": rule.certificate,
        "certificate_days": rule.certificate_days,
        "carence_days": rule.carence_days,
        "most_days": rule.most_days,
        "per": rule.per,
        "charged_percent": rule.charged_percent,
        "is_automatic": rule.automatic,
    }

"""Which requests a town takes late or on a full day, as its profile says it; those of the sample town."""

from dataclasses import dataclass

from portal.backoffice.parts.late_requests_sample import fill
from portal.backoffice.profiles import kinds
from portal.backoffice.profiles.checks import refer
from portal.backoffice.profiles.loading import Loading
from portal.backoffice.profiles.schema import Place, Table, key, valid
from portal.backoffice.profiles.sections import Section, register_section
from portal.backoffice.profiles.source import Profile
from portal.backoffice.roles import Role, grant
from portal.backoffice.sample.fillers import Filler, register_filler
from portal.domain.late_requests.models import MOST_DAYS, LateRule


@dataclass(frozen=True, kw_only=True)
class RuleTable(Table):
    applies_to: tuple[str, ...] = key(
        kinds.references("`services` ou d’`activities`"),
        "Pour ces activités, ou celles de ces services ; celle d’une activité remplace celle de son service.",
        example='["enfance"]',
    )
    deadline: bool = key(
        kinds.boolean,
        "Si une demande se fait après le délai, ou quand rien ne se change en ligne.",
        example="false",
        default=True,
    )
    capacity: bool = key(
        kinds.boolean, "Si une demande se fait quand le jour est complet.", example="true", default=False
    )
    answer_days: int | None = key(
        kinds.integer(1, MOST_DAYS),
        "Le service répond en tant de jours ; sans la clé, rien n’est promis.",
        example="2",
        default=None,
    )


@dataclass(frozen=True, kw_only=True)
class LateRequestsTable(Table):
    rules: tuple[RuleTable, ...] = key(
        kinds.tables(RuleTable, least=1), "Les règles, par service ou activité.", example="[[late_requests.rules]]"
    )


def connect() -> None:
    """Register the section and the filler of this part."""
    register_section(
        Section(
            name="late_requests",
            kind=kinds.table(LateRequestsTable),
            help="Les demandes au service, hors délai ou hors places. Sans cette table, la famille l’appelle.",
            example="[late_requests]",
            order=74,
            check=_check,
            load=_load,
        )
    )
    register_filler(Filler("late_requests", 96, fill))
    grant(
        Role.MANAGEMENT,
        "late_requests.decide_laterequest",
        "late_requests.exceed_places",
        *(f"late_requests.{action}_laterule" for action in ("view", "add", "change", "delete")),
    )
    grant(Role.ACTIVITIES, "late_requests.decide_laterequest", "late_requests.view_laterule")


def _check(profile: Profile, table: LateRequestsTable, place: Place) -> None:
    if not valid(table.rules):
        return
    town = profile.town
    known = [each.code for tables in (town.services, town.activities) if valid(tables) for each in tables]
    seen: set[str] = set()
    for each in table.rules:
        here = Place(place.folder, place.problems, place.file, each.path).at("applies_to")
        for code in each.applies_to if valid(each.applies_to) else ():
            refer(code, known, here, "un service ni une activité")
            if code in seen:
                here.refuse(f"nomme « {code} » une seconde fois.")
            seen.add(code)


def _load(loading: Loading, table: LateRequestsTable) -> None:
    services, activities = loading.codes.get("services", {}), loading.codes.get("activities", {})
    for rule in table.rules:
        for code in rule.applies_to:
            found = {"activity": activities[code]} if code in activities else {"service": services.get(code)}
            if all(found.values()):  # what could not be stored is already refused
                loading.store(LateRule, find=found, values=_values(rule), path=rule.path)


def _values(rule: RuleTable) -> dict[str, object]:
    return {"for_deadline": rule.deadline, "for_capacity": rule.capacity, "answer_days": rule.answer_days}

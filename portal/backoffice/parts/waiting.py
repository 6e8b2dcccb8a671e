"""How a town keeps its lines, as its profile says it; and the lines of the sample town."""

from dataclasses import dataclass

from portal.backoffice.parts.waiting_sample import fill
from portal.backoffice.profiles import kinds
from portal.backoffice.profiles.checks import refer
from portal.backoffice.profiles.loading import Loading
from portal.backoffice.profiles.schema import Place, Table, key, valid
from portal.backoffice.profiles.sections import Section, register_section
from portal.backoffice.profiles.source import Profile
from portal.backoffice.roles import Role, grant
from portal.backoffice.sample.fillers import Filler, register_filler
from portal.domain.waiting.enums import Criterion
from portal.domain.waiting.models import MOST_HOURS, ListRule


@dataclass(frozen=True, kw_only=True)
class RuleTable(Table):
    applies_to: tuple[str, ...] = key(
        kinds.references("`activities` ou de `pools`"),
        "Pour ces activités ou ces réserves de places ; la règle d’une réserve passe avant celle d’une activité.",
        example='["accueil-loisirs"]',
    )
    open: bool = key(kinds.boolean, "Si les familles peuvent attendre une place.", example="false", default=True)
    offer_hours: int = key(
        kinds.integer(1, MOST_HOURS), "Heures pour répondre à une place proposée.", example="24", default=24
    )
    priorities: tuple[str, ...] = key(
        kinds.choices(Criterion.values),
        "Ce qui passe avant l’ordre des demandes, dans l’ordre ; sans la clé, l’ordre des demandes seul.",
        example='["sibling"]',
        default=(),
    )
    siblings_together: bool = key(
        kinds.boolean, "Si « frères et sœurs ensemble » est proposé.", example="false", default=True
    )
    exchange: bool = key(
        kinds.boolean,
        "Si une famille peut proposer sa place après le délai d’annulation (activités seulement).",
        example="true",
        default=False,
    )
    exchange_hours: int = key(
        kinds.integer(0, MOST_HOURS), "L’échange s’arrête tant d’heures avant le début.", example="12", default=12
    )


@dataclass(frozen=True, kw_only=True)
class WaitingTable(Table):
    rules: tuple[RuleTable, ...] = key(
        kinds.tables(RuleTable, least=1), "Les règles, par activité ou réserve.", example="[[waiting.rules]]"
    )


def connect() -> None:
    """Register the section and the filler of this part."""
    register_section(
        Section(
            name="waiting",
            kind=kinds.table(WaitingTable),
            help="Les listes d’attente des jours complets et l’échange de places. Sans cette table, il n’y en a pas.",
            example="[waiting]",
            order=73,
            check=_check,
            load=_load,
        )
    )
    register_filler(Filler("waiting", 95, fill))
    grant(
        Role.MANAGEMENT,
        "waiting.offer_place",
        *(f"waiting.{action}_listrule" for action in ("view", "add", "change", "delete")),
    )
    grant(Role.ACTIVITIES, "waiting.offer_place", "waiting.view_listrule")


def _check(profile: Profile, table: WaitingTable, place: Place) -> None:
    if not valid(table.rules):
        return
    town = profile.town
    activities = [each.code for each in town.activities] if valid(town.activities) else []
    pools = [each.code for each in town.pools] if valid(town.pools) else []
    seen: set[str] = set()
    for each in table.rules:
        here = Place(place.folder, place.problems, place.file, each.path)
        named = each.applies_to if valid(each.applies_to) else ()
        for code in named:
            refer(code, [*activities, *pools], here.at("applies_to"), "une activité ni une réserve de places")
            if code in seen:
                here.at("applies_to").refuse(f"nomme « {code} » une seconde fois.")
            if each.exchange and code in pools and code not in activities:
                here.at("exchange").refuse("vaut pour une activité, pas pour une réserve de places.")
            seen.add(code)


def _load(loading: Loading, table: WaitingTable) -> None:
    pools, activities = loading.codes.get("pools", {}), loading.codes.get("activities", {})
    for rule in table.rules:
        for code in rule.applies_to:
            found = {"activity": activities[code]} if code in activities else {"pool": pools.get(code)}
            if all(found.values()):  # what could not be stored is already refused
                loading.store(ListRule, find=found, values=_values(rule), path=rule.path)


def _values(rule: RuleTable) -> dict[str, object]:
    return {
        "is_open": rule.open,
        "offer_hours": rule.offer_hours,
        "priorities": list(rule.priorities),
        "siblings_together": rule.siblings_together,
        "exchange_open": rule.exchange,
        "exchange_hours": rule.exchange_hours,
    }

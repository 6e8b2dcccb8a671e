"""What the units of a profile are to each other: `together`, `excludes`, `needs`, by code or by `activity/unit`."""

from collections.abc import Iterator
from dataclasses import dataclass

from portal.backoffice.profiles.problems import suggestion
from portal.backoffice.profiles.schema import Place, valid
from portal.backoffice.profiles.tables import ActivityTable, TownTable, UnitTable
from portal.domain.activities.enums import RelationKind
from portal.domain.activities.relations import Edge, Fault, faults

_KEYS = {
    "together": RelationKind.SOLIDARY,
    "excludes": RelationKind.EXCLUSIVE,
    "needs": RelationKind.DEPENDENT,
}
_KEY_OF = {kind.value: name for name, kind in _KEYS.items()}

_FAULTS = {
    Fault.RING: "ces unités ont besoin l’une de l’autre en rond : {units}.",
    Fault.TORN: "ces unités se réservent ensemble et s’excluent à la fois : {units}.",
    Fault.NEVER: "personne ne pourrait réserver cette unité : tout ce dont elle a besoin l’exclut.",
}
_FAULT_KEYS = {Fault.RING: "needs", Fault.TORN: "excludes", Fault.NEVER: "needs"}


@dataclass(frozen=True, slots=True)
class Reference:
    """One code of one of the three keys, and the unit that it names (None when there is none)."""

    kind: RelationKind
    unit: UnitTable
    code: str
    other: UnitTable | None


def check_relations(town: TownTable, place: Place) -> None:
    """Note the codes that name no unit, the pairs with two relations, and what contradicts itself as a whole."""
    numbers = {unit.path: number for number, (_, unit) in enumerate(_units(town))}
    paths = {number: path for path, number in numbers.items()}
    edges: dict[frozenset[int], Edge] = {}
    whole = True
    for each in references(town):
        name = _KEY_OF[each.kind]
        where = _at(place, each.unit.path, name)
        if each.other is None:
            where.refuse(f"« {each.code} » n’est pas une unité du profil.", suggestion(each.code, _codes(town)))
            whole = False
            continue
        edge = Edge(each.kind, numbers[each.unit.path], numbers[each.other.path])
        pair = frozenset(edge[1:])
        known = edges.get(pair)
        if len(pair) == 1:
            where.refuse("une unité n’a pas de lien avec elle-même.", "Retirez son propre code.")
            whole = False
        elif known is not None and (
            known.kind != edge.kind or (known != edge and edge.kind == RelationKind.DEPENDENT)
        ):
            where.refuse(
                f"« {each.code} » a déjà un autre lien avec cette unité, `{_KEY_OF[known.kind]}`.",
                "Gardez un seul lien pour deux unités.",
            )
            whole = False
        else:
            edges.setdefault(pair, edge)
    if not whole:
        return
    for fault, units in faults(edges.values()):
        named = ", ".join(paths[unit] for unit in units)
        _at(place, paths[units[0]], _FAULT_KEYS[fault]).refuse(_FAULTS[fault].format(units=named))


def _units(town: TownTable) -> Iterator[tuple[ActivityTable, UnitTable]]:
    for activity in town.activities if valid(town.activities) else ():
        for unit in activity.units if valid(activity.units) else ():
            yield activity, unit


def references(town: TownTable) -> Iterator[Reference]:
    known = {(activity.code, unit.code): unit for activity, unit in _units(town) if valid(activity.code, unit.code)}
    for activity, unit in _units(town):
        for name, kind in _KEYS.items():
            codes = getattr(unit, name)
            for code in codes if valid(codes) else ():
                there, _, other = code.rpartition("/")
                yield Reference(kind, unit, code, known.get((there or activity.code, other)))


def _codes(town: TownTable) -> list[str]:
    return [
        code
        for activity, unit in _units(town)
        if valid(activity.code, unit.code)
        for code in (unit.code, f"{activity.code}/{unit.code}")
    ]


def _at(place: Place, path: str, name: str) -> Place:
    return Place(place.folder, place.problems, place.file, path).at(name)

"""Saying what units are to each other: whole, without contradiction, and true of what is already booked."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import OperationalError, connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from portal.domain.accounts.models import User
from portal.domain.activities.enums import RelationKind
from portal.domain.activities.models import Unit, UnitRelation
from portal.domain.activities.relations import Edge, Fault, faults
from portal.domain.audit.services import record
from portal.domain.bookings.models import Booking
from portal.domain.kernel import french
from portal.domain.kernel.clock import paris_date

#: Whoever books reads the relations in its transaction, so that this lock waits for it and makes the next one wait.
#: Not for ever: a backup reads every table for minutes, and the whole town would wait behind us.
_LOCK = "LOCK TABLE activities_unitrelation IN ACCESS EXCLUSIVE MODE"
_PATIENCE = "SET LOCAL lock_timeout = '3s'"
_NO_MORE_PATIENCE = "SET LOCAL lock_timeout = DEFAULT"

_KINDS = {
    RelationKind.SOLIDARY: "together",
    RelationKind.EXCLUSIVE: "excludes",
    RelationKind.DEPENDENT: "needs",
}


class RelationsRefused(Exception):
    """These relations cannot be, in French; `field` is "together", "excludes" or "needs", or None for the whole.

    Nothing was written.
    """

    def __init__(self, reason: str, *, field: str | None = None, unit: int | None = None) -> None:
        super().__init__(french.typography(reason))
        self.field = field
        self.unit = unit


@dataclass(frozen=True, slots=True)
class UnitRelations:
    """The relations of one unit, by key of the other unit."""

    together: frozenset[int] = frozenset()
    excludes: frozenset[int] = frozenset()
    needs: frozenset[int] = frozenset()
    needed_by: frozenset[int] = frozenset()


def relations_of(unit: Unit) -> UnitRelations:
    """What this unit is to others, in one query."""
    found: dict[str, set[int]] = {"together": set(), "excludes": set(), "needs": set(), "needed_by": set()}
    for kind, one, other in _edges(UnitRelation.objects.filter(Q(unit=unit) | Q(other=unit))):
        name = _KINDS[RelationKind(kind)]
        if name == "needs" and other == unit.pk:
            name = "needed_by"
        found[name].add(one if other == unit.pk else other)
    return UnitRelations(**{name: frozenset(units) for name, units in found.items()})


def set_unit_relations(
    *,
    unit: Unit,
    together: Collection[int],
    excludes: Collection[int],
    needs: Collection[int],
    by: User,
    at: datetime,
) -> int:
    """Give the unit exactly these relations, by key of the other unit; those that need it are left alone.

    Returns how many relations changed. Raises RelationsRefused.
    """
    wanted = [
        Edge(kind, unit.pk, other)
        for kind, others in (
            (RelationKind.SOLIDARY, together),
            (RelationKind.EXCLUSIVE, excludes),
            (RelationKind.DEPENDENT, needs),
        )
        for other in others
    ]
    wanted += [Edge(RelationKind.DEPENDENT, other, unit.pk) for other in relations_of(unit).needed_by]
    return set_relations(units=[unit.pk], edges=wanted, by=by, at=at)


def set_relations(*, units: Collection[int], edges: Iterable[Edge], by: User, at: datetime) -> int:
    """Give these units exactly these relations, among them and with others; returns how many changed.

    Refused when a pair has two relations, when the relations contradict each other (a ring of needs, units both tied
    and apart), or when bookings of today or later do: those are changed first, with the families. Drafts are not
    looked at: what has become impossible there falls out at the validation, with its reason.

    Raises RelationsRefused; nothing is written then. Without any change, nothing is locked.
    """
    wanted = {_canonical(edge) for edge in edges}
    if wanted == _current(units):
        return 0
    with transaction.atomic():
        _lock()
        before = _current(units)
        added, removed = wanted - before, before - wanted
        _check_pairs(wanted)
        everything = {_canonical(edge) for edge in _edges(UnitRelation.objects.all())}
        _check_whole((everything - removed) | added)
        _check_bookings(added, removed, wanted, today=paris_date(at))
        for edge in removed:
            pair = Q(unit=edge.unit, other=edge.other) | Q(unit=edge.other, other=edge.unit)
            UnitRelation.objects.filter(pair, kind=edge.kind).delete()
        UnitRelation.objects.bulk_create(
            UnitRelation(kind=edge.kind, unit_id=edge.unit, other_id=edge.other) for edge in sorted(added)
        )
        names = _names(unit for edge in added | removed for unit in (edge.unit, edge.other))
        for unit in Unit.objects.filter(pk__in={edge.unit for edge in added | removed}).order_by("pk"):
            record(
                verb="set_unit_relations",
                target=unit,
                by=by,
                at=at,
                before={"relations": _said((edge for edge in removed if edge.unit == unit.pk), names)},
                after={"relations": _said((edge for edge in added if edge.unit == unit.pk), names)},
            )
    return len(added) + len(removed)


def _lock() -> None:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_PATIENCE)
            cursor.execute(_LOCK)
            cursor.execute(_NO_MORE_PATIENCE)
    except OperationalError as error:
        raise RelationsRefused(
            "Le portail est occupé par des validations ou par une sauvegarde. Réessayez dans un instant."
        ) from error


def _edges(relations: QuerySet[UnitRelation]) -> list[Edge]:
    return [Edge(*row) for row in relations.order_by("pk").values_list("kind", "unit_id", "other_id")]


def _current(units: Collection[int]) -> set[Edge]:
    return {_canonical(edge) for edge in _edges(UnitRelation.objects.filter(Q(unit__in=units) | Q(other__in=units)))}


def _canonical(edge: Edge) -> Edge:
    """A pair is written one way; only a dependency has a direction."""
    if edge.kind == RelationKind.DEPENDENT or edge.unit <= edge.other:
        return edge
    return Edge(edge.kind, edge.other, edge.unit)


def _check_pairs(edges: Collection[Edge]) -> None:
    """One relation for a pair, of two units."""
    seen: set[frozenset[int]] = set()
    for edge in sorted(edges):
        pair = frozenset({edge.unit, edge.other})
        field = _KINDS[RelationKind(edge.kind)]
        if len(pair) == 1:
            raise RelationsRefused("Une unité n’a pas de lien avec elle-même.", field=field, unit=edge.unit)
        if pair in seen:
            named = _named(pair)
            raise RelationsRefused(f"{named} ont déjà un autre lien : gardez-en un seul.", field=field, unit=edge.unit)
        seen.add(pair)


def _check_whole(edges: Collection[Edge]) -> None:
    for fault, units in faults(sorted(edges)):
        if fault is Fault.RING:
            raise RelationsRefused(
                f"Ces unités ont besoin l’une de l’autre en rond : {_named(units)}.", field="needs", unit=units[0]
            )
        if fault is Fault.TORN:
            raise RelationsRefused(
                f"{_named(units)} se réservent ensemble et s’excluent à la fois.", field="excludes", unit=units[0]
            )
        raise RelationsRefused(
            f"Plus personne ne pourrait réserver {_named(units[:1])} : tout ce dont elle a besoin l’exclut.",
            field="needs",
            unit=units[0],
        )


def _check_bookings(added: set[Edge], removed: set[Edge], wanted: set[Edge], *, today: date) -> None:
    """What is booked from today on must hold to the new relations already."""
    for edge in sorted(added):
        pair = ((edge.unit, edge.other), (edge.other, edge.unit))
        if edge.kind == RelationKind.EXCLUSIVE:
            _refuse(_booked(edge.unit, today).filter(_beside([edge.other])), edge, "les deux le même jour")
        elif edge.kind == RelationKind.SOLIDARY:
            for unit, other in pair:
                _refuse(_booked(unit, today).exclude(_beside([other])), edge, "l’une sans l’autre")
    changed = {edge.unit for edge in added | removed if edge.kind == RelationKind.DEPENDENT}
    for unit in sorted(changed):
        needs = [edge for edge in wanted if edge.kind == RelationKind.DEPENDENT and edge.unit == unit]
        if needs:
            others = [edge.other for edge in needs]
            _refuse(_booked(unit, today).exclude(_beside(others)), needs[0], "sans ce dont elle a besoin")


def _booked(unit: int, today: date) -> QuerySet[Booking]:
    return Booking.objects.booked().filter(unit=unit, day__gte=today)


def _beside(units: Collection[int]) -> Exists:
    """That the same child has one of these units on the same day."""
    return Exists(Booking.objects.booked().filter(child=OuterRef("child"), day=OuterRef("day"), unit__in=units))


def _refuse(against: QuerySet[Booking], edge: Edge, how: str) -> None:
    days = list(against.order_by("day").values_list("day", flat=True))
    if not days:
        return
    distinct = sorted(set(days))
    named = french.join_words([french.long_date(day) for day in distinct[:3]])
    more = f" et {french.plural(len(distinct) - 3, 'autre jour', 'autres jours')}" if len(distinct) > 3 else ""
    raise RelationsRefused(
        f"{french.plural(len(days), 'réservation', 'réservations')} à venir "
        f"{'contredit' if len(days) == 1 else 'contredisent'} ce lien, {_named((edge.unit, edge.other))} : {how}, "
        f"le {named}{more}. Changez-les d’abord avec les familles.",
        field=_KINDS[RelationKind(edge.kind)],
        unit=edge.unit,
    )


def _names(units: Iterable[int]) -> dict[int, str]:
    return {unit.pk: str(unit) for unit in Unit.objects.filter(pk__in={*units}).select_related("activity")}


def _named(units: Iterable[int]) -> str:
    listed = [*dict.fromkeys(units)]
    names = _names(listed)
    return french.join_words([f"« {names[unit]} »" for unit in sorted(listed) if unit in names])


def _said(edges: Iterable[Edge], names: dict[int, str]) -> list[str]:
    return [f"{RelationKind(edge.kind).label} {names[edge.other]}" for edge in sorted(edges)]

"""Storing what the units of a profile are to each other."""

from portal.backoffice.profiles.loading import Loading
from portal.backoffice.profiles.relations import references
from portal.domain.activities.models import UnitRelation
from portal.domain.activities.relations import Edge
from portal.domain.bookings.relating import RelationsRefused, set_relations


def load_relations(loading: Loading) -> None:
    """Give the units of this school year the relations of the profile; those with units of agents' own stay."""
    units = loading.codes.get("units", {})
    edges = [
        Edge(each.kind, units[each.unit.path].pk, units[each.other.path].pk)
        for each in references(loading.profile.town)
        if each.other is not None and each.unit.path in units and each.other.path in units
    ]
    ours = {unit.pk: path for path, unit in units.items()}
    foreign = [
        Edge(*row)
        for row in UnitRelation.objects.order_by("pk").values_list("kind", "unit_id", "other_id")
        if (row[1] in ours) != (row[2] in ours)
    ]
    try:
        changed = set_relations(units=[*ours], edges=[*edges, *foreign], by=loading.by, at=loading.at)
    except RelationsRefused as error:
        path = ours.get(error.unit or 0, "activities")
        loading.refuse(f"{path}.{error.field}" if error.field else path, str(error))
        return
    if changed:
        loading.report.updated["lien entre unités"] += changed

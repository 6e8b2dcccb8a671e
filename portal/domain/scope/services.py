"""Limiting an agent to some places of the town."""

from collections.abc import Collection
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction

from portal.domain.accounts.models import User
from portal.domain.activities.models import Structure
from portal.domain.audit.services import record
from portal.domain.families.acting import current_acting
from portal.domain.scope.models import AgentLimit
from portal.domain.scope.queries import forget, is_limited

LIMIT = "scope.limit_agent"


class LimitRefused(Exception):
    """Nothing was written; the message, in French, says why."""


def may_limit(agent: User) -> bool:
    """Who decides what others see: no role does, the administration gives the permission; never whoever is limited."""
    return agent.is_active and agent.is_staff and agent.has_perm(LIMIT) and not is_limited(agent)


@transaction.atomic
def limit_agent(*, agent: User, structures: Collection[Structure], by: User, at: datetime) -> bool:
    """Limit an agent to these places, to none for the whole town. False when it was so already.

    It counts from the next page on; an agent in the space of a family that leaves the scope is out of it at once.
    Raises PermissionDenied, LimitRefused.
    """
    if not may_limit(by):
        raise PermissionDenied
    # The same lock as that of `start_acting`: nobody enters a family's space beside it.
    locked = User.objects.select_for_update(no_key=True).get(pk=agent.pk)
    if locked.pk == by.pk:
        raise LimitRefused("Vous ne pouvez pas changer votre propre périmètre.")
    if not (locked.is_staff and locked.is_active):
        raise LimitRefused("Ce compte n’est pas celui d’un agent en service.")
    if locked.is_superuser and structures:
        raise LimitRefused("L’administration voit toute la commune : retirez d’abord ce droit au compte.")
    wanted = {structure.pk for structure in structures}
    # Locked so that none of them is deleted meanwhile.
    known = Structure.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=wanted).order_by("pk")
    names = {structure.pk: _named(structure) for structure in known}
    if wanted - names.keys():
        raise LimitRefused("Une de ces structures n’existe plus : rechargez la page.")
    rows = AgentLimit.objects.filter(agent=locked).select_related("structure").order_by("structure")
    before = {row.structure_id: _named(row.structure) for row in rows}
    if before.keys() == names.keys():
        return False
    AgentLimit.objects.filter(agent=locked).exclude(structure__in=wanted).delete()
    AgentLimit.objects.bulk_create(
        AgentLimit(agent=locked, structure_id=key) for key in sorted(wanted - before.keys())
    )
    record(
        verb="limit_agent",
        target=locked,
        by=by,
        at=at,
        before={"structures": list(before.values())},
        after={"structures": list(names.values())},
    )
    forget(agent)
    forget(locked)
    current_acting(user=locked, at=at)
    return True


def _named(structure: Structure) -> str:
    """Two structures may have the same name: the number tells them apart."""
    return f"{structure.name} (n°\u00a0{structure.pk})"

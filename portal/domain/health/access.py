"""Who may read and write a child's health. The narrowest door of the portal."""

from django.db.models import QuerySet

from portal.domain.accounts.models import User
from portal.domain.families.access import NotAllowed, Right, children_with
from portal.domain.families.acting import acting_children
from portal.domain.families.locks import lock_children
from portal.domain.families.models import Child, Family, FamilyMember

READ_PERMISSION = "health.read_healthsheet"


class Unknown(Exception):
    """This child does not exist for this person: 404."""


def may_read_as_agent(agent: User) -> bool:
    """Only the roles that welcome children or answer for their dossier (rule 46)."""
    return agent.is_active and agent.is_staff and agent.has_perm(READ_PERMISSION)


def require_agent(agent: User) -> None:
    """Raises NotAllowed."""
    if not may_read_as_agent(agent):
        raise NotAllowed(READ_PERMISSION)


def acts_for(*, user: User, family: Family) -> bool:
    """Whether this account is here in the name of the family, without being one of its people."""
    return not FamilyMember.objects.filter(family=family, adult__user=user).exists()


def children_of(*, user: User, family: Family) -> QuerySet[Child]:
    """The children whose health this person reads and writes: parents who may edit, never a relative who looks; for an
    agent who is limited to some places, those of these places.
    """
    found = children_with(user=user, family=family, right=Right.EDIT)
    if not acts_for(user=user, family=family):
        return found
    return acting_children(user, found) if may_read_as_agent(user) else Child.objects.none()


def child_of(*, user: User, family: Family, child_id: int) -> Child:
    """The child, or Unknown when they are not of this family; NotAllowed when the person may look but not edit."""
    child = children_of(user=user, family=family).filter(pk=child_id).first()
    if child is not None:
        return child
    if children_with(user=user, family=family, right=Right.SEE).filter(pk=child_id).exists():
        raise NotAllowed(Right.EDIT.value)
    raise Unknown


def lock_child_of(*, user: User, family: Family, child_id: int) -> Child:
    """The same, the child locked before the right is asked: nothing is written about a child that was merged, or whose
    dossier was archived, meanwhile.
    """
    lock_children([child_id])
    return child_of(user=user, family=family, child_id=child_id)

"""Who may do what in a family. The only door from a signed-in account to its family and children.

A right is held when both the person (`FamilyMember`) and the household over the child (`ChildLink`) have it.
An agent who acts for a family (`families.acting`) is there as its holder would be, until the session closes.
"""

from collections.abc import Sequence
from enum import StrEnum

from django.db.models import Exists, Q, QuerySet

from portal.domain.accounts.models import User
from portal.domain.families.models import ActingSession, Child, ChildLink, Family, FamilyMember


class Right(StrEnum):
    SEE = "can_see"
    EDIT = "can_edit"
    BOOK = "can_book"
    PAY = "can_pay"


class NotAllowed(Exception):
    """The person has no such right in this family: an anticipated refusal, shown as 403."""


def lock_in_use(family: Family) -> Family:
    """The household's row, locked until the end of the transaction. Raises NotAllowed when it was archived meanwhile:
    nothing is written any more in a dossier that is put away, or that another one absorbed.
    """
    locked = Family.objects.select_for_update(of=("self",), no_key=True).get(pk=family.pk)
    if locked.archived_at is not None:
        raise NotAllowed("archived")
    return locked


def reachable_families(*, user: User) -> list[Family]:
    """The families in which this account works, the first they joined first; an archived one is nobody's.

    The one that an agent acts for, else those where the person may look. One query, one more for an agent.
    """
    if user.is_staff:
        acting = ActingSession.objects.open_of(user).select_related("family").first()
        if acting is not None:
            return [acting.family]
    memberships = FamilyMember.objects.filter(adult__user=user, can_see=True, family__archived_at=None)
    return [membership.family for membership in memberships.select_related("family").order_by("pk")]


def find_family(*, user: User, chosen: int | None = None) -> Family | None:
    """The family this account works in: the chosen one when it is theirs, else the first, else none."""
    return choose_family(reachable_families(user=user), chosen)


def choose_family(families: Sequence[Family], chosen: int | None) -> Family | None:
    """The chosen one of these, else the first, else none."""
    return next((family for family in families if family.pk == chosen), families[0] if families else None)


def may(*, user: User, family: Family, right: Right) -> bool:
    """Whether this account's person has that right in that family; in an archived one nobody has any."""
    return _holding(user, family, right).exists() or _acts_for(user, family)


def require(*, user: User, family: Family, right: Right) -> None:
    """Raises NotAllowed unless this account's person has that right in that family."""
    if not may(user=user, family=family, right=right):
        raise NotAllowed(right.value)


def children_with(*, user: User, family: Family, right: Right) -> QuerySet[Child]:
    """The children of this family over whom the person has that right, in the family's order.

    Both rights are asked in the query that reads the children; for an agent, one more.
    """
    links = ChildLink.objects.filter(Q(**{right.value: True}), family=family, can_see=True)
    if not _acts_for(user, family):
        links = links.filter(Exists(_holding(user, family, right)))
    return Child.objects.filter(links__in=links).order_by("links__order", "birth_date", "pk")


def _holding(user: User, family: Family, right: Right) -> QuerySet[FamilyMember]:
    return FamilyMember.objects.filter(
        Q(**{right.value: True}), family=family, family__archived_at=None, adult__user=user
    )


def _acts_for(user: User, family: Family) -> bool:
    return user.is_staff and ActingSession.objects.open_of(user).filter(family=family).exists()

"""Who may do what in a family. The only door from a signed-in account to its family and children.

A right is held when both the person (`FamilyMember`) and the household over the child (`ChildLink`) have it.
"""

from enum import StrEnum

from django.db.models import Q, QuerySet

from portal.domain.accounts.models import User
from portal.domain.families.models import Child, ChildLink, Family, FamilyMember


class Right(StrEnum):
    SEE = "can_see"
    EDIT = "can_edit"
    BOOK = "can_book"
    PAY = "can_pay"


class NotAllowed(Exception):
    """The person has no such right in this family: an anticipated refusal, shown as 403."""


def find_family(*, user: User, chosen: int | None = None) -> Family | None:
    """The family this account works in: the chosen one when it is theirs, else the first they joined, else none."""
    memberships = FamilyMember.objects.filter(adult__user=user, can_see=True).select_related("family")
    if chosen is not None:
        membership = memberships.filter(family=chosen).first()
        if membership is not None:
            return membership.family
    membership = memberships.order_by("pk").first()
    return membership.family if membership else None


def may(*, user: User, family: Family, right: Right) -> bool:
    """Whether this account's person has that right in that family."""
    return FamilyMember.objects.filter(Q(**{right.value: True}), family=family, adult__user=user).exists()


def require(*, user: User, family: Family, right: Right) -> None:
    """Raises NotAllowed unless this account's person has that right in that family."""
    if not may(user=user, family=family, right=right):
        raise NotAllowed(right.value)


def children_with(*, user: User, family: Family, right: Right) -> QuerySet[Child]:
    """The children of this family over whom the person has that right, in the family's order."""
    if not may(user=user, family=family, right=right):
        return Child.objects.none()
    links = ChildLink.objects.filter(Q(**{right.value: True}), family=family, can_see=True)
    return Child.objects.filter(links__in=links).order_by("links__order", "birth_date", "pk")

"""The people of a dossier, found through the person who asks: what is not theirs does not exist."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.http import Http404

from portal.domain.changes.models import ChangeRequest
from portal.domain.changes.queries import open_changes, school_names
from portal.domain.families.access import Right, children_with, may
from portal.domain.families.models import Adult, Child, FamilyMember, Schooling
from portal.domain.families.queries import load_schoolings
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.school_year import SchoolYear
from portal.web import clock
from portal.web.family import FamilyRequest

_KEPT = "_dossier_shared"


@dataclass
class Shared:
    """What several cards of one page ask: read once per request."""

    request: FamilyRequest

    @cached_property
    def today(self) -> date:
        return paris_date(clock.now(self.request))

    @cached_property
    def year(self) -> SchoolYear:
        return SchoolYear.of(self.today)

    @cached_property
    def changes(self) -> list[ChangeRequest]:
        return open_changes(family=self.request.family, user=self.request.user)

    @cached_property
    def schools(self) -> dict[str, str]:
        return school_names()

    @cached_property
    def may_edit(self) -> bool:
        return may(user=self.request.user, family=self.request.family, right=Right.EDIT)

    @cached_property
    def editable_children(self) -> frozenset[int]:
        found = children_with(user=self.request.user, family=self.request.family, right=Right.EDIT)
        return frozenset(found.values_list("pk", flat=True))

    def schooling(self, child: Child) -> Schooling | None:
        return load_schoolings(children=[child.pk], school_year=self.year.start).get(child.pk)


def shared(request: FamilyRequest) -> Shared:
    """The values shared by the cards of this request."""
    kept: Shared | None = getattr(request, _KEPT, None)
    if kept is None:
        kept = Shared(request)
        setattr(request, _KEPT, kept)
    return kept


def find_child(request: FamilyRequest, child_id: int, right: Right = Right.SEE) -> Child:
    """A child of this household that the person may see. Raises Http404."""
    found = children_with(user=request.user, family=request.family, right=right).filter(pk=child_id)
    child = found.select_related("photo").first()
    if child is None:
        raise Http404
    return child


def find_member(request: FamilyRequest, adult_id: int) -> FamilyMember:
    """An adult of this household, with their place in it. Raises Http404."""
    member = FamilyMember.objects.filter(family=request.family, adult=adult_id).select_related("adult__photo").first()
    if member is None:
        raise Http404
    return member


def find_adult(request: FamilyRequest, adult_id: int) -> Adult:
    return find_member(request, adult_id).adult

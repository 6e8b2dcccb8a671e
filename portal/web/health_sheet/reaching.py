"""From a request to the child whose health is asked, or 404; what an agent reads in the family's name is noted."""

from datetime import datetime

from django.http import Http404

from portal.domain.families.access import NotAllowed
from portal.domain.families.models import Child
from portal.domain.health.access import READ_PERMISSION, Unknown, acts_for, child_of
from portal.domain.health.enums import ReadingScreen
from portal.domain.health.queries import ChildCare, care_of
from portal.domain.health.services import read_sheet
from portal.web.family import FamilyRequest


def reach(request: FamilyRequest, child_id: int) -> Child:
    """The child. Raises Http404; NotAllowed when the person may look at the child but not at their health.

    An agent who looks at the portal of another date leaves no trace there: health, whose every reading by an agent is
    noted, stays closed to them meanwhile.
    """
    acting = getattr(request, "acting", None)
    if acting is not None and acting.viewed_at is not None:
        raise NotAllowed(READ_PERMISSION)
    try:
        return child_of(user=request.user, family=request.family, child_id=child_id)
    except Unknown as error:
        raise Http404 from error


def care(request: FamilyRequest, child_id: int, at: datetime) -> ChildCare:
    """What is known of the child's health."""
    child = reach(request, child_id)
    if acts_for(user=request.user, family=request.family):
        return read_sheet(child=child, screen=ReadingScreen.ACTING, by=request.user, at=at)
    return care_of(child=child, at=at)

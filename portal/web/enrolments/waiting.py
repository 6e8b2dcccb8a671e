"""What an enrolment waits for, as things to do with the page of each: nobody waits without knowing for what."""

from collections.abc import Collection, Sequence
from datetime import datetime

from portal.domain.dossier.gate import waited_for
from portal.domain.families.models import Child
from portal.domain.papers.queries import AskedLine
from portal.web.family import FamilyRequest
from portal.web.home.requirements import todo
from portal.web.home.tasks import HomeTask


def things_to_do(
    request: FamilyRequest,
    children: Collection[Child],
    activity_id: int,
    *,
    at: datetime,
    given_here: Sequence[AskedLine] = (),
) -> list[HomeTask]:
    """The rows of « Ce qui manque encore », without the papers that the page itself asks for."""
    asked = {(f"papers.{line.type.code}", line.child.pk if line.child else None) for line in given_here}
    missing = waited_for(family=request.family, children=children, activity_id=activity_id, at=at)
    return todo(each for each in missing if (each.code, each.child_id) not in asked)

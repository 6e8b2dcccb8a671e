"""What this area tells the rest of the door: the last démarches, on the page of the dossier."""

from django.utils.translation import gettext as _

from portal.domain.procedures.queries import visible_procedures
from portal.web.dossier.sections import Rubric, register_family_rubric
from portal.web.family import FamilyRequest

LAST = 3

#: Its template: what the yearly update knows it by, since nobody certifies a history.
TEMPLATE = "procedures/_last.html"


def connect() -> None:
    """Register, once, from `apps.ready`."""
    register_family_rubric("procedures", last_procedures, order=90)


def last_procedures(request: FamilyRequest) -> Rubric | None:
    """The state of the last requests (guide 001), None before the first."""
    last = list(visible_procedures(family=request.family, user=request.user)[:LAST])
    if not last:
        return None
    return Rubric(
        title=_("Mes démarches"),
        template=TEMPLATE,
        context={"procedures": last},
    )

"""What this area tells the rest of the door: the rubric « Garde » of a child of two households."""

from django.urls import reverse
from django.utils.translation import gettext as _

from portal.domain.custody.queries import custody_of, household_on, households_of, proposal_for
from portal.domain.families.access import Right, may
from portal.domain.families.models import Child
from portal.domain.kernel.clock import paris_date
from portal.web import clock
from portal.web.dossier.sections import Rubric, register_child_rubric
from portal.web.family import FamilyRequest


def connect() -> None:
    """Register, once, from `apps.ready`."""
    register_child_rubric("custody", _rubric, order=50)


def _rubric(request: FamilyRequest, child: Child) -> Rubric | None:
    """Only for a child of two households, and for a parent who edits the dossier."""
    if len(households_of(child)) != 2 or not may(user=request.user, family=request.family, right=Right.EDIT):
        return None
    custody, proposal = custody_of(child), proposal_for(child)
    facts = [(_("Rythme"), str(custody.get_pattern_display()) if custody else _("à dire"))]
    if custody is not None:
        today = household_on(child, paris_date(clock.now(request)))
        facts.append((_("Aujourd’hui"), _("chez vous") if today == request.family else _("chez l’autre parent")))
    return Rubric(
        title=_("Garde"),
        edit_url=reverse("custody:detail", args=(child.pk,)),
        edit_label=_("Ouvrir"),
        facts=tuple(facts),
        badge=str(proposal.get_state_display()) if proposal else "",
        badge_kind="wait" if proposal else "",
        aside=True,
    )

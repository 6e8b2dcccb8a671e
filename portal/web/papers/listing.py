"""The papers of a family as lines of a list: what waits for the family first."""

from django.urls import reverse
from django.utils.translation import gettext as _

from portal.domain.enrolments.queries import enrolled_activities
from portal.domain.families.access import Right, children_with
from portal.domain.families.requirements import Standing
from portal.domain.papers.enums import PaperForm, PaperState
from portal.domain.papers.queries import AskedLine, asked_papers
from portal.web import clock
from portal.web.family import FamilyRequest

#: What waits for the family, then what waits for the service, then what is settled.
_ORDER = {Standing.REFUSED: 0, Standing.EXPIRED: 1, Standing.MISSING: 2, Standing.SENT: 3, Standing.DONE: 4}
_KINDS = {
    Standing.REFUSED: "bad",
    Standing.EXPIRED: "bad",
    Standing.MISSING: "wait",
    Standing.SENT: "plan",
    Standing.DONE: "good",
}


def lines_of(request: FamilyRequest) -> list[AskedLine]:
    """What is asked of the family, for the children whom this person may see."""
    children = list(children_with(user=request.user, family=request.family, right=Right.SEE))
    activities = enrolled_activities(child.pk for child in children)
    lines = asked_papers(family=request.family, children=children, activities=activities, at=clock.now(request))
    return sorted(lines, key=lambda line: _ORDER[line.standing])


def item_of(line: AskedLine) -> dict[str, object]:
    """A row of components/tasks.html."""
    preparing = line.paper is not None and line.paper.state == PaperState.DRAFT
    kind = (
        "wait"
        if preparing
        else _KINDS[line.standing]
        if line.type.is_required or line.standing is not Standing.MISSING
        else ""
    )
    return {
        "label": line.title,
        "url": address_of(line),
        "icon": "alert" if kind == "bad" else "doc",
        "kind": "bad" if kind == "bad" else "",
        "note": line.note,
        "badge": word_of(line),
        "badge_kind": kind,
    }


def address_of(line: AskedLine) -> str:
    """The page of this paper."""
    if line.child is not None:
        return reverse("papers:child_paper", args=[line.type.code, line.child.pk])
    return reverse("papers:family_paper", args=[line.type.code])


def word_of(line: AskedLine) -> str:
    """The state in one word, as families read it."""
    if line.paper is not None and line.paper.state in {PaperState.DRAFT, PaperState.ASKED}:
        return str(line.paper.get_state_display())
    if line.standing is Standing.MISSING:
        if not line.type.is_required:
            return _("si besoin")
        return _("à accepter") if line.type.form == PaperForm.AGREEMENT else _("à fournir")
    return {
        Standing.REFUSED: _("refusée"),
        Standing.EXPIRED: _("périmée"),
        Standing.SENT: _("transmise"),
        Standing.DONE: _("acceptée"),
    }[line.standing]

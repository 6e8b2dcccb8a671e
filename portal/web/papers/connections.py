"""What papers tell the rest of the door: the list on the dossier's page, where their démarches lead."""

from django.urls import reverse
from django.utils.translation import gettext as _

from portal.domain.papers.models import Paper
from portal.domain.procedures.models import Procedure
from portal.web.dossier.sections import Rubric, register_family_rubric
from portal.web.family import FamilyRequest
from portal.web.papers.listing import item_of, lines_of
from portal.web.procedures.links import ProcedureLink, register_procedure_link

ORDER = 70


def connect() -> None:
    """Register, once, from `apps.ready`."""
    register_family_rubric("papers", rubric, order=ORDER)
    register_procedure_link("papers.paper", procedure_link)


def rubric(request: FamilyRequest) -> Rubric | None:
    """The list, as wide as the page; nothing when the town asks nothing of this family."""
    lines = [line for line in lines_of(request) if line.type.is_required or line.paper is not None]
    if not lines:
        return None
    return Rubric(
        title=_("Les pièces"),
        template="papers/_rubric.html",
        context={"items": [item_of(line) for line in lines]},
        note=_("Copies lisibles, PDF ou photo"),
        wide=True,
    )


def procedure_link(procedure: Procedure) -> ProcedureLink | None:
    """The page of the paper that a démarche follows."""
    paper = Paper.objects.filter(pk=procedure.subject_key).select_related("type").first()
    if paper is None:
        return None
    if paper.child_id is not None:
        url = reverse("papers:child_paper", args=[paper.type.code, paper.child_id])
    else:
        url = reverse("papers:family_paper", args=[paper.type.code])
    return ProcedureLink(url, _("Voir la pièce"), _("Compléter la pièce"))

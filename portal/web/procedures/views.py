"""The démarches of the family: what was asked, when, and where it is."""

from dataclasses import dataclass

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal.domain.procedures.enums import ProcedureKind, ProcedureState
from portal.domain.procedures.models import Procedure
from portal.domain.procedures.queries import OPEN_STATES, list_procedures
from portal.web.family import FamilyRequest, family_required

PAGE_SIZE = 20

#: The value of `?etat=`, and what it keeps.
_FILTERS = {"en-cours": True, "terminees": False}

_BADGES = {
    ProcedureState.RECEIVED: "plan",
    ProcedureState.RECORDED: "good",
    ProcedureState.ACCEPTED: "good",
    ProcedureState.REFUSED: "bad",
    ProcedureState.CANCELLED: "",
}

#: Where a démarche leads, by its nature: a view that takes its reference.
_PAGES = {
    ProcedureKind.BOOKING: "basket:receipt",
    ProcedureKind.ENROLMENT: "enrolments:detail",
    ProcedureKind.FORM: "surveys:answer",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A démarche ready to be drawn; `url` is "" when there is nothing more to see."""

    procedure: Procedure
    url: str
    badge: str
    done: bool


@never_cache
@require_safe
@family_required
def index(request: FamilyRequest) -> HttpResponse:
    """All of them, or those under way, or those that are settled; twenty by page."""
    chosen = request.GET.get("etat", "")
    kept = _FILTERS.get(chosen)
    page = Paginator(list_procedures(family=request.family, open_=kept), PAGE_SIZE).get_page(request.GET.get("page"))
    under_way = list_procedures(family=request.family, open_=True).count()
    here = reverse("procedures:index")
    segments = [
        {"label": _("Toutes"), "url": here, "current": kept is None},
        {
            "label": _("En cours (%(count)s)") % {"count": under_way},
            "url": f"{here}?etat=en-cours",
            "current": kept is True,
        },
        {"label": _("Terminées"), "url": f"{here}?etat=terminees", "current": kept is False},
    ]
    return render(
        request,
        "procedures/index.html",
        {
            "page": page,
            "lines": [_line(procedure) for procedure in page],
            "segments": segments,
            "query": f"etat={chosen}" if kept is not None else "",
            "filtered": kept is not None,
        },
    )


def _line(procedure: Procedure) -> Line:
    state = ProcedureState(procedure.state)
    return Line(
        procedure=procedure,
        url=_address(procedure),
        badge=_BADGES[state],
        done=state not in OPEN_STATES,
    )


def _address(procedure: Procedure) -> str:
    name = _PAGES.get(ProcedureKind(procedure.kind))
    if name is None or not procedure.reference:
        return ""
    try:
        return reverse(name, args=[procedure.reference])
    except NoReverseMatch:
        return ""

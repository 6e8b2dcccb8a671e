"""The démarches of the family: what was asked, when, and where it is."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal.domain.families.access import Right, children_with
from portal.domain.files.checks import FileType
from portal.domain.files.sending import private_answer
from portal.domain.procedures.enums import ProcedureKind, ProcedureState
from portal.domain.procedures.models import Procedure
from portal.domain.procedures.queries import OPEN_STATES, count_by_state, visible_procedures
from portal.web.design.pdf import render_pdf
from portal.web.family import FamilyRequest, family_required
from portal.web.procedures.links import ProcedureLink, link_of, side_boxes

PAGE_SIZE = 20

#: The value of `?etat=`, and the states it keeps.
_FILTERS = {
    "en-cours": OPEN_STATES,
    "a-vous": frozenset({ProcedureState.YOUR_TURN}),
    "terminees": frozenset(ProcedureState) - OPEN_STATES,
}

_BADGES = {
    ProcedureState.RECEIVED: ("plan", ""),
    ProcedureState.YOUR_TURN: ("bad", "alert"),
    ProcedureState.RECORDED: ("good", ""),
    ProcedureState.ACCEPTED: ("good", ""),
    ProcedureState.REFUSED: ("bad", ""),
    ProcedureState.CANCELLED: ("", ""),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A démarche ready to be drawn; `link` is None when it is about nothing that has a page."""

    procedure: Procedure
    url: str
    link: ProcedureLink | None
    badge: str
    icon: str
    done: bool
    your_turn: bool


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the address asks for; whatever it does not know is no choice. `seen` is the last démarche that the first
    page knew: those opened meanwhile do not push a line from one page to the next.
    """

    state: str = ""
    kind: str = ""
    child: str = ""
    seen: int | None = None

    @classmethod
    def read(cls, request: FamilyRequest, children: set[str]) -> "Chosen":
        """From the address."""
        state, kind = request.GET.get("etat", ""), request.GET.get("nature", "")
        child, seen = request.GET.get("enfant", ""), request.GET.get("vu", "")
        return cls(
            state=state if state in _FILTERS else "",
            kind=kind if kind in ProcedureKind.values else "",
            child=child if child in children else "",
            seen=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 19 else None,
        )

    def keep(self, procedures: QuerySet[Procedure]) -> QuerySet[Procedure]:
        """Those that were asked for."""
        if self.state:
            procedures = procedures.filter(state__in=_FILTERS[self.state])
        if self.kind:
            procedures = procedures.filter(kind=self.kind)
        if self.child:
            procedures = procedures.filter(child=self.child)
        return procedures.filter(pk__lte=self.seen) if self.seen is not None else procedures

    def query(self, **changed: str) -> str:
        """The same choice as the end of an address, with what changes."""
        values = {"etat": self.state, "nature": self.kind, "enfant": self.child, **changed}
        return urlencode({name: value for name, value in values.items() if value})


@never_cache
@require_safe
@family_required
def index(request: FamilyRequest) -> HttpResponse:
    """All of them, or those of a state, a nature or a child; what waits for the family first; twenty by page."""
    children = list(children_with(user=request.user, family=request.family, right=Right.SEE))
    chosen = Chosen.read(request, {str(child.pk) for child in children})
    counts = count_by_state(family=request.family, user=request.user)
    shown = chosen.keep(visible_procedures(family=request.family, user=request.user))
    page = Paginator(shown, PAGE_SIZE).get_page(request.GET.get("page"))
    seen = (
        chosen.seen
        if chosen.seen is not None or not page.has_next()
        else shown.order_by("-pk").values_list("pk")[0][0]
    )
    return render(
        request,
        "procedures/index.html",
        {
            "page": page,
            "lines": [line_of(procedure) for procedure in page],
            "segments": _segments(chosen, counts),
            "query": chosen.query(vu=str(seen or "")),
            "filtered": bool(chosen.state or chosen.kind or chosen.child),
            "chosen": chosen,
            "kinds": [(kind.value, kind.label) for kind in ProcedureKind],
            "children": children,
            "boxes": side_boxes(request, request.family),
        },
    )


@never_cache
@require_safe
@family_required
def detail(request: FamilyRequest, procedure_id: int) -> HttpResponse:
    """One démarche: where it is, what to do, what it is about, and every step with the words of the service."""
    procedure = _find(request, procedure_id)
    events = list(procedure.events.select_related("by").order_by("-at", "-pk"))
    return render(
        request,
        "procedures/detail.html",
        {"line": line_of(procedure), "procedure": procedure, "events": events, "note": events[0].note},
    )


@require_safe
@family_required
def acknowledgement(request: FamilyRequest, procedure_id: int) -> HttpResponse:
    """The acknowledgement of receipt on paper."""
    procedure = _find(request, procedure_id)
    if not procedure.number:
        raise Http404
    document = render_pdf("procedures/acknowledgement.html", {"procedure": procedure, "family": request.family})
    return private_answer(document, name=f"accuse-{procedure.number}.pdf", kind=FileType.PDF, inline=True)


def line_of(procedure: Procedure) -> Line:
    """A démarche as lists draw it."""
    state = ProcedureState(procedure.state)
    badge, icon = _BADGES[state]
    return Line(
        procedure=procedure,
        url=reverse("procedures:detail", args=[procedure.pk]),
        link=link_of(procedure),
        badge=badge,
        icon=icon,
        done=state not in OPEN_STATES,
        your_turn=state == ProcedureState.YOUR_TURN,
    )


def _find(request: FamilyRequest, procedure_id: int) -> Procedure:
    """Of this family and for this person, else 404."""
    return get_object_or_404(visible_procedures(family=request.family, user=request.user), pk=procedure_id)


def _segments(chosen: Chosen, counts: dict[str, int]) -> list[dict[str, object]]:
    here = reverse("procedures:index")
    labels = {
        "": _("Toutes"),
        "en-cours": _("En cours (%(count)s)") % {"count": sum(counts.get(state, 0) for state in OPEN_STATES)},
        "a-vous": _("À vous de jouer (%(count)s)") % {"count": counts.get(ProcedureState.YOUR_TURN, 0)},
        "terminees": _("Terminées"),
    }
    return [
        {"label": label, "url": f"{here}?{chosen.query(etat=state)}".rstrip("?"), "current": chosen.state == state}
        for state, label in labels.items()
    ]

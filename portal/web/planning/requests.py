"""What the planning says of requests to the service: a mark on the cells asked for, and a way out of a refused one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from portal.domain.bookings.enums import Wish
from portal.domain.bookings.planning import Planning, Was
from portal.domain.bookings.summaries import CellExplanation
from portal.domain.families.models import Family
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.refusals import Rule
from portal.domain.late_requests.asking import askable_days
from portal.domain.late_requests.queries import Mark, marks
from portal.web.design.weeks import CellState
from portal.web.family import FamilyRequest
from portal.web.planning.ways_out import Way

#: What a request asks to pass over, of the unit itself or of what the town books with it.
_ASKABLE = frozenset(
    {Rule.DEADLINE_PASSED, Rule.NEVER_ONLINE, Rule.READ_ONLY_ACTIVITY, Rule.FULL, Rule.SOLIDARY, Rule.DEPENDENT}
)


@dataclass(frozen=True, slots=True)
class RequestMark:
    """A cell with an open request: its look, its words, the page that follows it. `cancelling`: it is booked."""

    state: CellState
    word: str
    url: str
    cancelling: bool


def load_requests(family: Family, planning: Planning) -> Mapping[str, RequestMark]:
    """The cells of the period about which the service is asked, by code; one query, none when nothing is shown."""
    if not planning.rows:
        return {}
    return {code: _mark(mark) for code, mark in marks(family=family, days=planning.days).items()}


def mark_of(found: Mapping[str, RequestMark], code: str, was: Was) -> RequestMark | None:
    """The mark of a cell that still is what the request would change."""
    mark = found.get(code)
    return mark if mark is not None and mark.cancelling == (was is Was.BOOKED) else None


def request_ways(request: FamilyRequest, cell: CellExplanation, now: datetime) -> list[Way]:
    """« Demander au service » prefilled, or the request that is under way; nothing where none is taken."""
    if cell.editable or cell.refusal is None:
        return []
    mark = mark_of(load_marks_of(request.family, cell), cell.code, cell.was)
    if mark is not None:
        return [Way(label=_("Suivre ma demande au service"), url=mark.url, note=mark.word, icon="mail")]
    if cell.refusal.rule not in _ASKABLE:
        return []
    asking = askable_days(family=request.family, user=request.user, code=cell.code, at=now)
    if asking.refusal is not None:
        return []
    label = (
        _("Demander au service d’annuler ce jour") if asking.wish == Wish.REMOVE else _("Demander ce jour au service")
    )
    note = _("le service accepte ou refuse, aucune place n’est retenue")
    if asking.wish == Wish.REMOVE:
        note = _("le service accepte ou refuse, le jour reste réservé en attendant")
    return [Way(label=label, url=reverse("late_requests:ask", args=[cell.code]), note=note, icon="mail")]


def load_marks_of(family: Family, cell: CellExplanation) -> Mapping[str, RequestMark]:
    """The same for the day of one cell."""
    return {code: _mark(mark) for code, mark in marks(family=family, days=DateRange(cell.day, cell.day)).items()}


def _mark(mark: Mark) -> RequestMark:
    cancelling = mark.wish == Wish.REMOVE
    word = _("réservé, annulation demandée") if cancelling else _("demandé au service")
    if mark.asked:
        word = _("le service vous demande une précision")
    return RequestMark(CellState.ASKED, word, reverse("late_requests:detail", args=[mark.request]), cancelling)

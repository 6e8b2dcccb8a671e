"""What the planning says of absences: a mark on a declared day, and a way out of a day that closes no more."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from portal.domain.absences.enums import AbsenceState
from portal.domain.absences.finding import Standing, find_cell
from portal.domain.absences.queries import marks
from portal.domain.bookings.planning import Planning, Was
from portal.domain.bookings.summaries import CellExplanation
from portal.domain.families.models import Child, Family
from portal.web.absences.declaring import declare_url
from portal.web.family import FamilyRequest
from portal.web.planning.ways_out import Way


@dataclass(frozen=True, slots=True)
class AbsenceMark:
    """A declared day: whether it is accepted, and the page that follows it."""

    accepted: bool
    url: str

    @property
    def word(self) -> str:
        return _("absent, accepté") if self.accepted else _("absent, déclaré")


def load_marks(family: Family, planning: Planning) -> Mapping[str, AbsenceMark]:
    """The declared days of the period, by code of cell; one query, none when nothing is booked."""
    if not any(cell.was is Was.BOOKED for row in planning.rows for cell in row.cells.values()):
        return {}
    return {
        code: AbsenceMark(absence.state == AbsenceState.ACCEPTED, reverse("absences:detail", args=[absence.key]))
        for code, absence in marks(family=family, days=planning.days).items()
    }


def absence_ways(request: FamilyRequest, cell: CellExplanation, now: datetime) -> list[Way]:
    """« Signaler une absence » prefilled, or the declaration that covers this day; nothing where none may be made."""
    if cell.was is not Was.BOOKED or cell.refusal is None:
        return []
    child = Child.objects.visible_to(request.user).filter(pk=cell.child.pk).first()
    if child is None:
        return []
    found = find_cell(family=request.family, child=child, code=cell.code, by=request.user, at=now)
    if found is not None and found.standing is Standing.OPEN:
        return [
            Way(
                label=_("Signaler une absence"),
                url=declare_url(child=cell.child.pk, day=cell.day),
                note=_("le jour peut ne pas être facturé, selon la règle"),
                icon="heart",
            )
        ]
    if found is not None and found.standing is Standing.DECLARED:
        return [
            Way(
                label=_("Suivre l’absence déclarée"),
                url=reverse("absences:detail", args=[found.absence]),
                icon="heart",
            )
        ]
    return []

"""What the planning says of lines: a rank, a place to answer, a place offered; and the ways out of a full day."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from django.urls import reverse
from django.utils.translation import gettext as _

from portal.domain import language
from portal.domain.bookings.codes import CellKey
from portal.domain.bookings.planning import Planning, Was
from portal.domain.bookings.summaries import CellExplanation
from portal.domain.families.models import Family
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.clock import shift, to_paris
from portal.domain.kernel.refusals import Refusal, Rule
from portal.domain.waiting.queries import Mark, cell_line, marks, with_a_line
from portal.web.design.weeks import CellState
from portal.web.family import FamilyRequest
from portal.web.planning.ways_out import Way
from portal.web.waiting.asking import join_url

#: A place lacks, of the unit itself or of what the town books with it.
_FULL = frozenset({Rule.FULL, Rule.SOLIDARY})


@dataclass(frozen=True, slots=True)
class LineMark:
    """A cell of a line: its state, its words, the page that follows it."""

    state: CellState
    word: str
    url: str
    why: str


def load_lines(family: Family, planning: Planning) -> Mapping[str, LineMark]:
    """The cells of the period that are in a line, by code; one query, none when nothing is shown."""
    if not planning.rows:
        return {}
    return {code: _mark(mark) for code, mark in marks(family=family, days=planning.days).items()}


def _mark(mark: Mark) -> LineMark:
    if mark.offer is not None:
        url = reverse("waiting:offer", args=[mark.offer])
        word = _("place proposée jusqu’à %(until)s") % {"until": _short(mark.until)}
        return LineMark(CellState.OFFERED, word, url, _("répondre"))
    if mark.given:
        return LineMark(CellState.GIVEN, _("réservé, place proposée"), reverse("waiting:index"), _("voir"))
    word = _("en liste d’attente, %(rank)s") % {"rank": language.words().ordinal(mark.rank)}
    return LineMark(CellState.WAITING, word, reverse("waiting:index"), _("voir mes listes d’attente"))


def _short(until: datetime | None) -> str:
    """“jeu. 10, 23 h 59”: a cell is small."""
    if until is None:
        return ""
    local = to_paris(shift(until, -timedelta(minutes=1)))
    words = language.words()
    return f"{words.short_weekday(local.isoweekday())} {words.day_number(local.day)}, {words.hour(local.time())}"


def line_ways(request: FamilyRequest, cell: CellExplanation, now: datetime) -> list[Way]:
    """Waiting for a place of a full day, following a demand, or offering a booked place; nothing where there is no
    line.
    """
    if cell.editable or cell.refusal is None:
        return []
    mark = marks(family=request.family, days=DateRange(cell.day, cell.day)).get(cell.code)
    if mark is not None:
        label = _("Répondre à la place proposée") if mark.offer else _("Suivre ma demande")
        found = _mark(mark)
        return [
            Way(
                label=label if not mark.given else _("Suivre la place proposée"),
                url=found.url,
                note=found.word,
                icon="clock",
            )
        ]
    line = cell_line(family=request.family, user=request.user, code=cell.code, at=now)
    if line.joinable:
        note = (
            _("une famille peut encore proposer la sienne")
            if line.exchanged
            else _("nous vous écrivons si une place se libère, rien n’est réservé sans votre accord")
        )
        return [
            Way(
                label=_("Demander une place sur la liste d’attente"),
                url=join_url([cell.code]),
                note=note,
                icon="clock",
            )
        ]
    if line.giving is not None and line.giving.refusal is None and cell.was is Was.BOOKED:
        return [
            Way(
                label=_("Proposer ma place à une autre famille"),
                url=reverse("waiting:give", args=[cell.code]),
                note=_("la journée n’est plus facturée si quelqu’un la prend"),
                icon="user",
            )
        ]
    return []


class FullLine(Protocol):
    """A wish that fell out, with its reason."""

    @property
    def code(self) -> str: ...
    @property
    def refusal(self) -> Refusal | None: ...


def waiting_url(left_out: Iterable[FullLine]) -> str:
    """Where to wait for the wishes that found the day full, where there is a line; empty when there is none."""
    codes = [each.code for each in left_out if each.code and each.refusal and each.refusal.rule in _FULL]
    open_ = with_a_line({CellKey.parse(code).unit_id for code in codes}) if codes else frozenset()
    codes = [code for code in codes if CellKey.parse(code).unit_id in open_]
    return join_url(codes) if codes else ""

"""« Pourquoi non ? » in a heading, an instant and a state."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from portal.domain.bookings.planning import Shown
from portal.domain.bookings.summaries import CellExplanation
from portal.domain.kernel.refusals import Rule


@dataclass(frozen=True, slots=True)
class End:
    """An instant to come after which something of the cell stops, and what."""

    word: str
    moment: datetime


@dataclass(frozen=True, slots=True)
class Reason:
    """What the page says of a cell: its heading, the instant that matters and what that instant is, its state now.

    `ends` are the two deadlines of a day that is booked and given back by different rules.
    """

    title: str
    instant: datetime | None
    instant_words: str
    state: str
    state_kind: str
    state_icon: str
    ends: tuple[End, ...] = ()


_CLOSED = {
    Rule.PUBLIC_HOLIDAY,
    Rule.SCHOOL_HOLIDAY,
    Rule.TERM_TIME,
    Rule.CLOSED_DAY,
    Rule.NOT_OFFERED,
    Rule.AFTER_END,
}


def explain(cell: CellExplanation, *, today: date) -> Reason:
    """The words for a cell, whether it may change or not."""
    instant, words = _instant(cell)
    state, kind, icon = _state(cell)
    return Reason(
        title=_title(cell, today),
        instant=instant,
        instant_words=words,
        state=state,
        state_kind=kind,
        state_icon=icon,
        ends=tuple(_ends(cell)),
    )


def _ends(cell: CellExplanation) -> Iterator[End]:
    """Of a day that may change by two rules: until when it may be booked, and given back."""
    if cell.refusal is not None or len({rule.closes_at for rule in cell.rules}) < 2:
        return
    words = {"book": _("À réserver"), "late": _("À réserver en retard"), "cancel": _("À annuler")}
    for rule in cell.rules:
        if rule.closes_at is not None and rule.open and rule.governs in words:
            yield End(words[rule.governs], rule.closes_at)


def _title(cell: CellExplanation, today: date) -> str:
    refusal = cell.refusal
    if refusal is None:
        return _("Ce jour se modifie encore en ligne")
    match refusal.rule:
        case Rule.DEADLINE_PASSED:
            return _("Ce jour ne se modifie plus en ligne")
        case Rule.DAY_PAST:
            return _("Ce jour est passé")
        case Rule.FULL:
            return _("Ce jour est complet")
        case Rule.NOT_YET_OPEN | Rule.BEFORE_OPENING:
            return _("Ce jour n’est pas encore ouvert")
        case Rule.EXCLUSIVE:
            return _("Un autre choix est déjà fait ce jour-là")
        case Rule.OVERLAPPING:
            return _("Les horaires se chevauchent ce jour-là")
        case Rule.DEPENDENT:
            return _("Ce jour dépend d’une autre réservation")
        case Rule.DAY_LIMIT | Rule.WEEK_LIMIT | Rule.PERIOD_LIMIT:
            return _("Le nombre permis est atteint")
        case Rule.NO_RIGHT:
            return _("Ce jour se modifie depuis un autre compte")
        case rule if rule in _CLOSED:
            return _("Pas d’accueil ce jour-là")
        case _:
            return (
                _("Ce jour ne se modifie plus en ligne")
                if cell.day < today
                else _("Ce jour ne se modifie pas en ligne")
            )


def _instant(cell: CellExplanation) -> tuple[datetime | None, str]:
    """The instant of the refusal; of a day that may change, the one until which it may."""
    refusal = cell.refusal
    if refusal is not None:
        if refusal.since is None:
            return None, ""
        if refusal.rule is Rule.NOT_YET_OPEN:
            return refusal.since, _("ouvre le")
        return refusal.since, _("fermé depuis le")
    closes = [rule.closes_at for rule in cell.rules if rule.closes_at is not None and rule.open]
    return (min(closes), _("ouvert jusqu’au")) if closes else (None, "")


def _state(cell: CellExplanation) -> tuple[str, str, str]:
    """Word, kind and icon of the badge."""
    match cell.shown:
        case Shown.BOOKED:
            return _("réservé"), "good", "check"
        case Shown.ADDING:
            return _("à réserver"), "plan", "plus"
        case Shown.REMOVING:
            return _("à annuler"), "bad", "cross"
        case Shown.CANCELLED:
            return _("annulé"), "bad", "cross"
        case Shown.FULL:
            return _("complet"), "", "user"
        case Shown.CLOSED:
            return _("fermé"), "", "none"
        case Shown.FREE:
            return _("libre"), "", "none"
        case _:
            return _("non prévu"), "", "none"

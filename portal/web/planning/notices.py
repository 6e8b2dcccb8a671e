"""What the page tells after a change: days left aside, a draft that somebody else moved. Kept across one redirect."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Protocol

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.domain import language
from portal.domain.bookings.outcomes import DraftChange, Followed
from portal.domain.bookings.planning import Draft
from portal.domain.kernel.clock import to_paris
from portal.domain.kernel.refusals import Refusal
from portal.web.planning.words import lower_first

_SESSION_KEY = "planning_notices"
#: Beyond, a list is not read any more: the rest is counted.
_MOST_LINES, _MOST_DAYS, _MOST_LIMITS = 8, 5, 3


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice of the page: `kind` as in components/notice.html, `lines` as a list under the text."""

    kind: str
    title: str
    text: str = ""
    lines: tuple[str, ...] = ()
    url: str = ""
    link: str = ""


class LeftOutLine(Protocol):
    """A day that could not be changed, as the domain returns it; without code, a whole line of days."""

    @property
    def code(self) -> str: ...
    @property
    def child_name(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def day(self) -> date: ...
    @property
    def refusal(self) -> Refusal | None: ...


def left_out_notice(left_out: Sequence[LeftOutLine], *, url: str = "", link: str = "") -> Notice | None:
    """« 2 jours ont été laissés de côté », with each reason once; None when there is none. `url` and `link` are a way
    out for them.
    """
    if not left_out:
        return None
    title = ngettext("Un jour a été laissé de côté", "%(count)s\u00a0jours ont été laissés de côté", len(left_out)) % {
        "count": len(left_out)
    }
    lines = _shortened(left_out_lines(left_out), _("et %(count)s autres raisons du même genre."))
    return Notice(kind="wait", title=title, lines=tuple(lines), url=url, link=link)


def followed_notice(followed: Sequence[Followed]) -> Notice | None:
    """What changed with the boxes that were touched, and why; None when nothing did."""
    if not followed:
        return None
    title = ngettext(
        "Un autre choix a suivi le vôtre", "%(count)s\u00a0autres choix ont suivi les vôtres", len(followed)
    ) % {"count": len(followed)}
    days: dict[tuple[str, str], list[date]] = {}
    for each in followed:
        days.setdefault((each.child_name, each.sentence), []).append(each.day)
    lines = [_line(child, on, sentence) for (child, sentence), on in days.items()]
    return Notice(kind="", title=title, lines=tuple(_shortened(lines, _("et %(count)s autres du même genre."))))


def left_lines(change: DraftChange) -> tuple[str, ...]:
    """How many days are still possible after a few ticks, where a limit counts; nothing when a day was left out, whose
    reason says it, nor for a whole season chosen at once, whose weeks would make a long list.
    """
    return change.left if len(change.left) <= _MOST_LIMITS and not change.left_out else ()


def left_notice(change: DraftChange | None) -> Notice | None:
    """The same above the page, for a press without script."""
    lines = left_lines(change) if change is not None else ()
    return Notice(kind="", title=_("Le nombre de jours est limité"), lines=lines) if lines else None


def stale_notice(draft: Draft) -> Notice | None:
    """The lines of the draft that could no longer be validated, with their reason; None when all of them could."""
    stale = [line for line in draft.lines if line.refusal is not None]
    if not stale:
        return None
    title = ngettext(
        "Un jour de votre brouillon ne peut plus être validé",
        "%(count)s\u00a0jours de votre brouillon ne peuvent plus être validés",
        len(stale),
    ) % {"count": len(stale)}
    return Notice(kind="wait", title=title, lines=tuple(left_out_lines(stale)))


def left_out_lines(left_out: Iterable[LeftOutLine]) -> list[str]:
    """A line for each child, activity and reason: who, what, when, why."""
    reasons: dict[tuple[str, str, str], list[date]] = {}
    for each in left_out:
        sentence = each.refusal.sentence if each.refusal else ""
        days = reasons.setdefault((each.child_name, each.label, sentence), [])
        if each.code:  # without code it stands for a whole line, whose days say nothing
            days.append(each.day)
    return [
        _line(", ".join((child, lower_first(label))), days, sentence, name=child)
        for (child, label, sentence), days in reasons.items()
    ]


def _line(who: str, days: Iterable[date], sentence: str, *, name: str = "") -> str:
    """« Hugo, cantine, lun. 14 et mar. 15 sept. : ce jour est complet. »"""
    named = [language.words().short_date(day) for day in sorted(days)]
    if len(named) > _MOST_DAYS:
        rest = len(named) - _MOST_DAYS + 1
        named = [*named[: _MOST_DAYS - 1], _("%(count)s autres jours") % {"count": rest}]
    whom = ", ".join(filter(None, (who, language.words().join_words(named))))
    # A first name at the head of the reason keeps its capital.
    reason = sentence if name and sentence.startswith(name) else lower_first(sentence)
    return language.words().labelled(whom, reason)


def _shortened(lines: list[str], rest: str) -> list[str]:
    if len(lines) <= _MOST_LINES:
        return lines
    return [*lines[: _MOST_LINES - 1], rest % {"count": len(lines) - _MOST_LINES + 1}]


def draft_token(draft: Draft) -> str:
    """What a page says of the draft it shows, so that the answer can tell whether it moved since."""
    return f"{draft.key}:{draft.version}" if draft.key else ""


def meanwhile_notice(draft: Draft, *, shown: str, mine: str) -> Notice | None:
    """Who moved the draft since the page was shown, and when; None when it is still the one that was shown.

    `shown` is the token of the page, `mine` the name of the person who sends it.
    """
    if shown == draft_token(draft):
        return None
    if not draft.key:
        return Notice(
            kind="wait",
            title=_("Votre brouillon a été validé ou effacé depuis une autre fenêtre"),
            text=_("Cette page montre maintenant le planning tel qu’il est."),
        )
    at = language.words().hour(to_paris(draft.changed_at).time()) if draft.changed_at else ""
    if not draft.changed_by or draft.changed_by == mine:
        title = _("Vous avez changé ce brouillon dans une autre fenêtre à %(at)s") % {"at": at}
    else:
        title = _("%(name)s a changé ce brouillon à %(at)s") % {"name": draft.changed_by, "at": at}
    return Notice(
        kind="",
        title=title,
        text=_("Rien n’est perdu\u00a0: ses choix et les vôtres sont réunis ici.")
        if draft.changed_by and draft.changed_by != mine
        else _("Rien n’est perdu\u00a0: tous vos choix sont réunis ici."),
    )


def remember(request: HttpRequest, *notices: Notice | None) -> None:
    """Keeps notices for the next page of this person."""
    kept = [asdict(notice) for notice in notices if notice is not None]
    if kept:
        request.session[_SESSION_KEY] = [*request.session.get(_SESSION_KEY, []), *kept]


def recall(request: HttpRequest) -> list[Notice]:
    """The notices kept for this page, which forgets them."""
    if _SESSION_KEY not in request.session:
        return []
    kept: list[dict[str, Any]] = request.session.pop(_SESSION_KEY)
    return [Notice(**{**each, "lines": tuple(each["lines"])}) for each in kept]

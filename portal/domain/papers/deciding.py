"""What agents do with papers. Each verb asks the permission again, and answers once what the agent has seen."""

from collections.abc import Sequence
from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from portal.domain.accounts.models import User
from portal.domain.families.models import Child, ChildLink, Family
from portal.domain.kernel.clock import paris_date
from portal.domain.papers import notifications
from portal.domain.papers.enums import OPEN_STATES, Channel, PaperForm, PaperState, Validity
from portal.domain.papers.models import Paper, PaperType
from portal.domain.papers.services import (
    PaperDecided,
    PaperRefused,
    check_scope,
    check_uploads,
    erase_paper,
    last_day_of,
    lock_owner,
    lock_paper,
    move,
    open_recorded,
    papers_of,
    replace_accepted,
    with_content,
    write_down,
)
from portal.domain.procedures.enums import ProcedureState

PERMISSION = "papers.decide_paper"

#: Offered after those of the type.
REASONS: Sequence[str] = (
    "La pièce est illisible.",
    "La pièce est incomplète.",
    "La pièce est périmée.",
    "Ce n’est pas la pièce demandée.",
    "La pièce est au nom d’une autre personne.",
)

_STEPS = {
    PaperState.ACCEPTED: ProcedureState.ACCEPTED,
    PaperState.REFUSED: ProcedureState.REFUSED,
    PaperState.ASKED: ProcedureState.YOUR_TURN,
}


@transaction.atomic
def accept_paper(*, paper: int, version: int, by: User, at: datetime, valid_until: date | None = None) -> Paper:
    """Say that a paper is right: it holds from now on, in place of the one accepted before.

    Without `valid_until`, for the time of its type; a type whose date is written on the paper needs it.
    Raises PermissionDenied, PaperDecided, PaperRefused.
    """
    found = _lock_waiting(paper, version, by=by)
    found.valid_until = _end(found.type, valid_until, today=paris_date(at))
    replace_accepted(found.type, found.family, found.child, but=found.pk)
    _answer("accept_paper", found, PaperState.ACCEPTED, by=by, at=at)
    notifications.tell_accepted(found, at=at)
    return found


@transaction.atomic
def refuse_paper(*, paper: int, version: int, reason: str, by: User, at: datetime) -> Paper:
    """Say no, with a reason that the family reads. Raises PermissionDenied, PaperDecided, PaperRefused."""
    found = _lock_waiting(paper, version, by=by)
    _answer("refuse_paper", found, PaperState.REFUSED, _words(reason), by=by, at=at)
    notifications.tell_refused(found, at=at)
    return found


@transaction.atomic
def ask_paper_again(*, paper: int, version: int, message: str, by: User, at: datetime) -> Paper:
    """Ask for more: the family completes the same paper. Raises PermissionDenied, PaperDecided, PaperRefused."""
    found = _lock_waiting(paper, version, by=by)
    _answer("ask_paper_again", found, PaperState.ASKED, _words(message), by=by, at=at)
    notifications.tell_asked_again(found, at=at)
    return found


@transaction.atomic
def record_paper(
    *,
    family: Family,
    type: PaperType,
    child: Child | None,
    channel: Channel,
    uploads: Sequence["UploadedFile[bytes]"],
    by: User,
    at: datetime,
    valid_until: date | None = None,
) -> Paper:
    """A paper that came to the counter, by post or by mail: it holds at once, with or without its copy.

    What the family had sent and not got an answer for is answered by it. Raises PermissionDenied, PaperRefused,
    FileRefused.
    """
    _require(by)
    if child is not None and not ChildLink.objects.filter(family=family, child=child).exists():
        raise PaperRefused("Cet enfant n’est pas dans ce dossier.", "child")
    check_scope(type, child, PaperForm.FILE)
    if uploads:
        check_uploads(uploads)
    lock_owner(family, child)
    end = _end(type, valid_until, today=paris_date(at))
    _replace_open(type, family, child, by=by, at=at)
    replace_accepted(type, family, child)
    paper = Paper.objects.create(
        type=type,
        family=family,
        child=child,
        state=PaperState.ACCEPTED,
        channel=channel,
        valid_until=end,
        prepared_at=at,
        sent_at=at,
        sent_by=by,
        decided_at=at,
        decided_by=by,
    )
    open_recorded(paper, by=by, at=at)
    write_down("record_paper", paper, by=by, at=at, files=len(uploads))
    notifications.tell_accepted(paper, at=at)
    with_content(paper, uploads, by=by, at=at)  # last: what fails after a file is written would leave its content
    return paper


def _require(by: User) -> None:
    if not by.has_perm(PERMISSION):
        raise PermissionDenied


def _lock_waiting(key: int, version: int, *, by: User) -> Paper:
    """The paper as the agent saw it, still waiting. Raises Paper.DoesNotExist, PaperDecided."""
    _require(by)
    found = lock_paper(key)
    if found.state != PaperState.SENT or found.version != version:
        raise PaperDecided(found)
    return found


def _answer(verb: str, found: Paper, state: PaperState, reason: str = "", *, by: User, at: datetime) -> None:
    """Write the answer, with its step in the démarches and its line in the journal."""
    found.state, found.reason = state, reason
    found.decided_at, found.decided_by = at, by
    found.version += 1
    found.save()
    move(found, _STEPS[state], by=by, at=at, note=reason)
    write_down(verb, found, by=by, at=at)


def _words(text: str) -> str:
    words = " ".join(text.split())[:300]
    if not words:
        raise PaperRefused("Écrivez le motif : la famille le lira.", "reason")
    return words


def _end(kind: PaperType, valid_until: date | None, *, today: date) -> date | None:
    """Until when it holds. Raises PaperRefused."""
    if valid_until is None:
        if kind.validity == Validity.WRITTEN:
            raise PaperRefused("Écrivez la date de fin lue sur la pièce.", "valid_until")
        return last_day_of(kind, today)
    if valid_until < today:
        raise PaperRefused("Cette date est passée : une pièce périmée se refuse.", "valid_until")
    return valid_until


def _replace_open(kind: PaperType, family: Family, child: Child | None, *, by: User, at: datetime) -> None:
    """What was in preparation or waited gives way to what an agent has in hand."""
    for waiting in papers_of(kind, family, child).filter(state__in=OPEN_STATES):
        if waiting.state == PaperState.DRAFT:
            erase_paper(waiting)
            continue
        waiting.state, waiting.decided_at, waiting.decided_by = PaperState.REPLACED, at, by
        waiting.version += 1
        waiting.save(update_fields=["state", "decided_at", "decided_by", "version"])
        move(waiting, ProcedureState.CANCELLED, by=by, at=at, note="Remplacée par la pièce remise au service.")

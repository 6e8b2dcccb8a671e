"""What agents do with declarations. Each verb asks the permission again, and answers once what the agent has seen."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction

from portal.domain.absences import notifications
from portal.domain.absences.enums import DECIDED_STATES, AbsenceState, Cause
from portal.domain.absences.models import Absence
from portal.domain.absences.pricing import days_of, whole_price
from portal.domain.absences.services import (
    PERMISSION,
    AbsenceDecided,
    AbsenceRefused,
    accept,
    close,
    forget_effects,
    keep_effects,
    lock_absence,
    move,
    write_down,
)
from portal.domain.accounts.models import User
from portal.domain.kernel.clock import paris_date
from portal.domain.language import in_french
from portal.domain.procedures.enums import ProcedureState

#: Offered to agents.
REASONS: Sequence[str] = (
    "Le justificatif est illisible.",
    "Le justificatif ne couvre pas ces jours.",
    "Le justificatif concerne une autre personne.",
    "Le justificatif est arrivé hors délai.",
    "Ce motif n’est pas prévu par le règlement.",
)
#: How long a family has to complete what an agent asks for.
COMPLETE_DAYS = 8


@transaction.atomic
@in_french()
def accept_absence(*, absence: int, version: int, by: User, at: datetime, late_reason: str = "") -> Absence:
    """Say yes: the effect on each day's price is kept for billing, places of days to come are given back.

    A declaration or a certificate that came late needs `late_reason`. Raises PermissionDenied, AbsenceDecided,
    AbsenceRefused.
    """
    found = _lock_waiting(absence, version, by=by)
    if found.is_late:
        found.late_reason = " ".join(late_reason.split())[:300] or found.late_reason
        if not found.late_reason:
            raise AbsenceRefused("Écrivez pourquoi vous acceptez hors délai.", "late_reason")
    accept(found, by=by, at=at)
    return found


@transaction.atomic
@in_french()
def refuse_absence(*, absence: int, version: int, reason: str, by: User, at: datetime) -> Absence:
    """Say no, with a reason that the family reads: the days stay at their price.

    Raises PermissionDenied, AbsenceDecided, AbsenceRefused.
    """
    found = _lock_waiting(absence, version, by=by)
    words = _words(reason)
    days = days_of(found)
    keep_effects(found, days, whole_price(days, Cause.REFUSED), at=at)
    close(found, AbsenceState.REFUSED, words, by=by, at=at)
    move(found, ProcedureState.REFUSED, by=by, at=at, note=words)
    write_down("refuse_absence", found, by=by, at=at)
    notifications.tell_refused(found, at=at)
    return found


@transaction.atomic
@in_french()
def ask_absence_again(*, absence: int, version: int, message: str, by: User, at: datetime) -> Absence:
    """Ask for more: the family has `COMPLETE_DAYS` days to send it.

    Raises PermissionDenied, AbsenceDecided, AbsenceRefused.
    """
    found = _lock_waiting(absence, version, by=by)
    words = _words(message)
    due = paris_date(at) + timedelta(days=COMPLETE_DAYS)
    found.certificate_due = max(found.certificate_due, due) if found.certificate_due else due
    close(found, AbsenceState.ASKED, words, by=by, at=at)
    move(found, ProcedureState.YOUR_TURN, by=by, at=at, note=words)
    write_down("ask_absence_again", found, by=by, at=at)
    notifications.tell_asked_again(found, at=at)
    return found


@transaction.atomic
@in_french()
def reopen_absence(*, absence: int, reason: str, by: User, at: datetime) -> Absence:
    """Take a decision again: the declaration waits once more, its effects are forgotten, the family is told.

    `reason` stays in the journal. Places given back stay given. Raises PermissionDenied, AbsenceDecided when it is not
    decided, AbsenceRefused.
    """
    _require(by)
    found = lock_absence(absence)
    if found.state not in DECIDED_STATES:
        raise AbsenceDecided(found)
    words = _words(reason)
    forget_effects(found)
    if found.state == AbsenceState.LAPSED:
        found.is_late = True
    found.state, found.answer, found.late_reason = AbsenceState.SENT, "", ""
    found.sent_at, found.decided_at, found.decided_by = at, None, None
    found.version += 1
    found.save()
    move(found, ProcedureState.RECEIVED, by=by, at=at, note="Le service reprend sa décision.")
    write_down("reopen_absence", found, by=by, at=at, reason=words)
    notifications.tell_reopened(found, at=at)
    return found


def _require(by: User) -> None:
    if not by.has_perm(PERMISSION):
        raise PermissionDenied


def _lock_waiting(key: int, version: int, *, by: User) -> Absence:
    """The declaration as the agent saw it, still waiting. Raises Absence.DoesNotExist, AbsenceDecided."""
    _require(by)
    found = lock_absence(key)
    if found.state != AbsenceState.SENT or found.version != version:
        raise AbsenceDecided(found)
    return found


def _words(text: str) -> str:
    words = " ".join(text.split())[:300]
    if not words:
        raise AbsenceRefused("Écrivez le motif : la famille le lira.", "reason")
    return words

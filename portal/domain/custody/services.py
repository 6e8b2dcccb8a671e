"""Proposing, agreeing, contesting, setting; and noting days agreed otherwise."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.urls import NoReverseMatch, reverse

from portal.domain.accounts.models import User
from portal.domain.audit.services import record
from portal.domain.custody.enums import CustodyState, Halves, Pattern
from portal.domain.custody.models import LIVE, WAITING, Custody, CustodyException
from portal.domain.custody.queries import custody_of, households_of
from portal.domain.custody.rules import Side
from portal.domain.families.access import NotAllowed, Right, children_with
from portal.domain.families.locks import lock_children
from portal.domain.families.models import Child, Family
from portal.domain.files.checks import SENT_BY_FAMILIES
from portal.domain.files.services import store_file
from portal.domain.notices.enums import NoticeKind
from portal.domain.notices.services import notify_family
from portal.domain.procedures.enums import ProcedureKind, ProcedureState
from portal.domain.procedures.models import Procedure
from portal.domain.procedures.services import move_procedure, open_procedure

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

READ_PERMISSION = "custody.read_judgement"
SET_PERMISSION = "custody.change_custody"


class CustodyRefused(Exception):
    """Nothing was written; the message is French and says what to do."""


class AlreadyDecided(CustodyRefused):
    """Somebody answered meanwhile."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a parent proposes, from the side of their own household: `a` is theirs."""

    pattern: Pattern
    reference: date
    changeover_hour: time | None = None
    fortnight: str = ""
    halves: Halves = Halves.NONE
    judgement_shared: bool = False


@transaction.atomic
def propose_custody(
    *,
    family: Family,
    child: Child,
    plan: Plan,
    by: User,
    at: datetime,
    judgement: "UploadedFile[bytes] | None" = None,
) -> Custody:
    """Propose an arrangement to the other household, which is told and may contest. A proposal of one's own is
    replaced; what is in force stays so until the answer.

    Raises CustodyRefused (one household, somebody else's proposal waits), FileRefused, NotAllowed.
    """
    known = _locked_child(family=family, child=child, by=by)
    households = households_of(known)
    others = [each for each in households if each.pk != family.pk]
    if len(others) != 1:
        raise CustodyRefused("Cet enfant n’a qu’un foyer dans le portail : il n’y a pas de garde à partager.")
    if plan.pattern == Pattern.FORTNIGHT and (len(plan.fortnight) != 14 or set(plan.fortnight) - {"a", "b"}):
        raise CustodyRefused("Dites pour chacun des quatorze jours chez qui est l’enfant.")
    for old in Custody.objects.select_for_update().filter(child=known, state__in=WAITING):
        if old.household_a_id != family.pk:
            raise CustodyRefused("L’autre foyer vient de proposer une organisation : répondez-lui d’abord.")
        _close(old, by=by, at=at)
    custody = Custody.objects.create(
        child=known,
        household_a=family,
        household_b=others[0],
        pattern=plan.pattern,
        reference=plan.reference,
        changeover_hour=plan.changeover_hour,
        fortnight=plan.fortnight if plan.pattern == Pattern.FORTNIGHT else "",
        halves=plan.halves,
        judgement_shared=plan.judgement_shared,
        proposed_by=by,
        proposed_at=at,
    )
    if judgement is not None:
        custody.judgement = store_file(
            upload=judgement, accepted=SENT_BY_FAMILIES, most=settings.FAMILY_MAX_UPLOAD_SIZE, by=by, at=at
        )
        custody.save(update_fields=["judgement"])
    title = f"Garde de {known.first_name}"
    for household, state in ((family, ProcedureState.RECEIVED), (others[0], ProcedureState.YOUR_TURN)):
        open_procedure(
            family=household,
            child=known,
            kind=ProcedureKind.HOUSEHOLD,
            title=title,
            state=state,
            by=by,
            at=at,
            about=custody,
        )
    record(verb="propose_custody", target=custody, by=by, at=at, family_key=family.pk, after={"pattern": plan.pattern})
    _tell(others[0], known, f"{title} : une organisation vous est proposée", at)
    return custody


@transaction.atomic
def agree_to_custody(*, family: Family, custody: Custody, by: User, at: datetime) -> Custody:
    """The other household agrees: the arrangement is in force, the former one ends.

    Raises AlreadyDecided, NotAllowed.
    """
    locked = _lock_answer(family=family, custody=custody, by=by)
    return _put_in_force(locked, CustodyState.AGREED, by=by, at=at, verb="agree_to_custody")


@transaction.atomic
def contest_custody(*, family: Family, custody: Custody, words: str, by: User, at: datetime) -> Custody:
    """The other household does not agree; the service will hear both. Raises AlreadyDecided, NotAllowed."""
    locked = _lock_answer(family=family, custody=custody, by=by)
    locked.state, locked.answered_by, locked.answered_at, locked.answer = CustodyState.CONTESTED, by, at, words
    locked.save(update_fields=["state", "answered_by", "answered_at", "answer"])
    _move(locked, ProcedureState.RECEIVED, by=by, at=at)
    record(verb="contest_custody", target=locked, by=by, at=at, family_key=family.pk)
    _tell(locked.household_a, locked.child, f"Garde de {locked.child.first_name} : proposition contestée", at)
    return locked


@transaction.atomic
def withdraw_custody(*, family: Family, custody: Custody, by: User, at: datetime) -> None:
    """The household that proposed takes its proposal back. Twice is once."""
    _child(family=family, child=custody.child, by=by)
    locked = Custody.objects.select_for_update().get(pk=custody.pk)
    if locked.household_a_id == family.pk and locked.state in WAITING:
        _close(locked, by=by, at=at)


@transaction.atomic
def set_custody(*, custody_id: int, by: User, at: datetime) -> Custody:
    """The service puts a contested or unanswered proposal in force. Raises AlreadyDecided, NotAllowed."""
    return _put_in_force(_lock_waiting(custody_id, by=by), CustodyState.SET, by=by, at=at, verb="set_custody")


@transaction.atomic
def refuse_custody(*, custody_id: int, reason: str, by: User, at: datetime) -> Custody:
    """The service sets a proposal aside, with its reason; what was in force stays so. Raises AlreadyDecided."""
    custody = _lock_waiting(custody_id, by=by)
    custody.answer = reason
    _close(custody, by=by, at=at, step=ProcedureState.REFUSED)
    for household in (custody.household_a, custody.household_b):
        _tell(household, custody.child, f"Garde de {custody.child.first_name} : proposition écartée", at, text=reason)
    return custody


@transaction.atomic
def add_exception(
    *, family: Family, child: Child, starts_on: date, ends_on: date, mine: bool, by: User, at: datetime
) -> CustodyException:
    """Note days agreed otherwise; the other household is told. `mine`: at the household of who notes.

    Raises CustodyRefused without arrangement or with the end before the start, NotAllowed.
    """
    known = _locked_child(family=family, child=child, by=by)
    custody = custody_of(known)
    if custody is None:
        raise CustodyRefused("Il n’y a pas encore d’organisation en vigueur.")
    if ends_on < starts_on:
        raise CustodyRefused("Le dernier jour suit le premier.")
    own = Side.A if custody.household_a_id == family.pk else Side.B
    side = own if mine else own.other
    same = custody.exceptions.filter(starts_on=starts_on, ends_on=ends_on).order_by("-pk").first()
    if same is not None and same.side == side:
        return same
    exception = CustodyException.objects.create(
        custody=custody, starts_on=starts_on, ends_on=ends_on, side=side, author=by, noted_at=at
    )
    record(verb="add_custody_exception", target=exception, by=by, at=at, family_key=family.pk, after={"side": side})
    other = custody.household_b if own is Side.A else custody.household_a
    _tell(other, known, f"Garde de {known.first_name} : des jours ont changé", at)
    return exception


@transaction.atomic
def remove_exception(*, family: Family, exception: CustodyException, by: User, at: datetime) -> None:
    """Take days back; either household may, the other one is told."""
    custody = exception.custody
    known = _child(family=family, child=custody.child, by=by)
    record(verb="remove_custody_exception", target=exception, by=by, at=at, family_key=family.pk)
    exception.delete()
    other = custody.household_b if custody.household_a_id == family.pk else custody.household_a
    _tell(other, known, f"Garde de {known.first_name} : des jours ont changé", at)


def may_read_judgement(*, custody: Custody, family: Family) -> bool:
    """The household that sent it, and the other one when the first says so."""
    if custody.judgement_id is None:
        return False
    return custody.household_a_id == family.pk or (custody.judgement_shared and custody.household_b_id == family.pk)


def _child(*, family: Family, child: Child, by: User) -> Child:
    known = children_with(user=by, family=family, right=Right.EDIT).filter(pk=child.pk).first()
    if known is None:
        raise NotAllowed(Right.EDIT.value)
    return known


def _locked_child(*, family: Family, child: Child, by: User) -> Child:
    """The child, locked. The right is asked before, so that a stranger locks nothing, and again after: it may have
    been taken away, or the child made one with another, while the lock was waited for. Raises NotAllowed.
    """
    known = _child(family=family, child=child, by=by)
    lock_children([known.pk])
    return _child(family=family, child=child, by=by)


def _lock_answer(*, family: Family, custody: Custody, by: User) -> Custody:
    _child(family=family, child=custody.child, by=by)
    locked: Custody = (
        Custody.objects.select_for_update(of=("self",))
        .select_related("child", "household_a", "household_b")
        .get(pk=custody.pk)
    )
    if locked.household_b_id != family.pk:
        raise NotAllowed(Right.EDIT.value)
    if locked.state != CustodyState.PROPOSED:
        raise AlreadyDecided("Cette proposition a déjà sa réponse.")
    return locked


def _lock_waiting(custody_id: int, *, by: User) -> Custody:
    if not (by.is_staff and by.has_perm(SET_PERMISSION)):
        raise NotAllowed(SET_PERMISSION)
    custody: Custody | None = (
        Custody.objects.select_for_update(of=("self",))
        .select_related("child", "household_a", "household_b")
        .filter(pk=custody_id)
        .first()
    )
    if custody is None or custody.state not in WAITING:
        raise AlreadyDecided("Cette proposition a déjà sa réponse.")
    return custody


def _put_in_force(custody: Custody, state: CustodyState, *, by: User, at: datetime, verb: str) -> Custody:
    lock_children([custody.child_id])
    for old in Custody.objects.select_for_update().filter(child=custody.child_id, state__in=LIVE):
        _close(old, by=by, at=at)
    custody.state, custody.answered_by, custody.answered_at = state, by, at
    custody.save(update_fields=["state", "answered_by", "answered_at"])
    _move(custody, ProcedureState.ACCEPTED, by=by, at=at)
    record(verb=verb, target=custody, by=by, at=at, family_key=custody.household_a_id)
    for household in (custody.household_a, custody.household_b):
        _tell(household, custody.child, f"Garde de {custody.child.first_name} : organisation en vigueur", at)
    return custody


def _close(custody: Custody, *, by: User, at: datetime, step: ProcedureState = ProcedureState.CANCELLED) -> None:
    waiting = custody.state in WAITING
    custody.state, custody.answered_by, custody.answered_at = CustodyState.ENDED, by, at
    custody.save(update_fields=["state", "answered_by", "answered_at", "answer"])
    if waiting:
        _move(custody, step, by=by, at=at)
    record(verb="end_custody", target=custody, by=by, at=at, family_key=custody.household_a_id)


def _move(custody: Custody, state: ProcedureState, *, by: User, at: datetime) -> None:
    """Both households follow a line of their own."""
    lines = Procedure.objects.filter(subject=custody._meta.label_lower, subject_key=str(custody.pk))
    for procedure in lines.order_by("pk"):
        move_procedure(procedure=procedure, state=state, by=by, at=at)


def _tell(family: Family, child: Child, title: str, at: datetime, *, text: str = "") -> None:
    try:
        path = reverse("custody:detail", args=(child.pk,))
    except NoReverseMatch:
        path = ""
    notify_family(family=family, kind=NoticeKind.DOSSIER, title=title, text=text, path=path, child=child, at=at)

"""Changing the dossier: submitted by a family, answered by the service.

Order of the locks, everywhere: the person whom it is about, then the requests.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from portal.domain import language
from portal.domain.accounts.models import User
from portal.domain.audit.services import record
from portal.domain.changes import rules
from portal.domain.changes.enums import ADDITIONS, OPEN_STATES, ChangeState, Rubric
from portal.domain.changes.fields import clean_values
from portal.domain.changes.models import ChangeRequest
from portal.domain.changes.notifications import move_procedures, open_procedures, tell, title_of
from portal.domain.changes.policy import waits_in
from portal.domain.changes.subjects import Subject, current_values, lock, require_edit, subject_of, write_values
from portal.domain.families.access import NotAllowed, Right
from portal.domain.families.enums import AdultRole
from portal.domain.families.households import HouseholdRefused, add_adult, add_child
from portal.domain.kernel.clock import paris_date
from portal.domain.procedures.enums import ProcedureState

DECIDE = "changes.decide_changerequest"
ANSWER_LENGTH = 250


class InvalidValues(Exception):
    """What was typed cannot be kept: `refusals`, by field, French sentences that name the field."""

    def __init__(self, refusals: Mapping[str, str]) -> None:
        super().__init__("; ".join(refusals.values()))
        self.refusals = refusals


class ChangedMeanwhile(Exception):
    """Somebody changed these fields since the form was shown: nothing was written."""

    def __init__(self, fields: tuple[str, ...], current: Mapping[str, str]) -> None:
        super().__init__(", ".join(fields))
        self.fields = fields
        self.current = current


class ChangeConflict(Exception):
    """The current value is no longer the one that the change started from (rule 42): nothing was written."""

    def __init__(self, fields: tuple[str, ...]) -> None:
        super().__init__(", ".join(fields))
        self.fields = fields


class ChangeDecided(Exception):
    """The request has already been answered, withdrawn or replaced: nothing was written."""

    def __init__(self, request: ChangeRequest) -> None:
        super().__init__(str(request.pk))
        self.request = request


class ChangeImpossible(Exception):
    """The service's yes cannot be carried out; the message, in French, says why."""


@dataclass(frozen=True, slots=True)
class Submission:
    """What became of a form: the fields applied at once, and the request that waits, if any."""

    applied: tuple[str, ...] = ()
    request: ChangeRequest | None = None


@transaction.atomic
@language.in_french()
def submit_changes(
    *, subject: Subject, values: Mapping[str, str], by: User, at: datetime, seen: Mapping[str, str] | None = None
) -> Submission:
    """What a person of the family wants the dossier to say: applied at once, or kept until the service says yes.

    One open request per person, subject and rubric: a new one replaces one's own. Sent twice, the second does
    nothing. `seen` are the values that the form showed: a field that somebody else changed meanwhile is not
    written over. Raises InvalidValues, ChangedMeanwhile, NotAllowed.
    """
    require_edit(subject, user=by)
    wanted, refusals = clean_values(subject.rubric, values, today=paris_date(at))
    if refusals:
        raise InvalidValues(refusals)
    lock(subject)
    current = current_values(subject)
    changed = rules.differences(current=current, wanted=wanted)
    own = _own_open(subject, by=by)
    parts = rules.split(changed, waits=waits_in(subject.rubric))
    if subject.rubric == Rubric.SCHOOL and not current["school"] and parts.approved:
        # A schooling is written whole: its level alone says nothing.
        parts = rules.Split(immediate={}, approved=changed)
    kept = own if own is not None and _still_says(own, parts.approved, current=current) else None
    if kept is not None and not parts.immediate:
        return Submission(request=kept)
    late = rules.stale(seen=seen or {}, current=current, touched=tuple(changed))
    if late:
        raise ChangedMeanwhile(late, current)
    if parts.immediate:
        _apply(subject, parts.immediate, current=current, by=by, at=at)
    if own is not None and kept is None:
        _close(own, state=ChangeState.REPLACED, by=by, at=at)
    if kept is None and parts.approved:
        kept = _keep(subject, parts.approved, current=current, by=by, at=at)
    return Submission(applied=tuple(parts.immediate), request=kept)


@transaction.atomic
@language.in_french()
def propose_person(*, subject: Subject, values: Mapping[str, str], by: User, at: datetime) -> ChangeRequest:
    """Ask the service to add a child or an adult to the household. The same proposal twice is one.

    Raises InvalidValues, NotAllowed.
    """
    if subject.rubric not in ADDITIONS:
        raise ValueError(subject.rubric)
    require_edit(subject, user=by)
    wanted, refusals = clean_values(subject.rubric, values, today=paris_date(at))
    if refusals:
        raise InvalidValues(refusals)
    lock(subject)
    same = ChangeRequest.objects.open().filter(family=subject.family, rubric=subject.rubric, new=wanted).first()
    return same or _keep(subject, wanted, current={}, by=by, at=at)


@transaction.atomic
@language.in_french()
def accept_change(*, request: ChangeRequest, by: User, at: datetime) -> ChangeRequest:
    """The service says yes: the values enter the dossier, if the current ones are still the old ones (rule 42).

    Raises NotAllowed, ChangeDecided, ChangeConflict (a newer value is there: refuse or ask again), ChangeImpossible.
    """
    found = _lock_pending(request, by=by)
    subject = subject_of(found)
    if subject.rubric in ADDITIONS:
        _add_person(found, by=by, at=at)
    else:
        late = rules.conflicts(old=found.old, current=current_values(subject))
        if late:
            raise ChangeConflict(late)
        write_values(subject, found.new)
    _close(found, state=ChangeState.ACCEPTED, by=by, at=at)
    tell(
        subject,
        title=_("%(what)s\u00a0: c’est fait") % {"what": title_of(subject)},
        text=_("Le service a validé votre demande\u00a0: votre dossier est à jour."),
        at=at,
    )
    return found


@transaction.atomic
@language.in_french()
def refuse_change(*, request: ChangeRequest, reason: str, by: User, at: datetime) -> ChangeRequest:
    """The service says no, and why. Nothing changes in the dossier. Raises NotAllowed, ChangeDecided, ValueError."""
    title = _("%(what)s\u00a0: demande refusée")
    return _answer_with(reason, request, state=ChangeState.REFUSED, title=title, by=by, at=at)


@transaction.atomic
@language.in_french()
def ask_change_again(*, request: ChangeRequest, message: str, by: User, at: datetime) -> ChangeRequest:
    """The service needs something more: it is the family's turn. Raises NotAllowed, ChangeDecided, ValueError."""
    title = _("%(what)s\u00a0: à compléter")
    return _answer_with(message, request, state=ChangeState.INCOMPLETE, title=title, by=by, at=at)


@transaction.atomic
@language.in_french()
def withdraw_change(*, request: ChangeRequest, by: User, at: datetime) -> ChangeRequest:
    """The family takes its request back: by anybody who may edit what it is about, in the household that asked.

    Withdrawn already: nothing happens. Raises NotAllowed, ChangeDecided.
    """
    subject = subject_of(request)
    require_edit(subject, user=by)
    lock(subject)
    found = _lock(request)
    if found.state == ChangeState.WITHDRAWN:
        return found
    if found.state not in OPEN_STATES:
        raise ChangeDecided(found)
    _close(found, state=ChangeState.WITHDRAWN, by=by, at=at)
    return found


@transaction.atomic
@language.in_french()
def correct_values(*, subject: Subject, values: Mapping[str, str], by: User, at: datetime) -> tuple[str, ...]:
    """An agent puts the dossier right, at once. The names of the fields that changed.

    Requests that started from an older value stay: accepting them then says that the value moved.
    Raises NotAllowed, InvalidValues.
    """
    _require_agent(by)
    wanted, refusals = clean_values(subject.rubric, values, today=paris_date(at))
    if refusals:
        raise InvalidValues(refusals)
    lock(subject)
    current = current_values(subject)
    changed = rules.differences(current=current, wanted=wanted)
    if changed:
        _apply(subject, changed, current=current, by=by, at=at)
    return tuple(changed)


def _apply(subject: Subject, values: Mapping[str, str], *, current: Mapping[str, str], by: User, at: datetime) -> None:
    """Values that count at once: written, journalled, in the démarches; the other parent reads it, without mail."""
    write_values(subject, values)
    record(
        verb="change_dossier",
        target=subject.person,
        by=by,
        at=at,
        family_key=subject.family.pk,
        before={name: current.get(name, "") for name in values},
        after=dict(values),
    )
    open_procedures(subject, about=None, state=ProcedureState.RECORDED, by=by, at=at)
    tell(
        subject,
        title=_("%(what)s\u00a0: c’est enregistré") % {"what": title_of(subject)},
        text=_("Votre dossier est à jour."),
        at=at,
        mail=subject.rubric == Rubric.ADDRESS,
    )


def _keep(
    subject: Subject, values: Mapping[str, str], *, current: Mapping[str, str], by: User, at: datetime
) -> ChangeRequest:
    request = ChangeRequest.objects.create(
        family=subject.family,
        adult=subject.adult,
        child=subject.child,
        school_year=subject.school_year,
        rubric=subject.rubric,
        old={name: current[name] for name in values if name in current},
        new=dict(values),
        asked_by=by,
        asked_at=at,
    )
    record(
        verb="ask_change",
        target=request,
        by=by,
        at=at,
        family_key=subject.family.pk,
        before=request.old,
        after=request.new,
    )
    open_procedures(subject, about=request, state=ProcedureState.RECEIVED, by=by, at=at)
    return request


def _still_says(own: ChangeRequest, wanted: Mapping[str, str], *, current: Mapping[str, str]) -> bool:
    """Whether one's own request already asks exactly that, from the values of now."""
    same = own.state == ChangeState.PENDING and dict(own.new) == dict(wanted)
    return same and not rules.conflicts(old=own.old, current=current)


def _own_open(subject: Subject, *, by: User) -> ChangeRequest | None:
    return (
        ChangeRequest.objects.open()
        .select_for_update(of=("self",), no_key=True)
        .filter(
            family=subject.family,
            adult=subject.adult,
            child=subject.child,
            school_year=subject.school_year,
            rubric=subject.rubric,
            asked_by=by,
        )
        .first()
    )


def _lock(request: ChangeRequest) -> ChangeRequest:
    return (
        ChangeRequest.objects.select_for_update(of=("self",), no_key=True)
        .select_related("family", "adult", "child", "decided_by")
        .get(pk=request.pk)
    )


def _lock_pending(request: ChangeRequest, *, by: User) -> ChangeRequest:
    _require_agent(by)
    lock(subject_of(request))
    found = _lock(request)
    if found.state != ChangeState.PENDING:
        raise ChangeDecided(found)
    return found


def _require_agent(by: User) -> None:
    if not (by.is_staff and by.has_perm(DECIDE)):
        raise NotAllowed(Right.EDIT.value)


def _answer_with(
    words: str, request: ChangeRequest, *, state: ChangeState, title: str, by: User, at: datetime
) -> ChangeRequest:
    """Lock, write an answer that says why, tell the family."""
    found = _lock_pending(request, by=by)
    answer = _answer(words)
    _close(found, state=state, by=by, at=at, answer=answer)
    subject = subject_of(found)
    tell(subject, title=title % {"what": title_of(subject)}, text=answer, at=at)
    return found


def _answer(text: str) -> str:
    answer = rules.clean_text(text)
    if not answer:
        raise ValueError("an answer says why")
    return answer[:ANSWER_LENGTH]


_STEPS = {
    ChangeState.ACCEPTED: ProcedureState.ACCEPTED,
    ChangeState.REFUSED: ProcedureState.REFUSED,
    ChangeState.INCOMPLETE: ProcedureState.YOUR_TURN,
    ChangeState.WITHDRAWN: ProcedureState.CANCELLED,
    ChangeState.REPLACED: ProcedureState.CANCELLED,
}


def _close(request: ChangeRequest, *, state: ChangeState, by: User, at: datetime, answer: str = "") -> None:
    """Give the request its answer, with its line in the journal and its step in the démarches."""
    request.state, request.decided_by, request.decided_at, request.answer = state, by, at, answer
    request.save(update_fields=["state", "decided_by", "decided_at", "answer"])
    record(
        verb=f"change_{state.name.lower()}",
        target=request,
        by=by,
        at=at,
        family_key=request.family_id,
        before=request.old,
        after=request.new,
    )
    note = _("remplacée par une nouvelle demande") if state == ChangeState.REPLACED else answer
    move_procedures(request, state=_STEPS[state], by=by, at=at, note=note)


def _add_person(request: ChangeRequest, *, by: User, at: datetime) -> None:
    new = request.new
    try:
        if request.rubric == Rubric.NEW_CHILD:
            add_child(
                family=request.family,
                first_name=new["first_name"],
                last_name=new["last_name"],
                birth_date=date.fromisoformat(new["birth_date"]),
                by=by,
                at=at,
            )
        else:
            add_adult(
                family=request.family,
                first_name=new["first_name"],
                last_name=new["last_name"],
                phone=new.get("phone", ""),
                role=AdultRole.RELATIVE,
                by=by,
                at=at,
            )
    except HouseholdRefused as refused:
        raise ChangeImpossible(str(refused)) from refused

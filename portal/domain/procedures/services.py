"""Opening and moving démarches, always inside the transaction of what they tell about."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Model

from portal.domain.accounts.models import User
from portal.domain.families.models import Child, Family, FamilyMember
from portal.domain.kernel.clock import paris_date
from portal.domain.procedures import notifications
from portal.domain.procedures.enums import ProcedureKind, ProcedureState
from portal.domain.procedures.hooks import after_step
from portal.domain.procedures.models import Procedure, ProcedureEvent, ProcedureSetting
from portal.domain.procedures.numbers import next_number
from portal.domain.procedures.rules import may_move

#: The mail of an enrolment already says that the request was received.
_TOLD_ELSEWHERE = frozenset({ProcedureKind.ENROLMENT})


class ImpossibleMove(Exception):
    """The démarche cannot become that: it was settled meanwhile. The message is French."""


@transaction.atomic
def open_procedure(
    *,
    family: Family,
    kind: ProcedureKind,
    title: str,
    state: ProcedureState,
    by: User,
    at: datetime,
    child: Child | None = None,
    reference: str = "",
    about: Model | None = None,
    note: str = "",
    acknowledge: bool | None = None,
    answer_days: int | None = None,
) -> Procedure:
    """Add one line to the family's démarches, with its first step.

    `about` is the object that the démarche follows (a supporting document, a change): `find_procedure` finds the
    line again when that object is decided upon.

    A request that waits for the service gets a number and, if the town says so for its kind, an acknowledgement of
    receipt by notice and mail; `acknowledge` decides instead of the town, `answer_days` promises another delay.
    """
    setting = ProcedureSetting.objects.filter(kind=kind).first() if state == ProcedureState.RECEIVED else None
    days = answer_days or (setting.answer_days if setting is not None else None)
    procedure = Procedure.objects.create(
        family=family,
        child=child,
        kind=kind,
        title=title,
        reference=reference,
        state=state,
        opened_at=at,
        subject=about._meta.label_lower if about is not None else "",
        subject_key=str(about.pk) if about is not None else "",
        answer_by=paris_date(at) + timedelta(days=days) if days else None,
        number=next_number(at=at) if state == ProcedureState.RECEIVED else "",
    )
    ProcedureEvent.objects.create(procedure=procedure, at=at, by=by, state=state, note=note)
    if state == ProcedureState.RECEIVED:
        town = setting.acknowledges if setting is not None else True
        if town and kind not in _TOLD_ELSEWHERE if acknowledge is None else acknowledge:
            notifications.acknowledge(procedure, at=at)
    after_step(procedure, by=by, at=at)
    return procedure


def find_procedure(*, about: Model) -> Procedure | None:
    """The last démarche opened about this object."""
    found = Procedure.objects.filter(subject=about._meta.label_lower, subject_key=str(about.pk))
    return found.order_by("-opened_at", "-pk").first()


@transaction.atomic
def move_procedure(
    *,
    procedure: Procedure,
    state: ProcedureState,
    by: User,
    at: datetime,
    note: str = "",
    tell: bool | None = None,
) -> ProcedureEvent:
    """Give the démarche a new state and keep the step, under a lock on its row.

    The family is told by notice and mail, unless it moved the démarche itself or the démarche follows an object
    (`about`), whose own verb tells it in its own words; `tell` decides instead. Raises ImpossibleMove when the
    states do not follow each other (`rules.may_move`); nothing is written then.
    """
    locked = Procedure.objects.select_for_update(of=("self",), no_key=True).get(pk=procedure.pk)
    current = ProcedureState(locked.state)
    if not may_move(current, state):
        raise ImpossibleMove(f"Cette démarche est déjà {current.label}.")
    Procedure.objects.filter(pk=locked.pk).update(state=state)
    procedure.state = locked.state = state
    event = ProcedureEvent.objects.create(procedure=procedure, at=at, by=by, state=state, note=note)
    if tell if tell is not None else not locked.subject and not _is_member(locked.family_id, by):
        notifications.tell_move(procedure, note=note, at=at)
    after_step(procedure, by=by, at=at)
    return event


def _is_member(family: int, user: User) -> bool:
    return FamilyMember.objects.filter(family=family, adult__user=user).exists()

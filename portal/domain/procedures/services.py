"""Opening and moving démarches, always inside the transaction of what they tell about."""

from datetime import datetime

from portal.domain.accounts.models import User
from portal.domain.families.models import Child, Family
from portal.domain.procedures.enums import ProcedureKind, ProcedureState
from portal.domain.procedures.models import Procedure, ProcedureEvent


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
) -> Procedure:
    """Add one line to the family's démarches, with its first step."""
    procedure = Procedure.objects.create(
        family=family, child=child, kind=kind, title=title, reference=reference, state=state, opened_at=at
    )
    ProcedureEvent.objects.create(procedure=procedure, at=at, by=by, state=state)
    return procedure


def move_procedure(
    *, procedure: Procedure, state: ProcedureState, by: User, at: datetime, note: str = ""
) -> ProcedureEvent:
    """Give the démarche a new state and keep the step."""
    Procedure.objects.filter(pk=procedure.pk).update(state=state)
    procedure.state = state
    return ProcedureEvent.objects.create(procedure=procedure, at=at, by=by, state=state, note=note)

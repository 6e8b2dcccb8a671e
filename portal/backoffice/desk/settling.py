"""Whatever door settles a request (an agent, its family, the clock), nobody takes care of it any more."""

from datetime import datetime

from portal.backoffice.desk.registry import queues
from portal.domain.accounts.models import User
from portal.domain.desk.services import settle_request
from portal.domain.procedures.enums import ProcedureState
from portal.domain.procedures.models import Procedure
from portal.domain.procedures.rules import is_open


def after_step(procedure: Procedure, by: User, at: datetime) -> None:
    """End the care of a request whose démarche is settled, in the same transaction."""
    if not procedure.subject or is_open(ProcedureState(procedure.state)):
        return
    for source in queues():
        if source.subject == procedure.subject:
            settle_request(source=source.code, item=int(procedure.subject_key), by=by, at=at)

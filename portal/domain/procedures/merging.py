"""Démarches follow; one that waits hinders the archiving of its dossier."""

from datetime import datetime

from portal.domain.kernel.french import plural
from portal.domain.merging.registry import Subject, register_obstacle, register_rows
from portal.domain.procedures.enums import ProcedureState
from portal.domain.procedures.models import Procedure

_WAITING = (ProcedureState.RECEIVED, ProcedureState.YOUR_TURN)


def _obstacles(family: int, _at: datetime) -> list[str]:
    waiting = Procedure.objects.filter(family=family, state__in=_WAITING).count()
    return [f"{plural(waiting, 'démarche attend', 'démarches attendent')} une réponse."] if waiting else []


def connect() -> None:
    """Register."""
    words = ("démarche", "démarches")
    register_rows("procedures.Procedure.family", Subject.FAMILY, words)
    register_rows("procedures.Procedure.child", Subject.CHILD, words)
    register_obstacle("procedures", _obstacles, order=30)

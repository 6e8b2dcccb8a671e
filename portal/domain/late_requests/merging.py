"""Requests follow their child and their household; a dossier that is put away asks for nothing any more."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from portal.domain.accounts.models import User
from portal.domain.late_requests.enums import DayState
from portal.domain.late_requests.models import LateDay, LateRequest
from portal.domain.late_requests.services import lock_request, withdraw
from portal.domain.merging.registry import Subject, register_archived, register_rows

_WORDS = ("demande au service", "demandes au service")


def _twice(kept: int, duplicate: int) -> "QuerySet[Any]":
    """Open days of both records for one unit, day and wish."""
    open_ = LateDay.objects.filter(state=DayState.OPEN)
    same = open_.filter(child=kept, unit=OuterRef("unit"), day=OuterRef("day"), wish=OuterRef("wish"))
    return open_.filter(Exists(same), child=duplicate)


def close_family(family: int, by: User, at: datetime) -> None:
    """What nobody decided is withdrawn."""
    for key in LateRequest.objects.open().filter(family=family).order_by("pk").values_list("pk", flat=True):
        withdraw(lock_request(key), by=by, at=at, note="Le dossier a été archivé.")


def connect() -> None:
    """Register."""
    register_rows("late_requests.LateRequest.family", Subject.FAMILY, _WORDS, order=94)
    register_rows("late_requests.LateRequest.child", Subject.CHILD, _WORDS, order=94)
    register_rows(
        "late_requests.LateDay.child",
        Subject.CHILD,
        ("jour demandé", "jours demandés"),
        blocked=_twice,
        why_blocked="les deux fiches demandent le même jour au service : répondez d’abord à l’une des deux demandes",
        order=94,
    )
    register_archived(close_family)

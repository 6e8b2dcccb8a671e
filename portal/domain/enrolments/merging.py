"""Enrolments follow. A child is enrolled once in an activity: of two live ones one stands, for the days of both."""

from collections.abc import Iterator
from datetime import datetime

from portal.domain.accounts.models import User
from portal.domain.enrolments.enums import EnrolmentState
from portal.domain.enrolments.models import Enrolment
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.french import plural
from portal.domain.merging.registry import (
    Fate,
    Following,
    Line,
    Subject,
    register_following,
    register_obstacle,
    register_rows,
)
from portal.domain.procedures.enums import ProcedureKind, ProcedureState
from portal.domain.procedures.models import Procedure
from portal.domain.procedures.services import move_procedure

_WORDS = ("inscription", "inscriptions")


def _pairs(kept: int, duplicate: int) -> Iterator[tuple[Enrolment, Enrolment]]:
    """Of each activity where both are enrolled: the enrolment that stands, the one that is closed.

    The accepted one stands before the one that waits; the kept child's before the duplicate's.
    """
    there = {each.activity_id: each for each in Enrolment.objects.live().filter(child=kept)}
    for theirs in Enrolment.objects.live().filter(child=duplicate).select_related("activity").order_by("pk"):
        mine = there.get(theirs.activity_id)
        if mine is None:
            continue
        if theirs.state == EnrolmentState.ACCEPTED and mine.state != EnrolmentState.ACCEPTED:
            yield theirs, mine
        else:
            yield mine, theirs


def _plan(kept: int, duplicate: int, _at: datetime) -> list[Line]:
    pairs = list(_pairs(kept, duplicate))
    moving = Enrolment.objects.filter(child=duplicate).count() - len(pairs)
    return [
        *([Line(plural(moving, *_WORDS), Fate.MOVES)] if moving else []),
        *(
            Line(
                f"inscription à « {standing.activity} »",
                Fate.THERE,
                "les deux fiches y sont inscrites : une seule inscription reste, pour les jours des deux",
            )
            for standing, _closed in pairs
        ),
    ]


def _follow(kept: int, duplicate: int, by: User, at: datetime) -> None:
    for standing, closed in list(_pairs(kept, duplicate)):
        closed.state, closed.decided_at, closed.held_since = EnrolmentState.CANCELLED, at, None
        closed.save(update_fields=["state", "decided_at", "held_since"])
        standing.starts_on = min(standing.starts_on, closed.starts_on)
        standing.ends_on = max(standing.ends_on, closed.ends_on)
        standing.save(update_fields=["starts_on", "ends_on"])
        _close_procedure(closed, by=by, at=at)
    Enrolment.objects.filter(child=duplicate).update(child=kept)


def _close_procedure(closed: Enrolment, *, by: User, at: datetime) -> None:
    """A request that waits no more does not stay « en cours » for ever."""
    waiting = Procedure.objects.filter(
        kind=ProcedureKind.ENROLMENT,
        reference=str(closed.pk),
        state__in=[ProcedureState.RECEIVED, ProcedureState.YOUR_TURN],
    )
    for procedure in waiting.order_by("pk"):
        note = "Réunie à l’inscription déjà là."
        move_procedure(procedure=procedure, state=ProcedureState.CANCELLED, by=by, at=at, note=note, tell=False)


def _obstacles(family: int, at: datetime) -> list[str]:
    running = Enrolment.objects.live().filter(family=family, ends_on__gte=paris_date(at))
    return [
        f"{each.child.first_name} a encore une inscription à « {each.activity} »."
        for each in running.select_related("child", "activity").order_by("pk")
    ]


def connect() -> None:
    """Register."""
    register_following(
        Following("enrolments", Subject.CHILD, ("enrolments.Enrolment.child",), _plan, _follow, order=85)
    )
    register_rows("enrolments.Enrolment.family", Subject.FAMILY, _WORDS, order=85)
    register_obstacle("enrolments", _obstacles, order=20)

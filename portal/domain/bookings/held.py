"""Enrolment requests that waited for their dossier: decided once it is complete (guides 000 and 002)."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from portal.domain.accounts.models import User
from portal.domain.activities.enums import ValidationMode
from portal.domain.audit.services import record
from portal.domain.bookings.calendar_lock import share_calendar
from portal.domain.bookings.deciding import books_days, conclude, make_way
from portal.domain.dossier.gate import why_held
from portal.domain.enrolments.deciding import lock_enrolment, move_enrolment, named, tell
from portal.domain.enrolments.enums import EnrolmentState
from portal.domain.enrolments.models import Enrolment
from portal.domain.enrolments.services import is_automatic
from portal.domain.families.models import Family
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.french import NBSP
from portal.domain.procedures.enums import ProcedureState

#: Those that the dossier holds back, and those that an agent looks at only because it is not complete.
_WAITING = Q(state=EnrolmentState.REQUESTED) & (
    Q(held_since__isnull=False) | Q(activity__validation_mode=ValidationMode.COMPLETE, asked_at=None)
)


def decide_waiting(*, by: User, at: datetime, family: int | None = None) -> int:
    """Look again at every request that waits, or at those of one family; how many were decided.

    One transaction each: a request that fails does not hold the others back.
    """
    waiting = Enrolment.objects.filter(_WAITING)
    if family is not None:
        waiting = waiting.filter(family=family)
    families = Family.objects.filter(pk__in=waiting.values("family")).order_by("pk")
    return sum(decide_held_enrolments(family=each, by=by, at=at) for each in families)


def decide_held_enrolments(*, family: Family, by: User, at: datetime) -> int:
    """Accept, and book, the requests of a family that nothing holds back any more; how many were let through.

    A request that an agent must accept goes to the agent; one that a complete dossier suffices for is accepted then,
    whether it was held or with an agent. Twice the same has no effect.
    """
    waiting = Enrolment.objects.filter(_WAITING, family=family)
    decided = 0
    for enrolment in waiting.select_related("child", "activity", "family").order_by("requested_at", "pk"):
        child, activity = enrolment.child, enrolment.activity
        if why_held(family=family, child=child, activity_id=activity.pk, at=at) is not None:
            continue
        accepted = is_automatic(family=family, child=child, activity=activity, at=at)
        if accepted or enrolment.held_since is not None:
            decided += _let_through(enrolment, accepted=accepted, by=by, at=at)
    return decided


def _let_through(enrolment: Enrolment, *, accepted: bool, by: User, at: datetime) -> bool:
    books = accepted and books_days(enrolment, today=paris_date(at))
    if books:
        make_way(enrolment, at=at)
    with transaction.atomic():
        share_calendar()
        locked = lock_enrolment(enrolment.pk)
        held = locked.held_since is not None
        if locked.state != EnrolmentState.REQUESTED or locked.asked_at is not None or not (held or accepted):
            return False
        locked.held_since = None
        if accepted:
            locked.state, locked.decided_at = EnrolmentState.ACCEPTED, at
        locked.save(update_fields=["held_since", "state", "decided_at"])
        record(
            verb="decide_held_enrolment",
            target=locked,
            by=by,
            at=at,
            family_key=locked.family_id,
            before={"held": held},
            after={"held": False, "state": locked.state},
        )
        if accepted:
            conclude(locked, books=books, by=by, at=at)
        else:
            words = "Votre dossier est complet : le service étudie la demande."
            move_enrolment(locked, ProcedureState.RECEIVED, note=words, by=by, at=at)
            tell(locked, f"Demande d’inscription{NBSP}: {named(locked)}", words, at=at)
    return True

"""Background doors of bookings."""

import logging
from datetime import datetime

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from portal.domain.accounts.models import User
from portal.domain.bookings import expiry, held
from portal.domain.enrolments.models import Enrolment
from portal.domain.procedures.enums import ProcedureKind
from portal.domain.procedures.models import Procedure

logger = logging.getLogger(__name__)

#: What never completes a dossier.
_DECIDE_NOTHING = frozenset(
    {
        ProcedureKind.BOOKING,
        ProcedureKind.ABSENCE,
        ProcedureKind.ENROLMENT,
        ProcedureKind.FORM,
        ProcedureKind.PRIVACY,
    }
)


@shared_task(name="bookings.release_lapsed_drafts")
def release_lapsed_drafts() -> None:
    """Give back the places of the drafts whose time is over: run every minute by beat."""
    released = expiry.release_lapsed_drafts(at=timezone.now())
    if released:
        logger.info("%s drafts lapsed", released)


@shared_task(name="bookings.decide_held_enrolments")
def decide_held_enrolments(family: int | None = None) -> None:
    """Look again at the requests that wait for their dossier: after an answer, and every ten minutes."""
    decided = held.decide_waiting(family=family, by=User.objects.system(), at=timezone.now())
    if decided:
        logger.info("%s enrolments decided", decided)


def after_answer(procedure: Procedure, by: User, at: datetime) -> None:
    """A document or a sheet was sent or answered: what waited for it may be decided, once that is committed."""
    family = procedure.family_id
    if procedure.kind in _DECIDE_NOTHING:
        return
    if Enrolment.objects.filter(family=family, held_since__isnull=False).exists():
        transaction.on_commit(lambda: decide_held_enrolments.delay(family), robust=True)

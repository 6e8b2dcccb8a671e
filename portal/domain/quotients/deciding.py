"""What agents do with quotients. Each verb asks the permission again, and answers a quotient once."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django.core.exceptions import PermissionDenied
from django.db import transaction

from portal.domain.accounts.models import User
from portal.domain.families.models import Family
from portal.domain.kernel.clock import paris_date
from portal.domain.procedures.enums import ProcedureKind, ProcedureState
from portal.domain.procedures.services import open_procedure
from portal.domain.quotients import notifications
from portal.domain.quotients.enums import QuotientSource, QuotientState
from portal.domain.quotients.models import Quotient, QuotientDefinition
from portal.domain.quotients.queries import load_policy
from portal.domain.quotients.rules import last_day
from portal.domain.quotients.services import (
    TITLE,
    QuotientDecided,
    QuotientRefused,
    check_days,
    check_month,
    check_value,
    lock_family,
    move,
    replace_open,
    settle,
    write_down,
)

PERMISSION = "quotients.decide_quotient"

REASONS: Sequence[str] = (
    "Le justificatif n’est pas lisible.",
    "Le justificatif ne correspond pas au quotient déclaré.",
    "Le justificatif est trop ancien.",
    "Le justificatif n’est pas au nom d’un responsable du dossier.",
)


@transaction.atomic
def accept_quotient(
    *,
    quotient: int,
    by: User,
    at: datetime,
    value: Decimal | None = None,
    valid_from: date | None = None,
    valid_until: date | None = None,
) -> Quotient:
    """Say that a declaration is right, as it is or corrected. By default it holds from today, for the town's time.

    Raises PermissionDenied, QuotientDecided, QuotientRefused.
    """
    found = _lock_waiting(quotient, by=by)
    today = paris_date(at)
    first = valid_from or today
    last = valid_until or last_day(load_policy().validity, first)
    check_days(first, last, today=today)
    if value is not None:
        found.value = check_value(value)
    corrected = found.value != found.declared_value
    settle(found, first=first, last=last, by=by, at=at)
    move(found, ProcedureState.ACCEPTED, by=by, at=at, note="Valeur corrigée par le service." if corrected else "")
    write_down("accept_quotient", found, by=by, at=at, corrected=corrected)
    notifications.tell_accepted(found, at=at)
    return found


@transaction.atomic
def refuse_quotient(*, quotient: int, reason: str, by: User, at: datetime) -> Quotient:
    """Say no, with a reason that the family reads. Raises PermissionDenied, QuotientDecided, QuotientRefused."""
    found = _lock_waiting(quotient, by=by)
    _answer("refuse_quotient", found, QuotientState.REFUSED, reason, by=by, at=at)
    notifications.tell_refused(found, at=at)
    return found


@transaction.atomic
def ask_quotient_again(*, quotient: int, message: str, by: User, at: datetime) -> Quotient:
    """Ask the family for more: it is their turn. Raises PermissionDenied, QuotientDecided, QuotientRefused."""
    found = _lock_waiting(quotient, by=by)
    _answer("ask_quotient_again", found, QuotientState.ASKED, message, by=by, at=at)
    notifications.tell_asked_again(found, at=at)
    return found


@transaction.atomic
def record_quotient(
    *,
    family: Family,
    definition: QuotientDefinition,
    value: Decimal,
    month: date,
    key: uuid.UUID,
    by: User,
    at: datetime,
    valid_from: date | None = None,
    valid_until: date | None = None,
) -> Quotient:
    """A quotient shown at the counter: it holds at once. The same `key` again gives the same quotient.

    Raises PermissionDenied, QuotientRefused.
    """
    _require(by)
    lock_family(family)
    already = Quotient.objects.filter(key=key, family=family).first()
    if already is not None:
        return already
    today = paris_date(at)
    check_month(month, today=today)
    first = valid_from or today
    last = valid_until or last_day(load_policy().validity, first)
    check_days(first, last, today=today)
    replace_open(family, by=by, at=at)
    quotient = Quotient(
        key=key,
        family=family,
        definition=definition,
        value=check_value(value),
        month=month.replace(day=1),
        source=QuotientSource.AGENT,
        sent_at=at,
        sent_by=by,
    )
    settle(quotient, first=first, last=last, by=by, at=at)
    open_procedure(
        family=family,
        kind=ProcedureKind.QUOTIENT,
        title=TITLE,
        state=ProcedureState.RECORDED,
        by=by,
        at=at,
        about=quotient,
    )
    write_down("record_quotient", quotient, by=by, at=at)
    notifications.tell_accepted(quotient, at=at)
    return quotient


def _require(by: User) -> None:
    if not by.has_perm(PERMISSION):
        raise PermissionDenied


def _lock_waiting(key: int, *, by: User) -> Quotient:
    """The quotient, its family locked, still waiting for the service. Raises Quotient.DoesNotExist."""
    _require(by)
    lock_family(Quotient.objects.select_related("family").get(pk=key).family)
    found = Quotient.objects.select_related("family", "definition", "decided_by").get(pk=key)
    if found.state != QuotientState.SENT:
        raise QuotientDecided(found)
    return found


def _answer(verb: str, found: Quotient, state: QuotientState, words: str, *, by: User, at: datetime) -> None:
    """Write why, with its step in the démarches and its line in the journal. Raises QuotientRefused without words."""
    reason = " ".join(words.split())[:300]
    if not reason:
        raise QuotientRefused("Écrivez le motif : la famille le lira.", "reason")
    found.state, found.reason = state, reason
    found.decided_at, found.decided_by = at, by
    found.save(update_fields=["state", "reason", "decided_at", "decided_by"])
    step = ProcedureState.REFUSED if state == QuotientState.REFUSED else ProcedureState.YOUR_TURN
    move(found, step, by=by, at=at, note=reason)
    write_down(verb, found, by=by, at=at)

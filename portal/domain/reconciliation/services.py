"""What agents do about what was found. Each verb asks the permission again."""

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction

from portal.domain.accounts.models import User
from portal.domain.audit.services import record
from portal.domain.families.scope import is_limited
from portal.domain.language import in_french
from portal.domain.reconciliation.models import MOST_WORDS, Finding
from portal.domain.reconciliation.registry import RepairRefused, find_check
from portal.domain.reconciliation.running import is_running, run_checks
from portal.domain.reconciliation.tasks import run_for

__all__ = [
    "PERMISSION",
    "ReasonMissing",
    "RepairRefused",
    "Running",
    "ask_run",
    "may_reconcile",
    "repair",
    "run_checks",
    "set_aside",
    "take_back",
]

PERMISSION = "reconciliation.reconcile"


class Running(Exception):
    """A run is under way: another one would find the same."""


class ReasonMissing(Exception):
    """A finding is set aside for a reason. The message is French."""


def may_reconcile(agent: User) -> bool:
    """Whether this agent works on it: the books are those of the whole town, and half of them says nothing."""
    return agent.has_perm(PERMISSION) and not is_limited(agent)


@transaction.atomic
def ask_run(*, by: User, at: datetime) -> None:
    """Have every check done now, in the background. Raises PermissionDenied, Running."""
    _require(by)
    if is_running():
        raise Running
    record(verb="ask_reconciliation", target=by, by=by, at=at)
    transaction.on_commit(lambda: run_for.delay(by.pk), robust=True)


@transaction.atomic
def set_aside(*, finding: int, reason: str, by: User, at: datetime) -> Finding:
    """Say that nothing has to be done about this finding, and why; it comes back if what was found changes.

    Raises PermissionDenied, Finding.DoesNotExist once it is gone, ReasonMissing.
    """
    found = _lock(finding, by=by)
    words = " ".join(reason.replace("\x00", "").split())[:MOST_WORDS]
    if not words:
        raise ReasonMissing("Écrivez pourquoi ce constat n’appelle rien : un collègue le lira.")
    before, found.reason = found.reason, words
    found.set_aside_at, found.set_aside_by = at, by
    found.save(update_fields=["set_aside_at", "set_aside_by", "reason"])
    _write_down("set_finding_aside", found, by=by, at=at, reason=words, before=before)
    return found


@transaction.atomic
def take_back(*, finding: int, by: User, at: datetime) -> Finding:
    """It has to be treated after all. Taken back twice, it is once. Raises PermissionDenied, Finding.DoesNotExist."""
    found = _lock(finding, by=by)
    if found.set_aside_at is None:
        return found
    before = found.reason
    found.set_aside_at, found.set_aside_by, found.reason = None, None, ""
    found.save(update_fields=["set_aside_at", "set_aside_by", "reason"])
    _write_down("take_finding_back", found, by=by, at=at, before=before)
    return found


@in_french()
def repair(*, finding: int, by: User, at: datetime) -> Finding:
    """Do what the check offers to mend this finding; whether it is mended, the next run says.

    The verb of the check works in transactions of its own, under its own locks, and may be run twice; then the journal
    is written and the finding is gone. Raises PermissionDenied, Finding.DoesNotExist once it is gone or when nothing
    mends it by itself, RepairRefused.
    """
    _require(by)
    found = Finding.objects.live().get(pk=finding)
    check = find_check(found.check_code)
    if check is None or check.repair is None:
        raise Finding.DoesNotExist
    check.repair.run(found, by, at)
    with transaction.atomic():
        locked = _lock(finding, by=by)
        locked.gone_at = at
        locked.save(update_fields=["gone_at"])
        _write_down("repair_finding", locked, by=by, at=at, repair=check.repair.label)
    return locked


def _require(by: User) -> None:
    if not may_reconcile(by):
        raise PermissionDenied


def _lock(finding: int, *, by: User) -> Finding:
    _require(by)
    return Finding.objects.live().select_for_update(of=("self",), no_key=True).get(pk=finding)


def _write_down(verb: str, found: Finding, *, by: User, at: datetime, before: str = "", **facts: str) -> None:
    record(
        verb=verb,
        target=found,
        by=by,
        at=at,
        family_key=found.family_id,
        before={"reason": before} if before else {},
        after={"check": found.check_code, "said": found.sentence, **facts},
    )

"""One run: every check in turn, what it found compared with what was known, one transaction, one run at a time."""

import hashlib
import logging
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from portal.domain.accounts.models import User
from portal.domain.audit.services import record
from portal.domain.kernel.french import typography
from portal.domain.language import in_french
from portal.domain.reconciliation.enums import Trigger
from portal.domain.reconciliation.models import Finding, Run
from portal.domain.reconciliation.registry import Check, Found, Scene, checks

logger = logging.getLogger(__name__)

#: An advisory lock is a number of the database; this one is nobody else's.
_KEY = 4_610_040
#: The longest that one query of a check may take, in milliseconds.
_LONGEST = 120_000
_SHARED = ("sentence", "subject", "subject_key", "day")


@transaction.atomic
@in_french()
def run_checks(*, trigger: Trigger, by: User, at: datetime) -> Run | None:
    """Do every check, write down what is new, what is gone and what has changed; None while another run is under way.

    A check that cannot be done is told by the run, and what it had found stays as it was.
    """
    if not _alone():
        return None
    scene, known = Scene(at), checks()
    begun = time.perf_counter()
    results = {check.code: _do(check, scene) for check in known}
    # A check that the portal does any more says nothing of what it had found.
    Finding.objects.live().exclude(check_code__in=results).update(gone_at=at)
    taken = time.perf_counter() - begun
    run = Run.objects.create(at=at, seconds=round(taken, 2), trigger=trigger, by=by, results=results)
    record(
        verb="run_reconciliation",
        target=run,
        by=by,
        at=at,
        after={
            "trigger": trigger.value,
            "found": sum(result.get("found", 0) for result in results.values()),
            "new": sum(result.get("new", 0) for result in results.values()),
            "failed": [code for code, result in results.items() if result.get("failed")],
        },
    )
    return run


def is_running() -> bool:
    """Whether a run is under way, here or in another process."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = 0"
            " AND objid = %s AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))",
            [_KEY],
        )
        (found,) = cursor.fetchone()
    return bool(found)


def _alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_KEY])
        (alone,) = cursor.fetchone()
        cursor.execute(f"SET LOCAL statement_timeout = {_LONGEST}")
    return bool(alone)


def _do(check: Check, scene: Scene) -> dict[str, Any]:
    begun = time.perf_counter()
    try:
        with transaction.atomic():
            seen = check.find(scene)
            new = _store(check, seen.found, scene.at)
    except Exception:
        logger.exception("the check %s could not be done", check.code)
        return {"failed": True, "seconds": round(time.perf_counter() - begun, 3)}
    return {"found": seen.total, "new": new, "seconds": round(time.perf_counter() - begun, 3)}


def _store(check: Check, found: Sequence[Found], at: datetime) -> int:
    """Compare with what was known of this check: five queries at most, whatever was found. How many are new."""
    known = {
        row.key: row
        for row in Finding.objects.live().filter(check_code=check.code).select_for_update(of=("self",), no_key=True)
    }
    now = {each.key: each for each in found}
    gone = [row.pk for key, row in known.items() if key not in now]
    if gone:
        Finding.objects.filter(pk__in=gone).update(gone_at=at)
    if not now:
        return 0
    new = [_row(check, each, at) for key, each in now.items() if key not in known]
    Finding.objects.bulk_create(new, batch_size=500)
    moved = [row for key, row in known.items() if key in now and _take(row, now[key])]
    Finding.objects.bulk_update(
        moved,
        [*_SHARED, "family", "child", "unit", "digest", "set_aside_at", "set_aside_by", "reason"],
        batch_size=500,
    )
    Finding.objects.live().filter(check_code=check.code).update(last_seen_at=at)
    return len(new)


def _row(check: Check, found: Found, at: datetime) -> Finding:
    return Finding(
        check_code=check.code,
        key=found.key,
        digest=_digest(found),
        first_seen_at=at,
        last_seen_at=at,
        **_values(found),
    )


def _take(row: Finding, found: Found) -> bool:
    """Take what has changed, in memory; what was set aside is looked at again. Whether anything has."""
    if row.digest == _digest(found):
        return False
    for name, value in _values(found).items():
        setattr(row, name, value)
    row.digest = _digest(found)
    row.set_aside_at, row.set_aside_by, row.reason = None, None, ""
    return True


def _values(found: Found) -> Mapping[str, Any]:
    shared = {name: getattr(found, name) for name in _SHARED}
    shared["sentence"] = typography(found.sentence)[:500]
    return {**shared, "family_id": found.family, "child_id": found.child, "unit_id": found.unit}


def _digest(found: Found) -> str:
    said = "\n".join(str(part) for part in (found.sentence, found.family, found.child, found.unit, found.day))
    return hashlib.sha256(said.encode()).hexdigest()

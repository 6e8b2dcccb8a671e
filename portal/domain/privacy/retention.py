"""How long each kind of data is kept, what has reached its time, and erasing it after somebody looked at the list."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction

from portal.domain.accounts.models import User
from portal.domain.audit.services import record
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.french import plural
from portal.domain.privacy.models import RetentionRule
from portal.domain.privacy.registry import Expired, Retention, retentions

CHANGE, ERASE = "privacy.change_retentionrule", "privacy.erase_expired"
#: What one press of the button erases at most; the list says when there is more.
BATCH = 1000
#: How the part of a basis begins that asks the town to decide.
TO_CONFIRM = "durée à valider"
LEAST_DAYS, MOST_DAYS = 1, 36_525


class BadDelay(Exception):
    """The delay is not a number of days that makes sense. The message is French."""


class ListChanged(Exception):
    """What was confirmed is no longer due as it was shown: nothing was erased."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A kind of data with the delay in force. `is_confirmed` is false while the town has not looked at it."""

    retention: Retention
    days: int
    automatic: bool
    is_confirmed: bool
    due: int
    counted_at: datetime | None

    @property
    def code(self) -> str:
        return self.retention.code

    @property
    def reason(self) -> str:
        """From when it counts and why, without what is said to the town alone."""
        return " ; ".join(part for part in self.retention.basis.split(" ; ") if not part.startswith(TO_CONFIRM))

    @property
    def duration(self) -> str:
        """In the largest unit that says it roundly; no day at all is « at once »."""
        if not self.days:
            return "aussitôt"
        if self.days >= 365 and self.days % 365 <= self.days // 365 // 3:
            return plural(self.days // 365, "an")
        if self.days >= 60 and self.days % 30 == 0:
            return f"{self.days // 30} mois"
        return plural(self.days, "jour")


def list_kept() -> list[Kept]:
    """Every kind, with the delay in force, in one query."""
    rules = {rule.code: rule for rule in RetentionRule.objects.select_related("changed_by")}
    return [_kept(retention, rules.get(retention.code)) for retention in retentions()]


def find_kept(code: str) -> Kept | None:
    """One kind, or None."""
    return next((kept for kept in list_kept() if kept.code == code), None)


def list_due(*, kept: Kept, at: datetime, limit: int = BATCH) -> list[Expired]:
    """What has reached its time, the oldest first: the list shown before anything is erased."""
    return kept.retention.find(_before(kept, at), limit)


@transaction.atomic
def set_retention(*, code: str, days: int, automatic: bool, by: User, at: datetime) -> Kept:
    """Change a delay. Raises PermissionDenied, BadDelay; KeyError for an unknown kind.

    Only a kind that was shipped automatic may erase without anybody looking.
    """
    if not by.has_perm(CHANGE):
        raise PermissionDenied
    kept = find_kept(code)
    if kept is None:
        raise KeyError(code)
    if not LEAST_DAYS <= days <= MOST_DAYS:
        raise BadDelay(f"Indiquez un nombre de jours entre {LEAST_DAYS} et {MOST_DAYS}.")
    allowed = automatic and kept.retention.automatic
    rule, _created = RetentionRule.objects.update_or_create(
        code=code, defaults={"days": days, "automatic": allowed, "changed_at": at, "changed_by": by}
    )
    record(
        verb="set_retention",
        target=rule,
        by=by,
        at=at,
        before={"days": kept.days, "automatic": kept.automatic},
        after={"days": days, "automatic": allowed},
    )
    return _kept(kept.retention, rule)


@transaction.atomic
def erase_expired(*, code: str, keys: list[int], by: User, at: datetime) -> int:
    """Erase what somebody saw on the list, exactly, and return how many.

    Raises PermissionDenied, ListChanged when one of the keys is not due (any more), KeyError for an unknown kind.
    """
    if not by.has_perm(ERASE):
        raise PermissionDenied
    kept = find_kept(code)
    if kept is None:
        raise KeyError(code)
    due = {expired.key for expired in list_due(kept=kept, at=at)}
    if not keys or not set(keys) <= due:
        raise ListChanged
    return _erase(kept, keys, by=by, at=at)


def run_retention(*, at: datetime) -> int:
    """What happens by itself every day: count what is due, erase the kinds that are automatic. Returns how many."""
    system, erased = User.objects.system(), 0
    for kept in list_kept():
        with transaction.atomic():
            due = list_due(kept=kept, at=at)
            if kept.automatic and due:
                erased += _erase(kept, [expired.key for expired in due], by=system, at=at)
                due = list_due(kept=kept, at=at)
            _count(kept, len(due), by=system, at=at)
    return erased


def _erase(kept: Kept, keys: list[int], *, by: User, at: datetime) -> int:
    erased = kept.retention.erase(keys, by, at)
    rule = _count(kept, len(list_due(kept=kept, at=at)), by=by, at=at)
    record(
        verb="erase_expired", target=rule, by=by, at=at, after={"kind": kept.code, "erased": erased, "days": kept.days}
    )
    return erased


def _count(kept: Kept, due: int, *, by: User, at: datetime) -> RetentionRule:
    """Keep the count. A row made for a count alone is signed by the system: the town has confirmed nothing."""
    rule, _created = RetentionRule.objects.get_or_create(
        code=kept.code,
        defaults={
            "days": kept.days,
            "automatic": kept.automatic,
            "changed_at": at,
            "changed_by": User.objects.system(),
        },
    )
    rule.due, rule.counted_at = due, at
    rule.save(update_fields=["due", "counted_at"])
    return rule


def _before(kept: Kept, at: datetime) -> date:
    return paris_date(at) - timedelta(days=kept.days)


def _kept(retention: Retention, rule: RetentionRule | None) -> Kept:
    if rule is None:
        return Kept(retention, retention.days, retention.automatic, is_confirmed=False, due=0, counted_at=None)
    return Kept(
        retention,
        rule.days,
        rule.automatic,
        is_confirmed=rule.changed_by.username != "systeme",
        due=rule.due,
        counted_at=rule.counted_at,
    )

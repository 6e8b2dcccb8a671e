"""What the screen shows: the state of each check, its findings, how many are new."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from portal.domain.kernel.clock import paris_date, start_of_day
from portal.domain.reconciliation.models import Finding, Run
from portal.domain.reconciliation.registry import MOST, Check, checks

#: The last one first.
_LAST = ("-at", "-pk")


@dataclass(frozen=True, slots=True)
class State:
    """A check as the last run left it. `new` were first seen that day, `old` before; `beyond` are counted, not listed.

    `failed`: the check itself could not be done. `known` is false for a check that no run has done yet.
    """

    check: Check
    new: int = 0
    old: int = 0
    aside: int = 0
    beyond: int = 0
    failed: bool = False
    known: bool = True

    @property
    def open(self) -> int:
        return self.new + self.old

    @property
    def is_well(self) -> bool:
        return self.known and not self.failed and not self.open and not self.beyond


def last_run() -> Run | None:
    """The last run, whatever started it."""
    return Run.objects.select_related("by").order_by(*_LAST).first()


def states(run: Run | None) -> list[State]:
    """Every check, in order; one query."""
    condition = Q(first_seen_at__gte=new_from(run)) if run is not None else Q()
    waits = Q(set_aside_at=None)
    rows = Finding.objects.live().order_by().values_list("check_code")
    counts = {
        code: figures
        for code, *figures in rows.annotate(
            new=Count("pk", filter=waits & condition),
            old=Count("pk", filter=waits & ~condition),
            aside=Count("pk", filter=~waits),
        )
    }
    return [_state(check, counts.get(check.code, [0, 0, 0]), run) for check in checks()]


def _state(check: Check, figures: list[int], run: Run | None) -> State:
    result = run.results.get(check.code) if run is not None else None
    new, old, aside = figures
    told = (result or {}).get("found", 0)
    return State(
        check,
        new=new,
        old=old,
        aside=aside,
        # What was repaired or set aside since is not beyond: only what the run did not write down.
        beyond=max(told - MOST, 0),
        failed=bool((result or {}).get("failed")),
        known=result is not None,
    )


def new_from(run: Run) -> datetime:
    """From when on a finding is new: the day of the last run, so that a run of the morning leaves those of the night
    as new as they were.
    """
    return start_of_day(paris_date(run.at))


def count_new() -> int:
    """How many findings are new and wait for somebody; two queries."""
    run = Run.objects.order_by(*_LAST).only("at").first()
    if run is None:
        return 0
    codes = [check.code for check in checks()]
    return Finding.objects.to_treat().filter(first_seen_at__gte=new_from(run), check_code__in=codes).count()


def findings_of(code: str, *, aside: bool = False) -> "QuerySet[Finding]":
    """What is found by one check, the first days first: to treat, or set aside."""
    rows = Finding.objects.live().filter(check_code=code, set_aside_at__isnull=not aside)
    return rows.select_related("family", "child", "unit__activity", "set_aside_by").order_by("day", "pk")


def finding_of(key: int) -> Finding | None:
    """One finding that is still there."""
    rows = Finding.objects.live().select_related("family", "child", "unit__activity", "set_aside_by")
    return rows.filter(pk=key).first()


def all_findings() -> Iterator[tuple[Check, Finding]]:
    """Every finding of every check, in the order of the screen, those set aside too; one query."""
    known = {check.code: check for check in checks()}
    rows = Finding.objects.live().filter(check_code__in=known)
    found: dict[str, list[Finding]] = {}
    for row in rows.select_related("family", "child", "unit__activity", "set_aside_by").order_by("day", "pk"):
        found.setdefault(row.check_code, []).append(row)
    for code, check in known.items():
        for row in found.get(code, ()):
            yield check, row


def count_blocking() -> int:
    """How many findings touch what will be charged and wait for somebody."""
    codes = [check.code for check in checks() if check.is_blocking]
    return Finding.objects.to_treat().filter(check_code__in=codes).count()

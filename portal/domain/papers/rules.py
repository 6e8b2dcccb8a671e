"""Whom a paper is asked of, and until when it holds. Pure: no database, no clock.

Sources: guide 002 (three branches of the yearly update), guide 003 (papers of each year), rule 43.
"""

import calendar
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class PaperRule:
    """The criteria of a type. An empty one asks nothing; all those given must be met by the same child."""

    code: str
    per_child: bool
    activities: frozenset[str] = frozenset()
    levels: frozenset[str] = frozenset()
    branches: frozenset[str] = frozenset()
    min_age: int | None = None
    max_age: int | None = None


@dataclass(frozen=True, slots=True)
class ChildFacts:
    """What the rules know of a child on the day of the question: age in years, level ("" unknown), activity codes."""

    key: int
    age: int
    level: str = ""
    activities: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class AskedPaper:
    """A type asked of a child, or of the family when `child` is None."""

    code: str
    child: int | None = None


def asked_of(rules: Iterable[PaperRule], children: Sequence[ChildFacts], *, branch: str = "") -> list[AskedPaper]:
    """What is asked of this family, in the order of the rules then of the children.

    A family's paper with criteria on children is asked as soon as one child meets them all; without any, always.
    A type with branches is asked only while the yearly update is in one of them.
    """
    asked: list[AskedPaper] = []
    for rule in rules:
        if rule.branches and branch not in rule.branches:
            continue
        concerned = [child.key for child in children if concerns(rule, child)]
        if rule.per_child:
            asked += [AskedPaper(rule.code, key) for key in concerned]
        elif concerned or not _about_children(rule):
            asked.append(AskedPaper(rule.code))
    return asked


def concerns(rule: PaperRule, child: ChildFacts) -> bool:
    """Whether this child meets every criterion of the rule."""
    return (
        (not rule.activities or bool(rule.activities & child.activities))
        and (not rule.levels or child.level in rule.levels)
        and (rule.min_age is None or child.age >= rule.min_age)
        and (rule.max_age is None or child.age <= rule.max_age)
    )


def _about_children(rule: PaperRule) -> bool:
    return bool(rule.activities or rule.levels) or rule.min_age is not None or rule.max_age is not None


def end_of_months(accepted_on: date, months: int) -> date:
    """The last day of `months` months from a day: from 31 January one month, 28 or 29 February."""
    total = accepted_on.month - 1 + months
    year, month = accepted_on.year + total // 12, total % 12 + 1
    return date(year, month, min(accepted_on.day, calendar.monthrange(year, month)[1]))


def end_of_year_day(accepted_on: date, month: int, day: int) -> date:
    """The next such day of the year, that day included; in February, the last one at most."""
    for year in (accepted_on.year, accepted_on.year + 1):
        found = date(year, month, min(day, calendar.monthrange(year, month)[1]))
        if found >= accepted_on:
            return found
    raise AssertionError("a year has every day")


def reminder_due(*, last: date, today: date, delays: Iterable[int], told: Iterable[int]) -> int | None:
    """The delay to tell today, in days before the end, or None: the nearest one reached that was not told yet.

    Once a nearer delay is told, the farther ones say nothing any more.
    """
    left = (last - today).days
    already = min(told, default=None)
    reached = [delay for delay in delays if 0 <= left <= delay and (already is None or delay < already)]
    return min(reached, default=None)

"""How the rows of each package follow when a duplicate is merged, said by those who own them.

A package registers once, from its `AppConfig.ready`, one `Following` for each column that points to a family, a child
or an adult; a test enumerates the columns and refuses a silence. What hinders an archiving is said in the same way.
`portal.domain.merging` knows nothing else about the packages above it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.apps import apps
from django.db.models import QuerySet

from portal.domain.accounts.models import User
from portal.domain.kernel.french import plural


class Subject(StrEnum):
    """What may be recorded twice; the value names the column that points to it in most tables."""

    FAMILY = "family"
    CHILD = "child"
    ADULT = "adult"


class Fate(StrEnum):
    """What becomes of something of the duplicate. THERE: the kept record has its own, which wins. STAYS: it remains
    with the archived record. BLOCKS: to be settled before. LOOK: nothing happens, an agent should know.
    """

    MOVES = "moves"
    THERE = "there"
    STAYS = "stays"
    BLOCKS = "blocks"
    LOOK = "look"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of what a merge would do, in French: what, its fate, and why or with what effect."""

    what: str
    fate: Fate
    why: str = ""


@dataclass(frozen=True, slots=True)
class Following:
    """How one kind of rows follows.

    `relations` are the columns it answers for (“papers.Paper.family”). `plan(kept, duplicate, at)` says, without
    writing, what `follow(kept, duplicate, by, at)` does; both take keys. Unless `may_stay`, no row points to the
    duplicate afterwards: the merge checks it. Executed by `order`: what depends on a row comes after it.
    """

    code: str
    subject: Subject
    relations: tuple[str, ...]
    plan: Callable[[int, int, datetime], list[Line]]
    follow: Callable[[int, int, User, datetime], None]
    may_stay: bool = False
    order: int = 100


@dataclass(frozen=True, slots=True)
class Concerned:
    """The records that a merge or an archiving locks, in this order, each list by key."""

    families: tuple[int, ...]
    children: tuple[int, ...] = ()
    adults: tuple[int, ...] = ()


FirstLock = Callable[[Concerned], None]
#: Why a family is not put away today, in French sentences; none when nothing hinders it.
Obstacle = Callable[[int, datetime], Iterable[str]]
Select = Callable[[int, int], QuerySet[Any]]

_followings: dict[str, Following] = {}
_first_locks: list[FirstLock] = []
_obstacles: dict[str, tuple[int, Obstacle]] = {}
_closings: list[Callable[[int, User, datetime], None]] = []


def register_following(following: Following) -> None:
    """Say how a kind of rows follows; the same code again replaces it."""
    _followings[following.code] = following


def followings(subject: Subject) -> tuple[Following, ...]:
    """Every kind of rows that follows such a record, in order."""
    found = [each for each in _followings.values() if each.subject is subject]
    return tuple(sorted(found, key=lambda each: (each.order, each.code)))


def register_first_lock(lock: FirstLock) -> None:
    """Say what is locked before the families themselves (the drafts: docs/locking.md); once."""
    if lock not in _first_locks:
        _first_locks.append(lock)


def first_locks() -> tuple[FirstLock, ...]:
    return tuple(_first_locks)


def register_obstacle(code: str, obstacle: Obstacle, *, order: int = 100) -> None:
    """Say what hinders the archiving of a family; the same code again replaces it."""
    _obstacles[code] = (order, obstacle)


def obstacles() -> tuple[Obstacle, ...]:
    """Every reason that may hinder an archiving, in order."""
    return tuple(obstacle for _order, obstacle in sorted(_obstacles.values(), key=lambda item: item[0]))


def register_archived(close: Callable[[int, User, datetime], None]) -> None:
    """Say what else happens when a family is archived, in the same transaction; once."""
    if close not in _closings:
        _closings.append(close)


def archived() -> tuple[Callable[[int, User, datetime], None], ...]:
    return tuple(_closings)


def register_rows(
    relation: str,
    subject: Subject,
    names: tuple[str, str],
    *,
    blocked: Select | None = None,
    why_blocked: str = "",
    stays: Select | None = None,
    why_stays: str = "",
    order: int = 100,
) -> None:
    """The ordinary case: the rows of `relation` point to the kept record from now on.

    `names` are the singular and the plural. `blocked` are rows that must be answered first, `stays` rows that remain
    with the archived record; both are given the keys of the kept record and of the duplicate.
    """
    label, _dot, column = relation.rpartition(".")

    def rows(duplicate: int) -> QuerySet[Any]:
        found: QuerySet[Any] = apps.get_model(label)._base_manager.filter(**{column: duplicate})
        return found

    def staying(kept: int, duplicate: int) -> Sequence[int]:
        return list(stays(kept, duplicate).values_list("pk", flat=True)) if stays else []

    def plan(kept: int, duplicate: int, _at: datetime) -> list[Line]:
        left = staying(kept, duplicate)
        held = blocked(kept, duplicate).count() if blocked else 0
        moving = rows(duplicate).exclude(pk__in=left).count() - held
        return [
            *([Line(plural(moving, *names), Fate.MOVES)] if moving > 0 else []),
            *([Line(plural(len(left), *names), Fate.STAYS, why_stays)] if left else []),
            *([Line(plural(held, *names), Fate.BLOCKS, why_blocked)] if held else []),
        ]

    def follow(kept: int, duplicate: int, _by: User, _at: datetime) -> None:
        rows(duplicate).exclude(pk__in=staying(kept, duplicate)).update(**{column: kept})

    register_following(
        Following(
            code=relation,
            subject=subject,
            relations=(relation,),
            plan=plan,
            follow=follow,
            may_stay=stays is not None,
            order=order,
        )
    )

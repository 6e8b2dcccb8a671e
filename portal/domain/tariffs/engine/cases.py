"""The kinds of families that a grid tells apart: one situation for each part and column, to draw and to list."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import combinations
from typing import Any

from portal.domain.tariffs.engine.conditions import ALWAYS, AgeOn, Bounds, When
from portal.domain.tariffs.engine.grids import Grid, Part
from portal.domain.tariffs.engine.methods import Asked, Reference, column_of
from portal.domain.tariffs.engine.situations import (
    Attendance,
    Counted,
    Quotient,
    Regime,
    Residence,
    Siblings,
    Situation,
)

#: More lines than that are not told apart on a drawing.
MOST = 8
EVERYBODY = "Tout le monde"


@dataclass(frozen=True, slots=True)
class Case:
    """One kind of family, in the words of the grid, and a situation of that kind."""

    label: str
    situation: Situation


def cases(grid: Grid, day: date) -> tuple[Case, ...]:
    """One case for each part and column that somebody may fall in, in their order; the first `MOST` of them."""
    found: dict[str, Case] = {}
    for part in grid.parts:
        columns = getattr(part.method, "columns", ())
        for index, column in enumerate(columns or (None,)):
            when = column.when if column is not None else ALWAYS
            wanted = _such_that(_such_that(Situation(), part.when, day), when, day)
            situation = next((each for each in _around(wanted, day) if _falls_in(grid, part, index, each, day)), None)
            if situation is None:
                continue
            label = ", ".join(each for each in (part.label, column.label if column is not None else "") if each)
            label = label or (EVERYBODY if len(grid.parts) == 1 else "Les autres")
            found.setdefault(label, Case(label, situation))
    return tuple(found.values())[:MOST]


def axis(grid: Grid) -> Reference:
    """What the price of this grid is drawn over: the resources when it reads only these, else the quotient."""
    read = {part.method.reference for part in grid.parts}
    return Reference.INCOME if Reference.INCOME in read and Reference.QUOTIENT not in read else Reference.QUOTIENT


def _around(situation: Situation, day: date) -> Iterator[Situation]:
    """The situation, then those that differ by one fact, then by two: « les autres » are those whom no condition
    that comes before names.
    """
    yield situation
    for one in _VARIATIONS:
        yield one(situation, day)
    for one, other in combinations(_VARIATIONS, 2):
        yield other(one(situation, day), day)


def _falls_in(grid: Grid, part: Part, index: int, situation: Situation, day: date) -> bool:
    """Whether that situation is priced by this very part and column."""
    quotient = part.when.quotients.low if part.when.quotients is not None else Decimal(0)
    situation = replace(situation, quotient=Quotient.of(quotient))
    if next((each for each in grid.parts if each.when.holds(situation, day, quotient)), None) is not part:
        return False
    columns = getattr(part.method, "columns", ())
    return not columns or column_of(columns, Asked(None, situation, day, quotient))[0] == index


def _such_that(situation: Situation, when: When, day: date) -> Situation:
    """The situation changed as little as possible so that the condition holds, its quotient apart."""
    changed = situation
    if when.residences:
        changed = replace(changed, residence=max(when.residences))
    if when.regimes:
        changed = replace(changed, regime=min(when.regimes))
    if when.ages is not None:
        changed = replace(changed, birth_date=_born(when, day))
    if when.schools:
        changed = replace(changed, school=min(when.schools))
    if when.levels:
        changed = replace(changed, level=min(when.levels))
    if when.members and when.members.isdisjoint(changed.memberships):
        changed = replace(changed, memberships=changed.memberships | {min(when.members)})
    if when.ranks is not None or when.children is not None:
        changed = _among(changed, when)
    if when.regular is not None:
        changed = replace(changed, regular=when.regular)
    if when.own_meal is not None:
        changed = replace(changed, own_meal=when.own_meal)
    if when.late is not None:
        changed = replace(changed, late=when.late)
    if when.attendances:
        changed = replace(changed, attendance=min(when.attendances))
    return changed


def _varied(change: Callable[[Situation, date], dict[str, Any]]) -> Callable[[Situation, date], Situation]:
    return lambda situation, day: replace(situation, **change(situation, day))


def _of_rank(name: str, rank: int) -> Callable[[Situation, date], dict[str, Any]]:
    return lambda situation, _day: {name: Siblings(rank, max(rank, getattr(situation, name).of))}


def _fact(name: str, value: Any) -> Callable[[Situation, date], dict[str, Any]]:
    return lambda _situation, _day: {name: value}


def _aged(age: int) -> Callable[[Situation, date], dict[str, Any]]:
    return lambda _situation, day: {"birth_date": date(day.year - age, 1, 1)}


_VARIATIONS = [
    _varied(change)
    for change in (
        *(_of_rank(name, rank) for name in ("enrolled", "household", "present") for rank in range(1, 7)),
        *(_fact("residence", each) for each in Residence),
        *(_fact("regime", each) for each in Regime),
        *(_fact(name, answer) for name in ("regular", "own_meal", "late") for answer in (True, False)),
        *(_fact("attendance", each) for each in Attendance),
        *(_aged(age) for age in (3, 6, 11, 15, 0)),
    )
]


def _born(when: When, day: date) -> date:
    ages = when.ages or Bounds()
    # On 1 January of a year the age is the same on the day of service and on 31 December.
    year = day.year if when.age_on is not AgeOn.SEPTEMBER or day.month >= 9 else day.year - 1
    return date(year - ages.low, 1, 1)


def _among(situation: Situation, when: When) -> Situation:
    ranks, children = when.ranks or Bounds(1), when.children or Bounds(1)
    rank = max(ranks.low, 1)
    siblings = Siblings(rank, max(children.low, rank))
    if when.counted is Counted.HOUSEHOLD:
        return replace(situation, household=siblings)
    if when.counted is Counted.ENROLLED:
        return replace(situation, enrolled=siblings)
    return replace(situation, present=siblings)

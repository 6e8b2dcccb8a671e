"""What units are to each other, for one child on one day: pure, over keys of units.

- *Solidary*: booked and cancelled together. It spreads: A with B and B with C make one group of three.
- *Exclusive*: at most one of the two.
- *Dependent*: a unit needs another one. Several needs are alternatives: the evening needs the afternoon, with or
  without meal. To need two things at once, let the second one need the first.
- *Overlapping*: the hours cross. Unknown hours never do, nor do those of units that one of the other relations already
  settles.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import time
from enum import Enum
from typing import NamedTuple

from portal.domain.activities.enums import RelationKind


class Fault(Enum):
    """Why relations contradict each other."""

    RING = "ring"
    """Units that need each other in a ring; one of a group stands for its group."""
    TORN = "torn"
    """Two units booked together that exclude each other."""
    NEVER = "never"
    """A unit whose every need excludes it: nobody could ever book it. Then what it needs, if anything."""


class Edge(NamedTuple):
    """One relation; for a dependency, `unit` needs `other`."""

    kind: str
    unit: int
    other: int


@dataclass(frozen=True, slots=True)
class Hours:
    """When a unit takes place, ISO weekdays; `free` when the town lets it overlap."""

    starts_at: time | None
    ends_at: time | None
    weekdays: frozenset[int]
    free: bool = False

    def cross(self, other: "Hours") -> bool:
        """Whether both last at the same instant: half-open, 13 h 30 may follow 13 h 30."""
        if self.free or other.free or not self.weekdays & other.weekdays:
            return False
        if self.starts_at is None or self.ends_at is None or other.starts_at is None or other.ends_at is None:
            return False
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


_NOBODY: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Relations:
    """The relations of some units, looked up by unit."""

    solidary: Mapping[int, frozenset[int]] = field(default_factory=dict)
    exclusive: Mapping[int, frozenset[int]] = field(default_factory=dict)
    needs: Mapping[int, frozenset[int]] = field(default_factory=dict)
    needed_by: Mapping[int, frozenset[int]] = field(default_factory=dict)
    overlapping: Mapping[int, frozenset[int]] = field(default_factory=dict)

    @classmethod
    def of(cls, edges: Iterable[Edge], hours: Mapping[int, Hours] | None = None) -> "Relations":
        """Index these relations; with `hours`, the units whose hours cross too."""
        found: dict[str, dict[int, set[int]]] = {kind: {} for kind in (*RelationKind.values, "needed_by")}

        def note(kind: str, unit: int, other: int) -> None:
            found[kind].setdefault(unit, set()).add(other)

        for kind, unit, other in edges:
            note(kind, unit, other)
            note("needed_by" if kind == RelationKind.DEPENDENT else kind, other, unit)
        groups = {
            unit: frozenset(_spread(unit, found[RelationKind.SOLIDARY])) for unit in found[RelationKind.SOLIDARY]
        }
        relations = cls(
            solidary=groups,
            exclusive=_frozen(found[RelationKind.EXCLUSIVE]),
            needs=_frozen(found[RelationKind.DEPENDENT]),
            needed_by=_frozen(found["needed_by"]),
        )
        crossing = relations._crossing(hours or {})
        return replace(relations, overlapping=crossing) if crossing else relations

    def __bool__(self) -> bool:
        return bool(self.solidary or self.exclusive or self.needs or self.overlapping)

    def group(self, unit: int) -> frozenset[int]:
        """The units booked together with this one, itself included."""
        return self.solidary.get(unit) or frozenset({unit})

    def excluded_by(self, unit: int) -> frozenset[int]:
        """The units that cannot be booked with this one."""
        return self.exclusive.get(unit, _NOBODY)

    def needs_of(self, unit: int) -> frozenset[int]:
        """The units one of which it needs; nothing when it stands alone."""
        return self.needs.get(unit, _NOBODY)

    def dependents_of(self, unit: int) -> frozenset[int]:
        """The units that may need this one."""
        return self.needed_by.get(unit, _NOBODY)

    def crossed_by(self, unit: int) -> frozenset[int]:
        """The units whose hours cross its own."""
        return self.overlapping.get(unit, _NOBODY)

    def concerns(self, unit: int) -> bool:
        """Whether anything at all ties this unit to another."""
        return (
            unit in self.solidary
            or unit in self.exclusive
            or unit in self.needs
            or unit in self.needed_by
            or unit in self.overlapping
        )

    def reached_from(self, unit: int) -> set[int]:
        """Every unit whose booking a change of this one may move, near or far, itself included."""
        seen, waiting = {unit}, [unit]
        while waiting:
            here = waiting.pop()
            near = self.group(here) | self.excluded_by(here) | self.needs_of(here) | self.dependents_of(here)
            waiting += near - seen
            seen |= near
        return seen

    def _crossing(self, hours: Mapping[int, Hours]) -> dict[int, frozenset[int]]:
        found: dict[int, set[int]] = {}
        units = sorted(hours)
        for rank, unit in enumerate(units):
            for other in units[rank + 1 :]:
                if hours[unit].cross(hours[other]) and not self._settled(unit, other):
                    found.setdefault(unit, set()).add(other)
                    found.setdefault(other, set()).add(unit)
        return _frozen(found)

    def _settled(self, unit: int, other: int) -> bool:
        """Whether the town said itself what becomes of the pair: together, never, or one within the other."""
        mine, theirs = self.group(unit), self.group(other)
        return (
            other in mine
            or other in self.excluded_by(unit)
            or any(self.needs_of(each) & theirs for each in mine)
            or any(self.needs_of(each) & mine for each in theirs)
        )


def faults(edges: Iterable[Edge]) -> Iterator[tuple[Fault, tuple[int, ...]]]:
    """What keeps these relations from being honoured together, with the units concerned."""
    edges = list(edges)
    relations = Relations.of(edges)
    units = sorted({unit for edge in edges for unit in (edge.unit, edge.other)})
    if ring := _ring(units, relations):
        yield Fault.RING, ring
        return
    broken: set[int] = set()
    for unit in units:
        torn = sorted(relations.group(unit) & relations.excluded_by(unit))
        if torn and unit not in broken:
            broken |= relations.group(unit)
            yield Fault.TORN, (unit, torn[0])
    for unit in units:
        if unit not in broken and not _bookable(relations, relations.group(unit)):
            yield Fault.NEVER, (unit, *sorted(relations.needs_of(unit)))


def _bookable(relations: Relations, chosen: frozenset[int]) -> bool:
    """Whether some choice of what these units need lets them all be booked. The needs hold no ring."""
    if any(relations.excluded_by(unit) & chosen for unit in chosen):
        return False
    for unit in sorted(chosen):
        needs = relations.needs_of(unit)
        if needs and not needs & chosen:
            return any(_bookable(relations, chosen | relations.group(need)) for need in needs)
    return True


def _ring(units: list[int], relations: Relations) -> tuple[int, ...]:
    """The first ring of needs, through groups; empty when there is none."""
    done: set[int] = set()
    for start in units:
        path: list[int] = []
        on_path: set[int] = set()
        stack: list[tuple[int, bool]] = [(start, False)]
        while stack:
            unit, leaving = stack.pop()
            head = min(relations.group(unit))
            if leaving:
                on_path.discard(head)
                path.pop()
                done.add(head)
                continue
            if head in on_path:
                return (*path[path.index(head) :],)
            if head in done:
                continue
            on_path.add(head)
            path.append(head)
            stack.append((unit, True))
            stack += [(need, False) for member in relations.group(unit) for need in sorted(relations.needs_of(member))]
    return ()


def _spread(unit: int, pairs: Mapping[int, Iterable[int]]) -> set[int]:
    seen, waiting = {unit}, [unit]
    while waiting:
        for other in pairs.get(waiting.pop(), ()):
            if other not in seen:
                seen.add(other)
                waiting.append(other)
    return seen


def _frozen(sets: Mapping[int, set[int]]) -> dict[int, frozenset[int]]:
    return {unit: frozenset(others) for unit, others in sets.items()}

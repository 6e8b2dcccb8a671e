"""What a dossier must hold, said by the packages that know: health sheets, supporting documents, authorisations…

A package registers once, from its `AppConfig.ready`. `portal.domain.dossier` adds the answers up: what is missing, and
what that holds back (guide 000: an incomplete dossier informs, holds the enrolment request, or blocks booking).
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

from django.db.models import QuerySet, Value

from portal.domain.families.models import Child, Family, FamilyMember, Schooling
from portal.domain.families.queries import load_members, load_schoolings
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.school_year import SchoolYear


class Effect(StrEnum):
    """What a missing thing does: nothing but a line; enrolment requests wait; booking is refused."""

    INFORMS = "informs"
    HOLDS = "holds"
    BLOCKS = "blocks"


class Standing(StrEnum):
    """Where a requirement is. `SENT`: the family did its part, the service has not answered yet."""

    MISSING = "missing"
    REFUSED = "refused"
    EXPIRED = "expired"
    SENT = "sent"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing asked of a family, or of one of its children, in finished French and without health data.

    `label` names it with its child (“Fiche sanitaire de Noé”), `note` says what to do or why it was refused.
    `url_name` and `params` are resolved by doors.
    """

    code: str
    label: str
    standing: Standing
    effect: Effect = Effect.INFORMS
    child_id: int | None = None
    note: str = ""
    url_name: str = ""
    params: Mapping[str, str | int] = field(default_factory=dict, hash=False)

    @property
    def waits_for_family(self) -> bool:
        return self.standing in {Standing.MISSING, Standing.REFUSED, Standing.EXPIRED}


@dataclass(frozen=True)
class Asked:
    """Of whom: the children of the family that the question is about, and the activities of each, by key.

    `at` is the instant of the question: the school year and every validity follow from it. What several sources need
    is read once, when the first of them asks.
    """

    family: Family
    children: Sequence[Child]
    activities: Mapping[int, frozenset[int]]
    at: datetime

    @cached_property
    def members(self) -> Sequence[FamilyMember]:
        """The adults of the dossier with their place in it, the first entered first."""
        return load_members(family=self.family)

    @cached_property
    def schoolings(self) -> Mapping[int, Schooling]:
        """The schooling of each child for the school year of `at`, by key."""
        year = SchoolYear.of(paris_date(self.at)).start
        return load_schoolings(children=[child.pk for child in self.children], school_year=year)


#: In a constant number of queries, whatever the number of children.
RequirementSource = Callable[[Asked], Iterable[Requirement]]


#: Whether a lack of a source may refuse a booking in this town: known, or so many rows of which one is enough.
MayBlock = Callable[[], bool | QuerySet[Any]]


@dataclass(frozen=True, slots=True)
class _Source:
    ask: RequirementSource
    order: int
    may_block: MayBlock | None


_sources: dict[str, _Source] = {}


def register_requirements(
    code: str, source: RequirementSource, *, order: int = 100, may_block: MayBlock | None = None
) -> None:
    """Add a source; the same code again replaces it.

    A source that decides by itself what its lacks do gives `may_block`: whether any of them may refuse a booking, so
    that a planning asks it only then. As rows rather than as an answer: those of all the sources are read in one query
    (`read_blocking`). The effects of any other are the town's (`portal.domain.dossier`).
    """
    _sources[code] = _Source(source, order, may_block)


def registered_sources() -> tuple[str, ...]:
    """The codes, in the order of the sources."""
    return tuple(sorted(_sources, key=lambda code: (_sources[code].order, code)))


def decides_itself(code: str) -> bool:
    """Whether this source says itself what its lacks do."""
    return _sources[code].may_block is not None


def read_blocking(decided: QuerySet[Any]) -> tuple[dict[str, Effect], frozenset[str]]:
    """What the town decided of the sources that leave it to the town, and all the sources that may refuse a booking.

    One query. `decided` holds the decisions of the town, with their `source` and `effect`.
    """
    rows = decided.order_by().annotate(own=Value(False)).values_list("source", "effect", "own")
    blocking = set()
    parts = []
    for code, source in _sources.items():
        found = source.may_block() if source.may_block is not None else False
        if isinstance(found, bool):
            blocking |= {code} if found else set()
            continue
        parts.append(
            found.order_by()
            .annotate(_code=Value(code), _effect=Value(Effect.BLOCKS.value), _own=Value(True))
            .values_list("_code", "_effect", "_own")[:1]
        )
    effects = {}
    for code, effect, own in rows.union(*parts, all=True) if parts else rows:
        if own:
            blocking.add(code)
        else:
            effects[code] = Effect(effect)
    blocking |= {
        code for code, source in _sources.items() if source.may_block is None and effects.get(code) is Effect.BLOCKS
    }
    return effects, frozenset(blocking)


def requirements_of(
    asked: Asked, *, effects: Mapping[str, Effect], only: Collection[str] | None = None
) -> list[Requirement]:
    """What every source asks, met or not, in the order of the sources; only some of them when `only` names them.

    `effects`: what the town decided of the sources that leave it to the town; the others inform only.
    """
    found: list[Requirement] = []
    for code in registered_sources():
        if only is not None and code not in only:
            continue
        asks = _sources[code].ask(asked)
        if decides_itself(code):
            found += asks
        else:
            effect = effects.get(code, Effect.INFORMS)
            found += [replace(requirement, effect=effect) for requirement in asks]
    return found

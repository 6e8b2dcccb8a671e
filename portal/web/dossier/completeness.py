"""How complete a dossier is, as its page shows it: the requirements of every domain, added up."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import NoReverseMatch, reverse

from portal.domain.accounts.models import User
from portal.domain.dossier.queries import completeness_of as whole_of
from portal.domain.enrolments.models import Enrolment
from portal.domain.families.access import Right, children_with
from portal.domain.families.models import Child, Family
from portal.domain.families.requirements import Effect, Requirement, Standing


@dataclass(frozen=True, slots=True)
class Missing:
    """A thing that the family must still do, and where."""

    label: str
    note: str
    url: str
    child_id: int | None
    refused: bool


@dataclass(frozen=True, slots=True)
class Completeness:
    """`done` of `asked` things; `missing` in order; whether that holds requests or blocks bookings."""

    asked: int
    done: int
    missing: tuple[Missing, ...]
    holds: bool
    blocks: bool

    def of_child(self, child: int) -> tuple[Missing, ...]:
        return tuple(each for each in self.missing if each.child_id == child)


def completeness_of(*, family: Family, user: User, at: datetime) -> Completeness:
    """What every domain asks of this dossier, for the children that this person may see. Constant queries."""
    children = list(children_with(user=user, family=family, right=Right.SEE))
    whole = whole_of(family=family, children=children, activities=_activities(children), at=at)
    return _add_up(whole.requirements)


def _activities(children: Sequence[Child]) -> Mapping[int, frozenset[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for child, activity in Enrolment.objects.live().filter(child__in=children).values_list("child", "activity"):
        found[child].add(activity)
    return {child.pk: frozenset(found[child.pk]) for child in children}


def _add_up(requirements: Sequence[Requirement]) -> Completeness:
    waiting = [each for each in requirements if each.waits_for_family]
    return Completeness(
        asked=len(requirements),
        done=len(requirements) - len(waiting),
        missing=tuple(
            Missing(
                label=each.label,
                note=each.note,
                url=_url(each),
                child_id=each.child_id,
                refused=each.standing == Standing.REFUSED,
            )
            for each in waiting
        ),
        holds=any(each.effect == Effect.HOLDS for each in waiting),
        blocks=any(each.effect == Effect.BLOCKS for each in waiting),
    )


def _url(requirement: Requirement) -> str:
    try:
        return reverse(requirement.url_name, kwargs=dict(requirement.params)) if requirement.url_name else ""
    except NoReverseMatch:
        return ""

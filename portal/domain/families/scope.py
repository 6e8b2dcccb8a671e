"""Which families and children an agent works with: those of the whole town, or those of the agent's places.

This layer only asks. What limits an agent, and what ties a child to a place, is known above: `register_scope` says it,
once, at start-up. Everything narrows by the three conditions below, each one EXISTS, without a list of keys. An agent
who is not limited adds nothing to a query.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.apps import apps
from django.db.models import Exists, OuterRef, Q, QuerySet

from portal.domain.accounts.models import User


@dataclass(frozen=True, slots=True)
class Scope:
    """What the layers above know.

    `is_limited(agent)`: whether the agent works for some places only; asked many times a page. `enrolled(agent, on)`:
    rows with a `child` that belongs to these places on that day.
    """

    is_limited: Callable[[User], bool]
    enrolled: Callable[[User, date], QuerySet[Any]]


class NoScopeError(LookupError):
    """A mistake of ours: nobody said what limits agents. Showing the whole town instead would be worse."""


_scope: list[Scope] = []


def register_scope(scope: Scope) -> None:
    """Say what limits agents. The last one counts."""
    _scope[:] = [scope]


def is_limited(agent: User) -> bool:
    """Whether this agent sees a part of the town only. Raises NoScopeError."""
    return _registered().is_limited(agent)


def of_children(agent: User, path: str, *, on: date) -> Q:
    """The condition under which the child at `path` is one of the agent's places: the child's own enrolment counts,
    not that of a brother or a sister.
    """
    return Q(Exists(_enrolled(agent, OuterRef(path), on))) if is_limited(agent) else Q()


def of_families(agent: User, path: str, *, on: date) -> Q:
    """The condition under which the family at `path` (a row or its key) has a child of the agent's places.

    Both households of such a child do, whichever of them enrolled it: who stands at the gate needs both.
    """
    return Q(Exists(_links(agent, on).filter(family=OuterRef(path)))) if is_limited(agent) else Q()


def of_adults(agent: User, path: str, *, on: date) -> Q:
    """The condition under which the adult at `path` belongs to such a family."""
    if not is_limited(agent):
        return Q()
    members = apps.get_model("families", "FamilyMember")._default_manager.filter(adult=OuterRef(path))
    return Q(Exists(members.filter(Exists(_links(agent, on).filter(family=OuterRef("family"))))))


def _links(agent: User, on: date) -> QuerySet[Any]:
    links = apps.get_model("families", "ChildLink")._default_manager
    return links.filter(Exists(_enrolled(agent, OuterRef("child"), on)))


def _enrolled(agent: User, child: OuterRef, on: date) -> QuerySet[Any]:
    return _registered().enrolled(agent, on).filter(child=child)


def _registered() -> Scope:
    if not _scope:
        raise NoScopeError
    return _scope[0]

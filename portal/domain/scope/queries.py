"""Reading limits. What an agent is limited to is read once for each request, and kept on the account's object."""

from datetime import date

from django.db.models import Prefetch, QuerySet

from portal.domain.accounts.models import User
from portal.domain.enrolments.models import Enrolment
from portal.domain.scope.models import AgentLimit
from portal.domain.scope.rules import first_end_that_counts

_KEPT = "_places_of_agent"


def structures_of(agent: User) -> frozenset[int]:
    """The keys of the places to which this agent is limited; empty for whoever sees the whole town.

    A superuser is never limited: whoever may give rights would give them back to themselves.
    """
    kept: frozenset[int] | None = agent.__dict__.get(_KEPT)
    if kept is None:
        kept = (
            frozenset() if agent.is_superuser else frozenset(_limits_of(agent).values_list("structure_id", flat=True))
        )
        agent.__dict__[_KEPT] = kept
    return kept


def forget(agent: User) -> None:
    """Read the limits of this object again the next time."""
    agent.__dict__.pop(_KEPT, None)


def is_limited(agent: User) -> bool:
    """Whether this agent works for some places only; one query for each object, none for a superuser or a parent."""
    return agent.is_staff and bool(structures_of(agent))


def enrolled(agent: User, on: date) -> QuerySet[Enrolment]:
    """The enrolments that tie a child to the agent's places on that day: awaiting or accepted, and ended no
    earlier than during the school year before this one.
    """
    return Enrolment.objects.live().filter(
        activity__structure__in=sorted(structures_of(agent)), ends_on__gte=first_end_that_counts(on)
    )


def list_agents() -> QuerySet[User]:
    """The agents in service with their roles and places (`limits`), by name, in three queries."""
    places = AgentLimit.objects.select_related("structure").order_by("structure__name", "structure")
    agents = User.objects.filter(is_staff=True, is_active=True).prefetch_related("groups", Prefetch("limits", places))
    return agents.order_by("last_name", "first_name", "username")


def _limits_of(agent: User) -> QuerySet[AgentLimit]:
    return AgentLimit.objects.filter(agent=agent)

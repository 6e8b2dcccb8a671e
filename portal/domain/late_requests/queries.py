"""Reading requests: those of a family, the cells of a planning, those that await an agent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import QuerySet

from portal.domain.accounts.models import User
from portal.domain.bookings.codes import CellKey
from portal.domain.bookings.enums import Wish
from portal.domain.families.models import Family
from portal.domain.families.scope import of_children
from portal.domain.kernel.calendar import DateRange
from portal.domain.late_requests.enums import DayState, RequestState
from portal.domain.late_requests.models import LateDay, LateRequest
from portal.domain.late_requests.services import PERMISSION
from portal.domain.scope.queries import is_limited, structures_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


@dataclass(frozen=True, slots=True)
class Mark:
    """What a planning says of a cell: a request that nobody decided. `asked`: the service awaits the family."""

    request: UUID
    wish: Wish
    asked: bool


def marks(*, family: Family, days: DateRange) -> dict[str, Mark]:
    """The open requests of this household on these days, by code of cell; one query."""
    rows = LateDay.objects.filter(
        request__family=family, state=DayState.OPEN, day__range=(days.first, days.last)
    ).values_list("child", "unit", "day", "request__key", "wish", "request__state")
    return {
        CellKey(child, unit, day).code: Mark(key, Wish(wish), state == RequestState.ASKED)
        for child, unit, day, key, wish, state in rows
    }


def find_request(*, user: "User | AnonymousUser", family: Family, key: UUID) -> LateRequest | None:
    """One of the family's; None for anybody else's."""
    rows = LateRequest.objects.visible_to(user).filter(family=family, key=key)
    return rows.select_related("family", "child", "activity__service", "asked_by", "decided_by", "receipt").first()


def awaiting_family(*, user: "User | AnonymousUser", family: Family) -> list[LateRequest]:
    """Those about which the service asked something; one query."""
    rows = LateRequest.objects.visible_to(user).filter(family=family, state=RequestState.ASKED)
    return list(rows.select_related("child", "activity").order_by("asked_at", "pk"))


def waiting_requests(agent: User) -> QuerySet[LateRequest]:
    """What awaits an answer; nothing without the permission. The door narrows it to the agent's places."""
    if not agent.has_perm(PERMISSION):
        return LateRequest.objects.none()
    return LateRequest.objects.waiting().select_related("family", "child", "activity__service", "asked_by")


def family_requests(agent: User, family: Family, *, limit: int, on: date) -> Sequence[LateRequest]:
    """The last requests of a family about the children and the places of an agent who decides; two queries at most."""
    if not agent.has_perm(PERMISSION):
        return []
    rows = LateRequest.objects.filter(of_children(agent, "child", on=on), family=family)
    if is_limited(agent):
        rows = rows.filter(activity__structure__in=structures_of(agent))
    rows = rows.select_related("child", "activity").prefetch_related("days")
    return list(rows.order_by("-asked_at", "-pk")[:limit])

"""A town that takes requests after the deadline, and agents who answer them."""

from datetime import date, datetime
from typing import Any

import factory
from django.contrib.auth.models import Permission

from portal.domain.accounts.models import User
from portal.domain.late_requests.models import LateDay, LateRequest, LateRule
from portal.domain.late_requests.services import send_request
from tests.domain.accounts.factories import UserFactory
from tests.domain.bookings.factories import Household


class LateRuleFactory(factory.django.DjangoModelFactory[LateRule]):
    """Requests after the deadline, for an activity or a service; none out of capacity. Trait `full`: these too."""

    class Meta:
        model = LateRule

    class Params:
        full = factory.Trait(for_capacity=True)


def decider(username: str = "gestion", *, exceeds: bool = True, **values: Any) -> User:
    """An agent who answers requests; `exceeds`: beyond the places too."""
    agent = UserFactory(username=username, agent=True, **values)
    names = ["decide_laterequest", *(["exceed_places"] if exceeds else [])]
    agent.user_permissions.set(Permission.objects.filter(codename__in=names))
    return User.objects.get(pk=agent.pk)


def ask(
    home: Household, *days: date, at: datetime, child: int = 0, unit: int = 0, by: User | None = None
) -> LateRequest:
    """The household asks for these days, booked or not."""
    codes = home.codes(days, child=child, unit=unit)
    return send_request(family=home.family, codes=codes, reason="Un imprévu au travail", by=by or home.parent, at=at)


def day_keys(request: LateRequest, *days: date) -> list[int]:
    """The keys of these days of a request, of all when none is named."""
    rows = LateDay.objects.filter(request=request)
    return list((rows.filter(day__in=days) if days else rows).order_by("day", "pk").values_list("pk", flat=True))

"""Wednesday 9 September 2026, 21 h 30: two families at the canteen of the week of the 14th."""

from datetime import datetime
from typing import Any

import pytest
from django.contrib.auth.models import Permission

from portal.domain.accounts.models import User
from portal.domain.activities.services import seed_calendar
from portal.domain.closures.planning import Wanted
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.clock import PARIS
from tests.domain.accounts.factories import UserFactory
from tests.domain.activities.factories import PlacePoolFactory
from tests.domain.bookings.factories import household, priced_unit

AT = datetime(2026, 9, 9, 21, 30, tzinfo=PARIS)


def closer(username: str = "fermeture") -> User:
    """An agent whose role opens the calendar."""
    agent = UserFactory(username=username, agent=True)
    agent.user_permissions.set(
        Permission.objects.filter(content_type__app_label="activities", codename__endswith="_closure")
    )
    return User.objects.get(pk=agent.pk)


def wanted(first: Any, last: Any = None, *, reason: str = "grève", **values: Any) -> Wanted:
    return Wanted(DateRange(first, last or first), reason, **values)


@pytest.fixture
def calendar(db: None) -> None:
    seed_calendar(zone="A", from_year=2026, to_year=2027, by=UserFactory(), at=AT)


@pytest.fixture
def agent(db: None) -> User:
    return closer()


@pytest.fixture
def canteen(calendar: None) -> Any:
    return priced_unit(pools=[PlacePoolFactory(capacity=40)])


@pytest.fixture
def homes(canteen: Any) -> list[Any]:
    return [household(canteen, children=2), household(canteen)]

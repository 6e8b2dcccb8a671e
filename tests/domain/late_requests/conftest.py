"""Friday 11 September 2026, 9 h: the week of the 14th closed on Thursday evening, that of the 21st is open."""

from datetime import datetime

import pytest

from portal.domain.activities.services import seed_calendar
from portal.domain.kernel.clock import PARIS
from tests.domain.accounts.factories import UserFactory
from tests.domain.activities.factories import PlacePoolFactory
from tests.domain.bookings.factories import household, priced_unit
from tests.domain.late_requests.factories import LateRuleFactory, decider

AT = datetime(2026, 9, 11, 9, 0, tzinfo=PARIS)


@pytest.fixture
def at():
    return AT


@pytest.fixture
def calendar(db):
    seed_calendar(zone="A", from_year=2026, to_year=2027, by=UserFactory(), at=AT)


@pytest.fixture
def pool(db):
    """One place a day."""
    return PlacePoolFactory(capacity=1)


@pytest.fixture
def canteen(calendar, pool):
    """A meal at 4,30 €; after the deadline a request is sent to the service, a full day is not asked for."""
    unit = priced_unit(pools=[pool])
    LateRuleFactory(activity=unit.activity)
    return unit


@pytest.fixture
def home(canteen):
    """Two parents, two children."""
    return household(canteen, children=2, parents=2)


@pytest.fixture
def other(canteen):
    """Another family."""
    return household(canteen)


@pytest.fixture
def agent(db):
    return decider()

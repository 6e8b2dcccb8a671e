"""One town for the tests of bookings: September 2026, Wednesday 9 at 21 h 30, the week of the 14th still open."""

from datetime import date, datetime

import pytest

from portal.domain.activities.services import seed_calendar
from portal.domain.kernel.clock import PARIS
from tests.domain.accounts.factories import UserFactory
from tests.domain.activities.factories import PlacePoolFactory
from tests.domain.bookings.factories import household, priced_unit

AT = datetime(2026, 9, 9, 21, 30, tzinfo=PARIS)


@pytest.fixture
def at():
    return AT


@pytest.fixture
def calendar(db):
    """The published calendar of zone A, and its public holidays, for 2026 and 2027."""
    seed_calendar(zone="A", from_year=2026, to_year=2027, by=UserFactory(), at=AT)


@pytest.fixture
def pool(db):
    """Two places a day."""
    return PlacePoolFactory(capacity=2)


@pytest.fixture
def canteen(pool):
    """A meal at 4,30 €, on Monday, Tuesday, Thursday and Friday, until Thursday 23 h 59 of the week before."""
    return priced_unit(pools=[pool])


@pytest.fixture
def home(canteen):
    """A parent, two children enrolled in the canteen."""
    return household(canteen, children=2)


MONDAY, TUESDAY, THURSDAY, FRIDAY = date(2026, 9, 14), date(2026, 9, 15), date(2026, 9, 17), date(2026, 9, 18)
NEXT_MONDAY = date(2026, 9, 21)

"""Wednesday 9 September 2026: the bus of September closed on 20 August, that of October on the 20th."""

from datetime import date, datetime

import pytest

from portal.domain.activities.services import seed_calendar
from portal.domain.kernel.clock import PARIS
from portal.domain.transport.models import BusLine
from tests.domain.accounts.factories import UserFactory
from tests.domain.bookings.factories import Household
from tests.domain.transport.factories import bus_line, rider

AT = datetime(2026, 9, 9, 21, 30, tzinfo=PARIS)
SEPTEMBER, OCTOBER, LATER = date(2026, 9, 16), date(2026, 10, 7), date(2026, 10, 14)


@pytest.fixture
def calendar(db: None) -> None:
    seed_calendar(zone="C", from_year=2026, to_year=2027, by=UserFactory(), at=AT)


@pytest.fixture
def home(calendar: None) -> Household:
    """Hugo takes the bus on Wednesdays."""
    return rider()


@pytest.fixture
def line(home: Household) -> BusLine:
    return bus_line(home.unit)

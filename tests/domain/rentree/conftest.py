"""The published calendar of zone A, for the two school years of the tests."""

import pytest

from portal.domain.activities.services import seed_calendar
from tests.domain.accounts.factories import UserFactory
from tests.domain.rentree.scene import AT


@pytest.fixture
def calendar(db):
    seed_calendar(zone="A", from_year=2026, to_year=2027, by=UserFactory(), at=AT)

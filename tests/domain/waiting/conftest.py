"""The town of the bookings' tests: Wednesday 9 September 2026, 21 h 30; Monday 14 closes on Thursday 23 h 59."""

import pytest

from portal.domain.bookings.services import change_draft, confirm_basket
from tests.domain.activities.factories import PlacePoolFactory
from tests.domain.bookings.conftest import AT
from tests.domain.bookings.conftest import calendar as calendar
from tests.domain.bookings.factories import book, household, priced_unit
from tests.domain.waiting.factories import ListRuleFactory


@pytest.fixture
def at():
    return AT


@pytest.fixture
def pool(db):
    """One place a day."""
    return PlacePoolFactory(capacity=1)


@pytest.fixture
def canteen(pool):
    """A meal at 4,30 €, until Thursday 23 h 59 of the week before, with a line."""
    unit = priced_unit(pools=[pool])
    ListRuleFactory(activity=unit.activity)
    return unit


@pytest.fixture
def holder(canteen):
    """Who has the only place of each day booked by `full`."""
    return household(canteen)


@pytest.fixture
def full(holder):
    """Book the only place of these days for the holder."""
    return lambda *days: book(holder, days)


@pytest.fixture
def homes(canteen):
    """Three families, two children each, one place to share."""
    return [household(canteen, children=2) for _ in range(3)]


def cancel(home, *days, at):
    """The holder gives its days back, from the draft to the receipt."""
    change = change_draft(family=home.family, add=[], remove=home.codes(days), by=home.parent, at=at)
    return confirm_basket(family=home.family, key=change.draft.key, by=home.parent, at=at)

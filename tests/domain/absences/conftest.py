"""Tuesday 15 September 2026, 7 h 40: the canteen of the week is past its deadline."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from portal.domain.activities.services import seed_calendar
from portal.domain.kernel.clock import PARIS
from tests.domain.absences.factories import ReasonFactory, RuleFactory, decider
from tests.domain.accounts.factories import UserFactory
from tests.domain.activities.factories import PlacePoolFactory
from tests.domain.bookings.factories import Household, book, household, priced_unit

AT = datetime(2026, 9, 15, 7, 40, tzinfo=PARIS)
MONDAY, TUESDAY, THURSDAY, FRIDAY = date(2026, 9, 14), date(2026, 9, 15), date(2026, 9, 17), date(2026, 9, 18)
NEXT_MONDAY = date(2026, 9, 21)
WEEK = [MONDAY, TUESDAY, THURSDAY, FRIDAY]


@pytest.fixture(autouse=True)
def private_folder(tmp_path: Path, settings: Any) -> None:
    settings.PRIVATE_ROOT = tmp_path


@pytest.fixture
def calendar(db: None) -> None:
    seed_calendar(zone="A", from_year=2026, to_year=2027, by=UserFactory(), at=AT)


@pytest.fixture
def home(calendar: None) -> Household:
    """Hugo eats at the canteen all week, 4,30 € a meal, two places a day; the rule is that of `RuleFactory`."""
    made = household(priced_unit(pools=[PlacePoolFactory(capacity=2)]))
    book(made, [*WEEK, NEXT_MONDAY])
    RuleFactory(type=made.unit.activity.type)
    return made


@pytest.fixture
def illness(db: None) -> Any:
    return ReasonFactory()


@pytest.fixture
def school(db: None) -> Any:
    return ReasonFactory(school=True)


@pytest.fixture
def agent(db: None) -> Any:
    return decider()

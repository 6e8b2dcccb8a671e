from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine

from news.models import NewsIndexPage
from tests.domain.bookings.factories import Household, household, priced_unit
from tests.news.factories import make_index

#: A Tuesday of term, at noon in Paris.
NOW = datetime(2026, 9, 8, 10, tzinfo=UTC)


@pytest.fixture
def news(db: None) -> Iterator[NewsIndexPage]:
    """An empty list of news; the clock stands on Tuesday 8 September 2026."""
    with time_machine.travel(NOW, tick=False):
        yield make_index()


@pytest.fixture
def canteen(news: NewsIndexPage) -> Any:
    return priced_unit()


@pytest.fixture
def home(canteen: Any) -> Household:
    """Hugo and Léna (CM1), enrolled at the canteen."""
    return household(canteen, children=2)


@pytest.fixture
def neighbours(news: NewsIndexPage) -> Household:
    """Another family, enrolled elsewhere."""
    return household(priced_unit(), level="CP")

"""Wednesday 9 September 2026 in the evening: a family that takes the bus, its line, its parent signed in."""

from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client

from tests.domain.bookings.factories import Household
from tests.domain.transport.conftest import AT, calendar, home, line

__all__ = ["calendar", "home", "line", "parent", "the_clock"]


@pytest.fixture(autouse=True)
def the_clock() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def parent(client: Client, home: Household) -> Client:
    client.force_login(home.parent)
    return client

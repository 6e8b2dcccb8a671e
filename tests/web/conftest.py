"""Wednesday 9 September 2026, in the evening: two families, and a parent of the first one signed in."""

from collections.abc import Iterator

import pytest
import time_machine

from tests.web.adversary import reader_of
from tests.web.planning.reading import Reader
from tests.web.planning.scene import NOW
from tests.web.two_families import Town, build


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def town(clock: time_machine.Traveller) -> Town:
    return build()


@pytest.fixture
def parent(town: Town) -> Reader:
    return reader_of(town.owner)

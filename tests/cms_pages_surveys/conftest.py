from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client

from tests.domain.bookings.factories import Household, household

NOW = datetime(2026, 9, 8, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def private_folder(tmp_path: Path, settings: Any) -> Path:
    """Joined files of one test only."""
    settings.PRIVATE_ROOT = tmp_path / "private"
    return tmp_path / "private" / "forms"


@pytest.fixture
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def family(db: None, clock: None) -> Household:
    return household(children=2, name="Vuillet", number="4127")


@pytest.fixture
def parent(family: Household, client: Client) -> Client:
    """A browser in which a parent is signed in."""
    client.force_login(family.parent)
    return client

"""The family of the planning's drawings, with a draft of two lines."""

from collections.abc import Iterator
from datetime import date

import pytest
import time_machine
from django.test import Client

from portal.domain.activities.models import Unit
from portal.domain.bookings.services import change_draft
from portal.domain.families.models import Child
from tests.web.planning.reading import Reader
from tests.web.planning.scene import NOW, Scene, code, vuillet

TUESDAY, FRIDAY = date(2026, 9, 15), date(2026, 9, 18)


@pytest.fixture
def frozen() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def scene(db: None, frozen: object) -> Scene:
    return vuillet()


@pytest.fixture
def reader(scene: Scene, client: Client) -> Reader:
    client.force_login(scene.user)
    return Reader(client)


@pytest.fixture
def codes(scene: Scene) -> tuple[str, str]:
    """The addition and the cancellation of the draft."""
    hugo = Child.objects.get(first_name="Hugo")
    evening, canteen = Unit.objects.get(code="soir"), Unit.objects.get(code="repas")
    return code(hugo, evening, TUESDAY), code(hugo, canteen, FRIDAY)


@pytest.fixture
def draft(scene: Scene, codes: tuple[str, str]) -> None:
    """One evening more, one meal less: −2,20 €."""
    add, remove = codes
    change_draft(family=scene.family, add=[add], remove=[remove], by=scene.user, at=NOW)

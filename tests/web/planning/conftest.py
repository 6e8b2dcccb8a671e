"""Wednesday 9 September 2026, in the evening, signed in as a parent of the family of the drawings."""

from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client

from portal.domain.activities.models import Unit
from portal.domain.families.models import Child
from tests.web.planning.reading import Reader
from tests.web.planning.scene import NOW, Scene, vuillet


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
def hugo(scene: Scene) -> Child:
    return Child.objects.get(first_name="Hugo")


@pytest.fixture
def canteen(scene: Scene) -> Unit:
    return Unit.objects.get(code="repas")


@pytest.fixture
def evening(scene: Scene) -> Unit:
    return Unit.objects.get(code="soir")

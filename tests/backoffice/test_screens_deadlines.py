"""Deadlines on the screens: the sentence that families read, the next days."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client

from tests.backoffice.desk import GESTION, address, sign_in
from tests.domain.activities.factories import ActivityFactory, UnitFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def september() -> Iterator[None]:
    """Monday 7 September 2026, ten o'clock in Paris."""
    with time_machine.travel(datetime(2026, 9, 7, 8, tzinfo=UTC), tick=False):
        yield


def test_a_deadline_is_shown_with_the_sentence_that_families_read(client: Client) -> None:
    sign_in(client, GESTION)
    activity = ActivityFactory()
    UnitFactory(activity=activity)
    sentence = "Les jours se réservent jusqu’au jeudi 23\u00a0h\u00a059 de la semaine précédente."

    for page in (
        address("activites/activites"),
        address("activites/activites", "inspect", activity.pk),
        address("activites/activites", "edit", activity.pk),
    ):
        assert sentence in client.get(page).content.decode(), page
    edited = client.get(address("activites/activites", "edit", activity.pk)).content.decode()
    assert "lundi 14\u00a0septembre 2026" in edited
    assert "jeudi 10\u00a0septembre 2026 à 23\u00a0h\u00a059" in edited

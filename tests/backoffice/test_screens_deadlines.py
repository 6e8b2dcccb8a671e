"""Deadlines on the screens: the sentence that families read, the next days, and the rule of a window as JSON."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client

from portal.domain.activities.models import EnrolmentWindow
from tests.backoffice.desk import GESTION, address, errors_of, save, sign_in
from tests.domain.activities.factories import ActivityFactory, UnitFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def september() -> Iterator[None]:
    """Monday 7 September 2026, ten o'clock in Paris."""
    with time_machine.travel(datetime(2026, 9, 7, 8, tzinfo=UTC), tick=False):
        yield


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        ('{"kind": "weekday_before"}', "weekday"),
        ('{"kind": "jeudi"}', "kind"),
        ('{"kind": "days_before", "days": "deux"}', "days"),
        (
            '{"kind": "most_restrictive", "rules": [{"kind": "days_before", "days": 2, "hour": "25:00"}]}',
            "rules[0].hour",
        ),
        ('{"kind": "always",\n"jour": }', "Ligne 2"),
        ("[" * 5000, "Ce n’est pas une règle."),
        ('"always"', "«\u00a0kind\u00a0»"),
    ],
)
def test_the_rule_of_a_window_that_cannot_be_read_names_what_is_wrong(client: Client, typed: str, named: str) -> None:
    sign_in(client, GESTION)
    window = EnrolmentWindow.objects.create(activity=ActivityFactory())

    response = save(client, "activites/fenetres", window.pk, entry_rule=typed)

    errors = errors_of(response)
    assert list(errors) == ["entry_rule"]
    assert named in errors["entry_rule"][0]


def test_the_rule_of_a_window_comes_back_as_it_was_typed(client: Client) -> None:
    sign_in(client, GESTION)

    response = save(
        client,
        "activites/fenetres",
        EnrolmentWindow.objects.create(activity=ActivityFactory()).pk,
        entry_rule='{"kind": oups',
    )

    assert "{&quot;kind&quot;: oups" in response.content.decode()


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

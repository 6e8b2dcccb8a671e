"""Agents open enrolment earlier for some, and say until when an enrolment is removed."""

import json
from typing import Any

import pytest
from django.test import Client

from portal.domain.activities.enums import Audience, ValidationMode
from portal.domain.activities.models import EnrolmentWindow
from tests.backoffice.desk import GESTION, address, errors_of, filled, last_entry, save, sign_in
from tests.domain.activities.factories import ActivityFactory

pytestmark = pytest.mark.django_db


def wanted(**changes: Any) -> dict[str, Any]:
    return {
        "activity": str(ActivityFactory().pk),
        "audience": Audience.RESIDENTS.value,
        "label": "les habitants de Val-Fleuri",
        "towns": "Val-Fleuri\r\n\r\n Saint-Élie ",
        "opens_at": "2026-05-15T00:00",
        "entry_rule": json.dumps({"kind": "day_of_month", "day": 20}),
    } | changes


@pytest.mark.exigence("B12", "I43")
def test_a_window_is_opened_for_the_residents_of_some_towns(client: Client) -> None:
    sign_in(client, GESTION)
    save(client, "activites/fenetres", **wanted())
    window = EnrolmentWindow.objects.get()
    assert (window.towns, window.entry_rule) == (["Val-Fleuri", "Saint-Élie"], {"kind": "day_of_month", "day": 20})
    assert last_entry().target == "activities.enrolmentwindow"
    assert filled(client, address("activites/fenetres", "edit", window.pk))["towns"] == "Val-Fleuri\nSaint-Élie"


@pytest.mark.exigence("B12")
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"towns": ""}, "Dites de quelles communes"),
        ({"entry_rule": '{"kind": "jamais"}'}, "inconnu"),
        ({"closes_at": "2026-05-01T00:00"}, "ferme après avoir ouvert"),
    ],
)
def test_a_window_that_means_nothing_is_refused_in_words(client: Client, change: dict[str, str], said: str) -> None:
    sign_in(client, GESTION)
    errors = errors_of(save(client, "activites/fenetres", **wanted(**change)))
    assert said in " ".join(message for messages in errors.values() for message in messages)
    assert not EnrolmentWindow.objects.exists()


@pytest.mark.exigence("I37", "I50")
def test_an_activity_says_who_accepts_and_until_when_one_leaves(client: Client) -> None:
    sign_in(client, GESTION)
    activity = ActivityFactory()
    save(
        client,
        "activites/activites",
        activity.pk,
        validation_mode=ValidationMode.COMPLETE.value,
    )
    activity.refresh_from_db()
    assert activity.validation_mode == ValidationMode.COMPLETE
    activity.removal_deadline = {"kind": "days_before", "days": 8}
    activity.save()
    page = client.get(address("activites/activites", "edit", activity.pk)).content.decode()
    assert "L’inscription s’annule jusqu’à 23" in page

"""Agents open enrolment earlier for some, and say until when an enrolment is removed."""

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
        "entry_rule-kind": "day_of_month",
        "entry_rule-shown": "day_of_month",
        "entry_rule-day": "20",
        "entry_rule-months": "1",
        "entry_rule-inclusive": "true",
    } | changes


@pytest.mark.exigence("B12", "I43")
def test_a_window_is_opened_for_the_residents_of_some_towns(client: Client) -> None:
    sign_in(client, GESTION)
    save(client, "activites/fenetres", **wanted())
    window = EnrolmentWindow.objects.get()
    assert (window.towns, window.entry_rule) == (
        ["Val-Fleuri", "Saint-Élie"],
        {"kind": "day_of_month", "day": 20, "months": 1},
    )
    assert last_entry().target == "activities.enrolmentwindow"
    assert filled(client, address("activites/fenetres", "edit", window.pk))["towns"] == "Val-Fleuri\nSaint-Élie"


@pytest.mark.exigence("B12")
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"towns": ""}, "Dites de quelles communes"),
        ({"entry_rule-day": "40"}, "voyez ses champs"),
        ({"entry_rule-day": ""}, "voyez ses champs"),
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


@pytest.mark.exigence("B12")
def test_the_rule_of_entry_is_fields_that_appear_without_script(client: Client) -> None:
    """A kind just chosen has no fields yet: the form comes back, and nothing is kept."""
    sign_in(client, GESTION)
    window = EnrolmentWindow.objects.create(activity=ActivityFactory())
    chosen = save(
        client, "activites/fenetres", window.pk, **{"entry_rule-kind": "days_before", "entry_rule-shown": ""}
    )

    assert "remplissez-les" in errors_of(chosen)["entry_rule"][0].replace("\u00a0", " ")
    assert 'name="entry_rule-days"' in chosen.content.decode()
    window.refresh_from_db()
    assert window.entry_rule is None
    shown = {"entry_rule-kind": "periods", "entry_rule-shown": "periods", "entry_rule-items": "0"}
    added = save(client, "activites/fenetres", window.pk, ajouter="entry_rule", **shown)
    assert 'name="entry_rule.periods.1-label"' in added.content.decode()
    save(
        client,
        "activites/fenetres",
        window.pk,
        **{
            "entry_rule-kind": "days_before",
            "entry_rule-shown": "days_before",
            "entry_rule-days": "3",
            "entry_rule-inclusive": "false",
            "entry_rule-hour": "10:00",
        },
    )
    window.refresh_from_db()
    assert window.entry_rule == {"kind": "days_before", "days": 3, "inclusive": False, "hour": "10:00"}
    save(client, "activites/fenetres", window.pk, label="Les habitants")  # a form that does not show it leaves it
    window.refresh_from_db()
    assert window.entry_rule is not None
    save(client, "activites/fenetres", window.pk, **{"entry_rule-kind": "", "entry_rule-shown": ""})
    window.refresh_from_db()
    assert window.entry_rule is None


@pytest.mark.exigence("P16")
def test_booking_late_is_filled_by_the_same_fields_and_stays_whole(client: Client) -> None:
    sign_in(client, GESTION)
    activity = ActivityFactory()
    late = {
        "late_booking_deadline-kind": "days_before",
        "late_booking_deadline-shown": "days_before",
        "late_booking_deadline-days": "1",
        "late_booking_deadline-inclusive": "true",
        "late_booking_deadline-hour": "12:00",
    }
    refused = save(client, "activites/activites", activity.pk, **late)
    assert "Pour réserver en retard" in " ".join(m for each in errors_of(refused).values() for m in each)
    save(client, "activites/activites", activity.pk, late_kind="amount", late_value="2,00", **late)

    activity.refresh_from_db()
    assert activity.late_booking_deadline == {"kind": "days_before", "days": 1, "hour": "12:00"}
    page = client.get(address("activites/activites", "edit", activity.pk)).content.decode()
    assert 'name="late_booking_deadline-days" value="1"' in page

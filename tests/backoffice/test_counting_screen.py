"""« Nombre de jours »: a rule by fields, its sentence before it is kept, taken away; never another town's place."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from portal.domain.activities.models import BookingLimit
from portal.domain.audit.models import AuditEntry
from portal.domain.kernel.clock import PARIS
from tests.backoffice.desk import ANIMATION, GESTION, is_refused, sign_in, words
from tests.domain.activities.factories import BookingLimitFactory, UnitFactory
from tests.domain.bookings.conftest import MONDAY, THURSDAY, TUESDAY
from tests.domain.bookings.factories import book, household, priced_unit

pytestmark = [pytest.mark.django_db, pytest.mark.exigence("C4")]

TWO_A_WEEK = {"sense": "at_most", "count": "2", "span": "week", "among": "all"}


@pytest.fixture(autouse=True)
def frozen(db: None) -> Iterator[None]:
    with time_machine.travel(datetime(2026, 9, 9, 21, 30, tzinfo=PARIS), tick=False):
        yield


@pytest.fixture
def unit() -> Any:
    return priced_unit()


def test_a_rule_is_shown_as_families_read_it_then_kept_changed_and_taken_away(client: Client, unit: Any) -> None:
    sign_in(client, GESTION)
    book(household(unit), [MONDAY, TUESDAY, THURSDAY])
    rules = reverse("activity_rules", args=[unit.activity_id])
    assert "Aucun minimum, aucun maximum" in words(client.get(rules))
    url = reverse("activity_limit_new", args=[unit.activity_id])
    shown = words(client.post(url, {**TWO_A_WEEK, "montrer": "1"}))
    assert "Cantine\u00a0: 2\u00a0jours par semaine au plus." in shown
    assert "1\u00a0enfant a déjà plus de jours à venir" in shown
    assert not BookingLimit.objects.exists()

    client.post(url, {**TWO_A_WEEK, "enregistrer": "1"})
    limit = BookingLimit.objects.get()
    assert "Cantine\u00a0: 2\u00a0jours par semaine au plus." in words(client.get(rules))
    change = reverse("activity_limit", args=[unit.activity_id, limit.pk])
    client.post(change, {**TWO_A_WEEK, "count": "3", "units": [unit.pk], "enregistrer": "1"})
    limit.refresh_from_db()
    assert (limit.count, list(limit.units.all())) == (3, [unit])
    assert "Cantine (repas)\u00a0: 3\u00a0jours par semaine au plus." in words(client.get(rules))

    client.post(change, {"retirer": "1"})
    assert not BookingLimit.objects.exists()
    written = AuditEntry.objects.filter(verb__in=["save_limit", "remove_limit"]).order_by("pk")
    assert [entry.verb for entry in written] == ["save_limit", "save_limit", "remove_limit"]
    assert written[1].before["limit"]["count"] == 2


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"count": ""}, "Combien\u00a0: donnez un nombre."),
        ({"count": "deux"}, "Combien\u00a0: donnez un nombre entier"),
        ({"count": "0"}, "Combien\u00a0: donnez au moins 1."),
        ({"count": "8"}, "Combien\u00a0: 7 au plus pour cette période."),
        ({"span": "day", "sense": "at_least"}, "Un minimum se compte par semaine"),
        ({"span": "holiday"}, "Par période de vacances, choisissez des jours de vacances."),
        ({"span": "toujours"}, "Compté"),
        ({"units": "0"}, "l’une d’elles n’existe plus"),
        ({"sense": ""}, "La règle dit\u00a0: choisissez une réponse."),
    ],
)
def test_what_means_nothing_is_told_at_its_field(client: Client, unit: Any, wrong: dict[str, str], said: str) -> None:
    sign_in(client, GESTION)
    url = reverse("activity_limit_new", args=[unit.activity_id])
    answer = client.post(url, {**TWO_A_WEEK, **wrong, "enregistrer": "1"})
    assert answer.status_code == 422
    assert said in words(answer)
    assert not BookingLimit.objects.exists()


def test_the_units_of_another_activity_are_not_counted(client: Client, unit: Any) -> None:
    sign_in(client, GESTION)
    other = UnitFactory()
    url = reverse("activity_limit_new", args=[unit.activity_id])
    assert client.post(url, {**TWO_A_WEEK, "units": [other.pk], "enregistrer": "1"}).status_code == 422
    limit = BookingLimitFactory(activity=other.activity)
    assert client.get(reverse("activity_limit", args=[unit.activity_id, limit.pk])).status_code == 404


def test_who_does_not_set_up_activities_changes_no_rule(client: Client, unit: Any) -> None:
    sign_in(client, ANIMATION)
    assert is_refused(client.get(reverse("activity_limit_new", args=[unit.activity_id])))

"""The next school year prepared at the desk."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from portal.domain.activities.models import Activity
from portal.domain.kernel.clock import PARIS
from tests.backoffice.desk import ANIMATION, GESTION, is_refused, make_agent, said, sign_in, words
from tests.backoffice.halves import limit
from tests.domain.activities.factories import ActivityFactory, UnitFactory

pytestmark = [pytest.mark.django_db, pytest.mark.exigence("B34")]


@pytest.fixture(autouse=True)
def may() -> Iterator[None]:
    with time_machine.travel(datetime(2027, 5, 10, 9, tzinfo=PARIS), tick=False):
        yield


@pytest.fixture
def activity(db: None) -> Any:
    return UnitFactory(activity=ActivityFactory(code="cantine-2026")).activity


def test_a_year_is_read_then_copied_and_closed_to_families(client: Client, activity: Any) -> None:
    sign_in(client, GESTION)
    url = reverse("activities_copy")
    assert "De 2026/2027 vers 2027/2028" in words(client.get(url))
    plan = client.post(url, {"activities": [activity.pk]})
    page = words(plan)
    assert "Restaurant scolaire 2027/2028" in page
    assert "dates de l’activité\u00a0: du 2\u00a0septembre 2027 au 2\u00a0juillet 2028" in page
    assert Activity.objects.count() == 1
    done = client.post(url, {"plan": plan.context["token"]})
    assert "1\u00a0activité copiée" in said(done)
    assert not Activity.objects.get(code="cantine-2027").is_offered
    assert "Restaurant scolaire 2027/2028" in words(client.get(done.url))
    again = client.post(url, {"activities": [activity.pk]})
    assert "Déjà prêtes pour 2027/2028" in words(again)
    assert client.post(url, {"plan": "x"}).status_code == 302
    late = client.post(url, {"plan": plan.context["token"]})
    assert late.status_code == 422
    assert Activity.objects.count() == 2


def test_nothing_chosen_and_what_is_elsewhere_are_refused(client: Client, activity: Any) -> None:
    elsewhere = ActivityFactory(code="ailleurs-2026")
    agent = make_agent(GESTION)
    limit(agent, [activity.structure])
    client.force_login(agent)
    url = reverse("activities_copy")
    assert elsewhere not in client.get(url).context["rows"]
    for chosen in ([], [elsewhere.pk], ["x"]):
        assert client.post(url, {"activities": chosen}).status_code == 422
    client.force_login(make_agent(ANIMATION))
    assert is_refused(client.get(url))

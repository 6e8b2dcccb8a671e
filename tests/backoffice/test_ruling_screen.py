"""The règlement changed by forms: chosen, tried, then kept; never without having seen the days that it moves."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from portal.domain.activities.services import seed_calendar
from portal.domain.kernel.clock import PARIS
from tests.backoffice.desk import ANIMATION, GESTION, is_refused, make_agent, said, sign_in, words
from tests.backoffice.halves import limit
from tests.domain.accounts.factories import UserFactory
from tests.domain.activities.factories import StructureFactory
from tests.domain.bookings.conftest import MONDAY
from tests.domain.bookings.factories import book, household, priced_unit

pytestmark = [pytest.mark.django_db, pytest.mark.exigence("C4")]

THURSDAY = {"kind": "weekday_before", "weekday": 4}


@pytest.fixture(autouse=True)
def frozen(db: None) -> Iterator[None]:
    with time_machine.travel(datetime(2026, 9, 9, 21, 30, tzinfo=PARIS), tick=False):
        seed_calendar(zone="A", from_year=2026, to_year=2027, by=UserFactory(), at=datetime.now(PARIS))
        yield


@pytest.fixture
def unit() -> Any:
    return priced_unit()


def address_of(owner: Any, word: str = "reserver") -> str:
    nature = "unite" if hasattr(owner, "weekdays") else "activite"
    return reverse("activity_rule", args=[nature, owner.pk, word])


TUESDAY = {
    "r-kind": "weekday_before",
    "r-shown": "weekday_before",
    "r-weekday": "2",
    "r-weeks": "1",
    "r-inclusive": "true",
    "r-hour": "",
}


def test_a_rule_is_chosen_tried_and_kept(client: Client, unit: Any) -> None:
    sign_in(client, GESTION)
    book(household(unit), [MONDAY])
    url = address_of(unit.activity)
    assert "jusqu’au jeudi 23\u00a0h\u00a059 de la semaine précédente" in words(client.get(url))
    chosen = client.post(url, {"r-kind": "weekday_before", "r-shown": "always", "montrer": "1"})
    assert (chosen.status_code, 'name="r-weekday"' in chosen.content.decode()) == (200, True)

    plan = client.post(url, TUESDAY)
    page = words(plan)
    assert "jusqu’au mardi 23\u00a0h\u00a059 de la semaine précédente" in page
    assert "1 famille concernée" in page
    assert "ouvert aujourd’hui, se ferme\u00a0: 4" in page
    assert "septembre 2026" in page
    unit.activity.refresh_from_db()
    assert unit.activity.booking_deadline == THURSDAY

    kept = client.post(url, {"plan": plan.context["token"], "enregistrer": "1"})
    assert kept.url == reverse("activity_rules", args=[unit.activity_id])
    assert "Le délai est changé" in said(kept)
    unit.activity.refresh_from_db()
    assert unit.activity.booking_deadline == {"kind": "weekday_before", "weekday": 2}
    assert "jusqu’au mardi 23" in words(client.get(kept.url))


@pytest.mark.parametrize(
    ("when", "day", "answer"),
    [
        ("2026-09-08T23:59", "2026-09-14", "Oui\u00a0: ouvert jusqu’au mardi 8"),
        ("2026-09-09T00:00", "2026-09-14", "Non\u00a0: fermé depuis le mardi 8"),
        ("2026-09-09T00:00", "2026-09-16", "Non\u00a0: Cette activité n’a pas lieu le mercredi."),
        ("x", "2026-99-99", ""),
    ],
)
def test_a_parent_is_imagined_on_a_day(client: Client, unit: Any, when: str, day: str, answer: str) -> None:
    sign_in(client, GESTION)
    token = client.post(address_of(unit.activity), TUESDAY).context["token"]
    tried = client.post(address_of(unit.activity), {"plan": token, "quand": when, "jour": day, "essayer": "1"})
    assert tried.status_code == 200
    assert tried.context["answer"].startswith(answer) if answer else tried.context["answer"] == ""


def test_the_calendar_goes_from_the_first_to_the_last_month(client: Client, unit: Any) -> None:
    sign_in(client, GESTION)
    url = address_of(unit.activity)
    token = client.post(url, TUESDAY).context["token"]
    for month, shown in (("2026-11", "novembre 2026"), ("1999-01", "septembre 2026"), ("2099-12", "juillet 2027")):
        page = client.post(url, {"plan": token, "mois": month})
        assert page.context["trial"].title == shown
    assert page.context["trial"].next == ""
    assert not [
        day for day, _words in client.post(url, {"plan": token, "mois": "2026-11"}).context["month"] if day.day == 11
    ]


def test_what_cannot_be_is_said_and_what_was_typed_stays(client: Client, unit: Any) -> None:
    sign_in(client, GESTION)
    response = client.post(address_of(unit.activity), TUESDAY | {"r-weeks": "trois"})
    assert response.status_code == 422
    assert 'value="trois"' in response.content.decode()
    assert "Donnez un nombre entier." in words(response)


def test_a_token_made_by_hand_or_a_rule_changed_meanwhile_changes_nothing(client: Client, unit: Any) -> None:
    sign_in(client, GESTION)
    url = address_of(unit.activity)
    token = client.post(url, TUESDAY).context["token"]
    assert client.post(url, {"plan": f"{token}x", "enregistrer": "1"}).status_code == 302
    unit.activity.booking_deadline = {"kind": "never"}
    unit.activity.save()
    late = client.post(url, {"plan": token, "enregistrer": "1"})
    assert late.status_code == 422
    assert "Un autre agent vient de changer" in words(late)
    unit.activity.refresh_from_db()
    assert unit.activity.booking_deadline == {"kind": "never"}
    assert client.post(url, {"plan": late.context["token"], "enregistrer": "1"}).status_code == 302


def test_a_unit_has_its_own_rule_and_comes_back_to_its_activity(client: Client, unit: Any) -> None:
    sign_in(client, GESTION)
    url = address_of(unit)
    plan = client.post(url, TUESDAY)
    client.post(url, {"plan": plan.context["token"], "enregistrer": "1"})
    unit.refresh_from_db()
    assert unit.booking_deadline == {"kind": "weekday_before", "weekday": 2}
    back = client.post(url, {"r-kind": "", "r-shown": ""})
    client.post(url, {"plan": back.context["token"], "enregistrer": "1"})
    unit.refresh_from_db()
    assert unit.booking_deadline is None
    assert client.get(reverse("activity_rule", args=["unite", unit.pk, "supprimer"])).status_code == 404


def test_what_is_elsewhere_or_not_theirs_is_not_changed(client: Client, unit: Any) -> None:
    agent = make_agent(GESTION)
    limit(agent, [StructureFactory()])
    client.force_login(agent)
    for url in (address_of(unit), address_of(unit.activity), reverse("activity_rules", args=[unit.activity_id])):
        assert client.get(url).status_code == 404
    client.force_login(make_agent(ANIMATION))
    assert is_refused(client.get(address_of(unit.activity)))
    assert is_refused(client.post(address_of(unit.activity), TUESDAY))

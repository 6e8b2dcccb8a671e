"""Agents and lines: who waits, a child put before others with a reason, the rules and what families read of them."""

from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from portal.domain.audit.models import AuditEntry
from portal.domain.waiting.enums import Criterion, EntryState
from portal.domain.waiting.models import ListRule, WaitingEntry
from tests.backoffice.desk import ANIMATION, GESTION, REGIE, address, filled, is_refused, sign_in, words
from tests.domain.activities.factories import ActivityFactory, PlacePoolFactory
from tests.domain.bookings.conftest import AT, MONDAY
from tests.domain.bookings.factories import book, household, priced_unit
from tests.domain.waiting.factories import ListRuleFactory, wait

pytestmark = [pytest.mark.django_db, pytest.mark.exigence("P41", "B2")]


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def line(clock: None) -> list[WaitingEntry]:
    """Two children wait for the only place of Monday."""
    unit = priced_unit(pools=[PlacePoolFactory(capacity=1)])
    ListRuleFactory(activity=unit.activity)
    book(household(unit), [MONDAY])
    return [entry for home in (household(unit), household(unit)) for entry in wait(home, MONDAY, at=AT)]


def propose(entry: WaitingEntry) -> str:
    return reverse("desk_waiting_propose", args=[entry.pk])


@pytest.mark.parametrize("role", [GESTION, ANIMATION])
def test_the_line_of_a_day_is_read_in_its_order(client: Client, line: list[WaitingEntry], role: str) -> None:
    sign_in(client, role)
    page = client.get(reverse("desk_waiting"))

    rows = page.context["groups"][0]["rows"]
    assert [row["entry"] for row in rows] == line
    assert [row["state"] for row in rows] == ["1er sur 2", "2e sur 2"]
    assert "ordre des demandes" in words(page)


def test_without_the_permission_nobody_reads_it(client: Client, line: list[WaitingEntry]) -> None:
    sign_in(client, REGIE)

    assert is_refused(client.get(reverse("desk_waiting")))
    assert is_refused(client.post(propose(line[1]), {"motif": "Urgence"}))


def test_a_child_is_put_first_with_a_reason_in_the_journal(client: Client, line: list[WaitingEntry]) -> None:
    sign_in(client, GESTION)
    answer = client.post(propose(line[1]), {"motif": "Hospitalisation de la mère"}, follow=True)

    assert "passe en tête" in words(answer)
    assert answer.context["groups"][0]["rows"][0]["entry"] == line[1]
    entry = AuditEntry.objects.get(verb="put_first")
    assert (entry.after["reason"], entry.after["before"]) == ("Hospitalisation de la mère", 1)


def test_no_reason_no_passing(client: Client, line: list[WaitingEntry]) -> None:
    sign_in(client, GESTION)
    answer = client.post(propose(line[1]), {"motif": " "})

    assert answer.status_code == 422
    assert "Écrivez pourquoi" in words(answer)
    line[1].refresh_from_db()
    assert line[1].put_first_at is None


def test_who_waits_no_more_is_not_found(client: Client, line: list[WaitingEntry]) -> None:
    sign_in(client, GESTION)
    WaitingEntry.objects.update(state=EntryState.LEFT)

    assert client.get(propose(line[1])).status_code == 404


def test_the_priorities_of_a_rule_are_kept_in_their_order(client: Client) -> None:
    sign_in(client, GESTION)
    rule = ListRuleFactory(activity=ActivityFactory())
    page = address("listes-d-attente/regles", "edit", rule.pk)
    assert "premier arrivé, premier servi" in words(client.get(page))

    client.post(page, filled(client, page, first=Criterion.NEWCOMER.value, third=Criterion.SIBLING.value))

    rule.refresh_from_db()
    assert rule.priorities == [Criterion.NEWCOMER, Criterion.SIBLING]
    assert "Passent d’abord" in words(client.get(page))


def test_a_priority_is_named_once_and_the_exchange_is_an_activitys(client: Client) -> None:
    sign_in(client, GESTION)
    rule = ListRuleFactory(pool=PlacePoolFactory())
    page = address("listes-d-attente/regles", "edit", rule.pk)
    twice = filled(client, page, first="sibling", second="sibling")
    assert "déjà choisie plus haut" in words(client.post(page, twice))

    answer = client.post(page, filled(client, page, exchange_open="on"))

    assert "activité par activité" in words(answer)
    assert not ListRule.objects.get().exchange_open

"""From a full day to a place accepted, on the screens of a family; whose lines they are; what the planning costs."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.domain.bookings.models import Booking, DayPlaces
from portal.domain.families.models import FamilyMember
from portal.domain.waiting.enums import EntryState, GiftState, OfferState
from portal.domain.waiting.models import ListRule, Offer, PlaceGift, WaitingEntry
from tests.domain.waiting.factories import ListRuleFactory
from tests.web.planning.scene import NOW
from tests.web.two_families import CLOSED_DAY, OPEN_DAY, Town
from tests.web.waiting.scene import given, line, offered, waiting

pytestmark = [pytest.mark.django_db, pytest.mark.exigence("P41", "B2")]

ROOT = "/famille/listes-d-attente/"
PLANNING = "/famille/planning/?mois=2026-09"


@pytest.fixture
def owner(town: Town, client: Client) -> Client:
    client.force_login(town.owner)
    return client


def text_of(answer: Any) -> str:
    return str(answer.content.decode()).replace("\u00a0", " ").replace("\u202f", " ")


def join_of(town: Town) -> str:
    return f"{ROOT}demander/?jour={town.code(OPEN_DAY)}"


def test_the_full_cell_leads_to_the_line_then_shows_the_rank(town: Town, owner: Client) -> None:
    line(town)
    why = text_of(owner.get(reverse("planning:why", args=[town.code(OPEN_DAY)])))
    assert "Demander une place sur la liste d’attente" in why
    assert join_of(town) in why

    page = text_of(owner.get(join_of(town)))
    assert "premier arrivé, premier servi" in page
    assert "Rien n’est réservé ni facturé sans votre accord" in page
    said = text_of(owner.post(join_of(town), {"jour": [town.code(OPEN_DAY)]}, follow=True))

    assert "Votre demande est sur la liste d’attente" in said
    assert "1er sur 1" in said
    assert "en liste d’attente, 1er" in text_of(owner.get(PLANNING))
    assert WaitingEntry.objects.get().child == town.enrolled
    again = text_of(owner.get(reverse("planning:why", args=[town.code(OPEN_DAY)])))
    assert "Suivre ma demande" in again


def test_brothers_and_sisters_are_proposed_with_their_condition(town: Town, owner: Client) -> None:
    line(town)
    brother = town.code(OPEN_DAY, child=town.children[1])
    page = text_of(owner.get(join_of(town)))
    assert f'value="{brother}"' in page
    assert "Frères et sœurs ensemble" in page

    owner.post(join_of(town), {"jour": [town.code(OPEN_DAY), brother], "ensemble": "on"})

    groups = set(WaitingEntry.objects.values_list("group", flat=True))
    assert len(groups) == 1
    assert None not in groups


def test_no_day_ticked_is_said_on_the_field(town: Town, owner: Client) -> None:
    line(town)
    answer = owner.post(join_of(town), {"jour": []})

    assert answer.status_code == 422
    assert "Cochez au moins un jour." in text_of(answer)


def test_a_day_never_proposed_is_refused_not_written(town: Town, owner: Client) -> None:
    line(town)
    answer = owner.post(join_of(town), {"jour": ["1.1.2026-09-15"]})

    assert answer.status_code == 422
    assert not WaitingEntry.objects.exists()


@pytest.mark.parametrize("code", ["x", "1.2", "999999.999999.2026-09-15"])
def test_a_cell_of_nobody_is_not_found(town: Town, owner: Client, code: str) -> None:
    assert owner.get(f"{ROOT}demander/", {"jour": code}).status_code == 404


def test_without_a_line_nothing_is_proposed(town: Town, owner: Client) -> None:
    line(town)
    ListRule.objects.update(is_open=False)
    why = text_of(owner.get(reverse("planning:why", args=[town.code(OPEN_DAY)])))
    assert "liste d’attente" not in why
    assert "il n’y a pas de liste d’attente" in text_of(owner.get(join_of(town)))


def test_the_line_of_the_draft_that_fell_out_leads_to_the_list(town: Town, owner: Client) -> None:
    line(town)
    answer = owner.post(f"{PLANNING}&modifier=1", town.tick(OPEN_DAY), follow=True)

    page = text_of(answer)
    assert "Un jour a été laissé de côté" in page
    assert "Demander ces places sur la liste d’attente" in page


def test_an_offer_is_read_then_accepted_by_a_press(town: Town, owner: Client) -> None:
    offer = offered(town)
    address = reverse("waiting:offer", args=[offer.key])
    home = text_of(owner.get("/famille/"))
    assert address in home
    assert "une place est proposée" in home
    assert "place proposée jusqu’à jeu. 10, 10 h 39" in text_of(owner.get(PLANNING))

    page = text_of(owner.get(address))
    assert "4,30 €" in page
    assert not Booking.objects.filter(child=town.children[1], day=OPEN_DAY).exists()  # reading books nothing
    answer = owner.post(address, {"suite": "accepter"})

    assert answer.status_code == 302
    receipt = Offer.objects.get().receipt
    assert receipt is not None
    assert answer["Location"] == reverse("basket:receipt", args=[receipt.number])
    assert Booking.objects.booked().filter(child=town.children[1], day=OPEN_DAY).count() == 1
    assert "Vous avez accepté cette place" in text_of(owner.get(address))
    assert owner.post(address, {"suite": "accepter"})["Location"] == answer["Location"]


def test_refusing_leaves_the_line(town: Town, owner: Client) -> None:
    offer = offered(town)
    said = text_of(owner.post(reverse("waiting:offer", args=[offer.key]), {"suite": "refuser"}, follow=True))

    assert "la place va à la famille suivante" in said
    assert Offer.objects.get().state == OfferState.DECLINED
    assert WaitingEntry.objects.get().state == EntryState.DECLINED


def test_a_press_without_choice_asks_for_one(town: Town, owner: Client) -> None:
    offer = offered(town)
    answer = owner.post(reverse("waiting:offer", args=[offer.key]), {})

    assert answer.status_code == 422
    assert "accepter la place, ou la refuser" in text_of(answer)
    assert Offer.objects.get().state == OfferState.OPEN


def test_after_the_time_nothing_can_be_accepted(town: Town, owner: Client) -> None:
    offer = offered(town)
    Offer.objects.update(expires_at=NOW - timedelta(minutes=1), made_at=NOW - timedelta(hours=3))
    address = reverse("waiting:offer", args=[offer.key])

    assert "Le délai pour répondre est passé" in text_of(owner.get(address))
    answer = owner.post(address, {"suite": "accepter"})

    assert answer.status_code == 422
    assert not Booking.objects.filter(child=town.children[1], day=OPEN_DAY).exists()


def test_what_the_rules_no_longer_allow_is_told_and_not_booked(town: Town, owner: Client) -> None:
    offer = offered(town)
    town.children[1].enrolments.update(ends_on=CLOSED_DAY)
    answer = owner.post(reverse("waiting:offer", args=[offer.key]), {"suite": "accepter"})

    assert answer.status_code == 422
    assert "l’inscription s’est terminée" in text_of(answer)
    assert Offer.objects.get().state == OfferState.OPEN


def test_who_may_not_book_reads_and_answers_nothing(town: Town, owner: Client) -> None:
    offer = offered(town)
    FamilyMember.objects.filter(adult__user=town.owner).update(can_book=False)
    address = reverse("waiting:offer", args=[offer.key])

    assert "sans pouvoir y répondre" in text_of(owner.get(address))
    assert owner.post(address, {"suite": "accepter"}).status_code == 403


def test_leaving_a_line(town: Town, owner: Client) -> None:
    line(town)
    entry = waiting(town)
    address = reverse("waiting:entry", args=[entry.key])
    page = text_of(owner.get(address))
    assert "1er sur 1" in page
    assert "Sur la liste depuis le" in page

    said = text_of(owner.post(address, follow=True))

    assert "Vous n’êtes plus sur cette liste d’attente" in said
    assert WaitingEntry.objects.get().state == EntryState.LEFT


@pytest.mark.parametrize("name", ["waiting:entry", "waiting:offer"])
def test_another_family_finds_nothing(town: Town, client: Client, name: str) -> None:
    key = waiting(town).key if name == "waiting:entry" else offered(town).key
    client.force_login(town.stranger)

    for method in (client.get, client.post):
        assert method(reverse(name, args=[key])).status_code == 404
        assert method(reverse(name, args=[uuid4()])).status_code == 404
    assert client.get(join_of(town)).status_code == 404
    assert not Booking.objects.filter(family=town.second.family, day=OPEN_DAY).exists()


# A place given


@pytest.mark.exigence("C11")
def test_a_booked_day_past_its_deadline_is_offered_then_kept_after_all(town: Town, owner: Client) -> None:
    line(town, exchange=True)
    ListRule.objects.update(exchange_hours=0)
    town.first.book(town.enrolled, town.canteen, [CLOSED_DAY])
    cell = town.code(CLOSED_DAY)
    give = reverse("waiting:give", args=[cell])
    assert give in text_of(owner.get(reverse("planning:why", args=[cell])))
    page = text_of(owner.get(give))
    assert "facturée 4,30 €" in page

    said = text_of(owner.post(give, follow=True))
    assert "Votre place est proposée" in said
    assert "réservé, place proposée" in text_of(owner.get(PLANNING))
    gift = PlaceGift.objects.get()
    kept = text_of(owner.post(reverse("waiting:gift", args=[gift.key]), follow=True))

    assert "Vous gardez cette place" in kept
    assert PlaceGift.objects.get().state == GiftState.WITHDRAWN
    assert Booking.objects.booked().filter(child=town.enrolled, unit=town.canteen, day=CLOSED_DAY).exists()


@pytest.mark.exigence("C11")
def test_where_places_are_not_exchanged_nothing_is_offered(town: Town, owner: Client) -> None:
    line(town)
    cell = town.code(CLOSED_DAY, unit=town.evening)
    assert "Proposer ma place" not in text_of(owner.get(reverse("planning:why", args=[cell])))

    answer = owner.post(reverse("waiting:give", args=[cell]))

    assert answer.status_code == 422
    assert "ne s’échangent pas" in text_of(answer)
    assert not PlaceGift.objects.exists()


@pytest.mark.exigence("C11")
def test_another_family_neither_gives_nor_takes_back(town: Town, client: Client) -> None:
    gift = given(town)
    client.force_login(town.stranger)

    assert client.post(reverse("waiting:gift", args=[gift.key])).status_code == 404
    assert client.get(reverse("waiting:give", args=[town.code(CLOSED_DAY, unit=town.evening)])).status_code == 404
    gift.refresh_from_db()
    assert gift.state == GiftState.OPEN


# What it costs


def queries(owner: Client, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert owner.get(address).status_code == 200
    return len(seen)


def test_the_marks_of_the_planning_cost_one_query_whatever_their_number(town: Town, owner: Client) -> None:
    owner.get(PLANNING)
    waiting(town)
    one = queries(owner, PLANNING)
    for day in range(16, 30):
        entry = waiting(town)
        entry.pk, entry.key, entry.day = None, uuid4(), OPEN_DAY.replace(day=day)
        entry.save()

    assert queries(owner, PLANNING) == one


def test_the_list_costs_the_same_for_one_and_for_many(town: Town, owner: Client) -> None:
    waiting(town)
    owner.get(ROOT)
    one = queries(owner, ROOT)
    for day in range(16, 30):
        entry = waiting(town)
        entry.pk, entry.key, entry.day = None, uuid4(), OPEN_DAY.replace(day=day)
        entry.save()

    assert queries(owner, ROOT) == one


def test_a_day_with_places_is_not_waited_for(town: Town, owner: Client) -> None:
    ListRuleFactory(activity=town.canteen.activity)
    DayPlaces.objects.filter(day=OPEN_DAY).update(capacity=20)

    assert "Une place est libre" in text_of(owner.get(join_of(town)))

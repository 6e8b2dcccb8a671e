"""« Demander au service » from the refused cell to the answer; whose requests they are; what agents see of them."""

from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from portal.domain.bookings.models import Booking
from portal.domain.families.models import FamilyMember
from portal.domain.late_requests.deciding import ask_request_again
from portal.domain.late_requests.enums import RequestState
from portal.domain.late_requests.models import LateRequest, LateRule
from portal.domain.procedures.models import Procedure
from tests.domain.late_requests.factories import decider
from tests.web.late_requests.scene import asked, rules
from tests.web.planning.scene import NOW
from tests.web.two_families import CLOSED_DAY, OPEN_DAY, Town

pytestmark = [pytest.mark.django_db, pytest.mark.exigence("P23", "C15", "P66")]


@pytest.fixture
def owner(town: Town, client: Client) -> Client:
    client.force_login(town.owner)
    return client


def text_of(answer: Any) -> str:
    return str(answer.content.decode()).replace("\u00a0", " ").replace("\u202f", " ")


def cell(town: Town, day: Any = CLOSED_DAY) -> str:
    return str(town.code(day, unit=town.evening))


def form_of(town: Town, day: Any = CLOSED_DAY) -> str:
    return reverse("late_requests:ask", args=[cell(town, day)])


@pytest.mark.exigence("C2")
def test_the_refused_cell_leads_to_the_form_prefilled_then_to_the_request(town: Town, owner: Client) -> None:
    why = reverse("planning:why", args=[cell(town)])
    assert "Demander au service" not in text_of(owner.get(why))
    rules(town)

    assert form_of(town) in text_of(owner.get(why))
    page = text_of(owner.get(form_of(town)))
    assert "Demander au service d’annuler" in page
    assert f'value="{cell(town)}" ' in page
    assert "checked" in page
    assert "fermé depuis le" in page
    assert "N’écrivez rien de la santé" in page
    answer = owner.post(form_of(town), {"jour": [cell(town)], "motif": "Réunion déplacée"})

    found = LateRequest.objects.get()
    assert answer["Location"] == reverse("late_requests:detail", args=[found.key])
    page = text_of(owner.get(answer["Location"]))
    assert "Le service examine votre demande" in page
    assert "Réunion déplacée" in page
    assert "Suivre ma demande au service" in text_of(owner.get(why))
    planning = text_of(owner.get(f"/famille/planning/?du={CLOSED_DAY}"))
    assert "réservé, annulation demandée" in planning
    assert reverse("late_requests:detail", args=[found.key]) in planning
    procedure = Procedure.objects.get(kind="late_request")
    assert "Annulation demandée" in text_of(owner.get(reverse("procedures:index")))
    assert "Voir la demande" in text_of(owner.get(reverse("procedures:detail", args=[procedure.pk])))


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"jour": [], "motif": "Réunion déplacée"}, "Cochez au moins un jour."),
        ({"jour": ["1.2.2026-09-10"], "motif": "Réunion déplacée"}, "ne se demande plus"),
        ({"motif": " "}, "Écrivez pourquoi vous faites cette demande."),
        ({"motif": "x" * 501}, "500 caractères au plus"),
        ({"motif": "\x00"}, ""),
    ],
)
def test_what_was_typed_stays_when_something_is_wrong(
    town: Town, owner: Client, sent: dict[str, Any], expected: str
) -> None:
    rules(town)
    answer = owner.post(form_of(town), {"jour": [cell(town)]} | sent)

    page = text_of(answer)
    assert answer.status_code == 422
    assert expected in page
    if sent["motif"].startswith("R"):
        assert "Réunion déplacée" in page
    assert not LateRequest.objects.exists()


def test_a_day_that_is_not_asked_for_says_why(town: Town, owner: Client) -> None:
    rules(town)
    page = text_of(owner.get(form_of(town, OPEN_DAY)))
    assert "Ce jour ne se demande pas ici" in page
    assert "change encore sur le planning" in page
    LateRule.objects.update(for_deadline=False)
    assert "aucune demande de ce genre" in text_of(owner.get(form_of(town)))
    assert owner.post(form_of(town), {"jour": [cell(town)], "motif": "x"}).status_code == 422
    assert owner.get(reverse("late_requests:ask", args=["n-importe-quoi"])).status_code == 404


def test_a_second_family_finds_nothing(town: Town, client: Client) -> None:
    found = asked(town)
    client.force_login(town.stranger)
    for url in (form_of(town), reverse("late_requests:detail", args=[found.key])):
        assert client.get(url).status_code == 404
        assert client.post(url, {"suite": "retirer", "jour": [cell(town)], "motif": "x"}).status_code == 404
    found.refresh_from_db()
    assert found.state == RequestState.SENT


def test_without_the_right_to_book_one_reads_and_does_nothing(town: Town, owner: Client) -> None:
    found = asked(town)
    detail = reverse("late_requests:detail", args=[found.key])
    assert "Retirer cette demande" in text_of(owner.get(detail))
    FamilyMember.objects.filter(adult__user=town.owner).update(can_book=False)

    assert "Retirer cette demande" not in text_of(owner.get(detail))
    assert owner.post(detail, {"suite": "retirer"}).status_code == 403
    assert owner.get(reverse("late_requests:detail", args=[uuid4()])).status_code == 404


def test_a_question_of_the_service_is_answered_from_the_home_page(town: Town, owner: Client) -> None:
    found = asked(town)
    ask_request_again(request=found.pk, version=1, message="À quelle heure part-il ?", by=decider("direction"), at=NOW)
    detail = reverse("late_requests:detail", args=[found.key])

    assert detail in text_of(owner.get("/famille/"))
    assert "À quelle heure part-il ?" in text_of(owner.get(detail))
    refused = owner.post(detail, {"suite": "repondre", "texte": " "})
    assert refused.status_code == 422
    assert "Écrivez votre réponse." in text_of(refused)
    owner.post(detail, {"suite": "repondre", "texte": "À midi"})

    found.refresh_from_db()
    assert found.state == RequestState.SENT
    page = text_of(owner.get(detail))
    assert "À midi" in page
    assert 'name="texte"' not in page


def test_withdrawing_leaves_the_day_as_it_is(town: Town, owner: Client) -> None:
    found = asked(town)
    page = text_of(owner.post(reverse("late_requests:detail", args=[found.key]), {"suite": "retirer"}, follow=True))

    assert "Cette demande est retirée" in page
    assert Booking.objects.booked().filter(child=town.enrolled, unit=town.evening, day=CLOSED_DAY).exists()


@pytest.fixture(autouse=True)
def frozen() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield

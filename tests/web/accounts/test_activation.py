"""The pages behind the links: activation, the link again, the contact address's answer."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from portal.domain.accounts import tasks
from portal.domain.accounts.models import User
from portal.domain.families import tasks as family_tasks
from portal.domain.families.models import Adult, Family, Registration
from portal.domain.mails.models import OutgoingMail
from tests.domain.accounts.factories import PASSWORD, ActivationFactory, TermsVersionFactory, UserFactory
from tests.web.accounts.journeys import CONTACT, fill, known_family, links, page_without_token, send

ASK_URL = "/compte/activation/renvoyer/"
ELSEWHERE = "claire.pro@travail.example"
START = "2026-09-07 10:00 +00:00"

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(START, tick=False) as clock:
        yield clock


@pytest.fixture(autouse=True)
def family(clock: Any) -> Family:
    TermsVersionFactory.create(number=1)
    return known_family()


def asked(client: Client, **parent: str) -> str:
    """Fill the form to its end; the activation link of the last mail."""
    fill(client, terms=1, parent=parent)
    send(client)
    return links("activation")[-1]


@pytest.mark.exigence("A20", "A30")
def test_reading_the_link_changes_nothing(client: Client) -> None:
    link = asked(client)
    for _turn in range(3):
        assert "il ne manque que votre mot de passe" in client.get(link).content.decode()
        assert client.head(link).status_code == 200
    assert not User.objects.get(username="claire").is_active


@pytest.mark.exigence("A30", "L4")
def test_the_password_opens_the_account_and_signs_in_for_this_session_only(client: Client) -> None:
    link = asked(client)
    other = Client()
    response = other.post(link, {"password": PASSWORD}, follow=True)
    page = response.content.decode()
    assert "Votre compte est actif" in page
    assert "Bienvenue Claire" in page
    assert other.session.get_expire_at_browser_close()
    assert "Ce compte est déjà actif" in client.get(link).content.decode()


def test_a_wrong_password_opens_nothing_and_is_not_tried_for_ever(client: Client) -> None:
    link = asked(client)
    answers = [client.post(link, {"password": f"essai numéro {turn}"}).status_code for turn in range(12)]
    assert answers == [422] * 10 + [429] * 2
    assert client.post(link, {"password": PASSWORD}).status_code == 429
    assert not User.objects.get(username="claire").is_active


def test_no_password_is_said_so(client: Client) -> None:
    link = asked(client)
    assert "Indiquez le mot de passe choisi" in client.post(link, {}).content.decode()


@pytest.mark.exigence("A20", "A21")
def test_a_link_past_its_day_says_that_all_is_to_be_done_again_before_and_after_the_purge(
    client: Client, clock: Any
) -> None:
    link = asked(client)
    clock.shift(timedelta(hours=24))
    before = client.get(link)
    assert client.post(link, {"password": PASSWORD}).status_code == 410
    tasks.purge_unactivated()
    assert not User.objects.filter(username="claire").exists()
    after = client.get(link)
    for response in (before, after):
        page = response.content.decode()
        assert response.status_code == 410
        assert "Tout le formulaire est à refaire" in page
        assert "mardi 8\u00a0septembre 2026 à 12\u00a0h" in page
        assert "Vuillet" not in page
    assert page_without_token(before) == page_without_token(after)
    # The address and the name are free: the same form goes through again.
    again = asked(Client())
    assert "Votre compte est actif" in Client().post(again, {"password": PASSWORD}, follow=True).content.decode()


@pytest.mark.parametrize("token", ["inconnu", "6a9c1234", "%00", "é", "x" * 400])
def test_a_made_up_link_is_answered_in_words(client: Client, token: str) -> None:
    response = client.get(f"/compte/activation/{token}/")
    assert response.status_code == 410
    assert "Ce lien ne fonctionne pas" in response.content.decode()


@pytest.mark.exigence("A19", "A22")
def test_asking_for_the_link_again_has_one_answer_and_one_work_for_every_address(
    client: Client, django_assert_num_queries: Any, monkeypatch: Any
) -> None:
    sent: list[str] = []
    monkeypatch.setattr(
        family_tasks.resend_activation, "apply_async", lambda *, kwargs, retry: sent.append(kwargs["email"])
    )
    UserFactory.create(email="ouvert@famille.example")
    ActivationFactory.create(user__email="attente@famille.example")
    pages = set()
    for name in ("ouvert", "attente", "inconnu"):
        email, visitor = f"{name}@famille.example", Client()
        visitor.get(ASK_URL)
        response = visitor.post(ASK_URL, {"email": email}, follow=True)
        pages.add((response.status_code, page_without_token(response).replace(email, "")))
        assert sent[-1] == email
    assert len(pages) == 1


@pytest.mark.exigence("A19")
def test_the_link_is_sent_again_and_only_the_last_works(client: Client, clock: Any) -> None:
    first = asked(client)
    clock.shift(timedelta(hours=2))
    assert client.post(ASK_URL, {"email": CONTACT})["Location"] == "/compte/inscription/mail-envoye/"
    last = links("activation")[-1]
    assert last != first
    assert "Ce lien ne fonctionne pas" in client.get(first).content.decode()
    clock.shift(timedelta(hours=23))
    assert client.get(last).status_code == 200


def test_the_link_is_sent_again_when_the_queue_is_down(client: Client, monkeypatch: Any) -> None:
    def down(**_kwargs: Any) -> None:
        raise OSError("redis is away")

    asked(client)
    monkeypatch.setattr(family_tasks.resend_activation, "apply_async", down)
    client.post(ASK_URL, {"email": CONTACT})
    assert len(links("activation")) == 2


def test_the_link_is_not_asked_for_ever() -> None:
    for name in ("attente", "inconnu"):
        answers = [Client().post(ASK_URL, {"email": f"{name}@famille.example"}).status_code for _turn in range(4)]
        assert answers == [302, 302, 302, 429]


def test_an_address_that_is_none_is_said_so(client: Client) -> None:
    response = client.post(ASK_URL, {"email": "claire@"})
    assert response.status_code == 422
    assert "Indiquez une adresse mail complète" in response.content.decode()


@pytest.mark.exigence("A8")
def test_an_address_the_town_does_not_know_waits_for_the_contact_address(client: Client, family: Family) -> None:
    link = asked(client, email=ELSEWHERE)
    page = client.post(link, {"password": PASSWORD}, follow=True).content.decode()
    assert "Un dernier accord est attendu" in page
    assert "4127" not in page
    home = client.get("/famille/").content.decode()
    assert CONTACT in home
    assert "Hugo" not in home
    assert client.get("/famille/planning/").status_code == 403

    (request_link,) = links("rattachement")
    contact = Client()
    asking = contact.get(request_link).content.decode()
    assert "Claire Vuillet" in asking
    assert ELSEWHERE in asking
    assert not Adult.objects.filter(user__isnull=False).exists()
    assert "a maintenant accès" in contact.post(request_link, {"answer": "yes"}).content.decode()
    assert "4127" in client.get("/famille/").content.decode()
    assert contact.get(request_link).status_code == 410


def test_the_contact_address_may_refuse(client: Client) -> None:
    client.post(asked(client, email=ELSEWHERE), {"password": PASSWORD})
    (request_link,) = links("rattachement")
    assert "La demande est refusée" in Client().post(request_link, {"answer": "no"}).content.decode()
    assert not Registration.objects.exists()
    assert "n’est pas encore rattaché" in client.get("/famille/").content.decode()
    assert Client().post(request_link, {"answer": "yes"}).status_code == 410


def test_the_contact_address_is_asked_again_three_times_an_hour(client: Client) -> None:
    client.post(asked(client, email=ELSEWHERE), {"password": PASSWORD})
    for _turn in range(4):
        response = client.post("/compte/rattachement/renvoyer/", follow=True)
    assert "Trois mails sont déjà partis" in response.content.decode()
    assert len(links("rattachement")) == 4
    assert client.get("/compte/rattachement/renvoyer/").status_code in {405, 410}


def test_a_second_account_for_the_same_person_is_told_so(client: Client) -> None:
    first = asked(Client())
    second = asked(client, email=ELSEWHERE)
    Client().post(first, {"password": PASSWORD})
    page = client.post(second, {"password": PASSWORD}, follow=True).content.decode()
    assert "Votre dossier a déjà un compte à votre nom" in page
    assert OutgoingMail.objects.order_by("-pk")[0].recipient == CONTACT


@pytest.mark.parametrize("path", ["/compte/bienvenue/", "/compte/conditions/", "/compte/rattachement/renvoyer/"])
def test_pages_of_an_account_ask_for_it(client: Client, path: str) -> None:
    assert client.post(path)["Location"].startswith("/compte/connexion/")

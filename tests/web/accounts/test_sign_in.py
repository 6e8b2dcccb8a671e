"""Signing in and out: one answer to every mistake, with the same work; back to the page that was asked."""

from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
import time_machine
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.domain.accounts.models import User
from portal.domain.mails.models import OutgoingMail
from tests.domain.accounts.factories import PASSWORD, ActivationFactory, UserFactory
from tests.web.accounts.journeys import page_without_token

LOGIN_URL = "/compte/connexion/"
WRONG = "n’est pas le bon"

pytestmark = pytest.mark.django_db


@pytest.fixture
def claire() -> User:
    return UserFactory.create(username="claire", email="claire@famille.example")


def sign_in(client: Client, login: str = "claire", password: str = PASSWORD, **more: str) -> Any:
    return client.post(LOGIN_URL, {"login": login, "password": password, **more})


@pytest.fixture
def hashes() -> Iterator[list[int]]:
    """One item for each password that is hashed: what a sign-in costs."""
    done: list[int] = []
    real = MD5PasswordHasher.encode

    def encode(self: MD5PasswordHasher, password: str, salt: str) -> str:
        done.append(1)
        return real(self, password, salt)

    with patch.object(MD5PasswordHasher, "encode", encode):
        yield done


@pytest.mark.exigence("L1", "A26")
@pytest.mark.parametrize("login", ["claire", "CLAIRE", "claire@famille.example", " Claire@Famille.example "])
def test_one_enters_by_user_name_or_mail_address(client: Client, claire: User, login: str) -> None:
    response = sign_in(client, login)
    assert response["Location"] == "/famille/"
    assert client.session["_auth_user_id"] == str(claire.pk)


@pytest.mark.exigence("L4", "L11")
def test_the_session_ends_with_the_browser_unless_asked_otherwise(client: Client, claire: User) -> None:
    sign_in(client)
    assert client.session.get_expire_at_browser_close()
    assert not client.cookies["sessionid"]["max-age"]
    other = Client()
    sign_in(other, remember="on")
    assert not other.session.get_expire_at_browser_close()
    assert other.cookies["sessionid"]["max-age"]


@pytest.mark.exigence("L4")
def test_the_box_is_empty_at_first(client: Client) -> None:
    page = client.get(LOGIN_URL).content.decode()
    assert "Se rappeler de moi" in page
    assert "checked" not in page


def test_unknown_wrong_waiting_and_closed_get_the_same_answer_with_the_same_work(
    client: Client, claire: User, hashes: list[int]
) -> None:
    UserFactory.create(username="ferme", email="ferme@famille.example", is_active=False)
    ActivationFactory.create(user__username="attente", user__email="attente@famille.example")
    client.get(LOGIN_URL)
    pages, work = set(), set()
    for name in ("claire", "inconnu", "ferme", "attente"):
        for login in (name, f"{name}@famille.example"):
            hashes.clear()
            with CaptureQueriesContext(connection) as captured:
                response = sign_in(Client(), login, "ce n’est pas le bon")
            assert response.status_code == 200
            pages.add(page_without_token(response).replace(f'value="{login}"', ""))
            work.add((len(hashes), len(captured)))
    assert len(pages) == 1
    assert WRONG in pages.pop()
    # One hash; the account, and how the town lets people in.
    assert work == {(1, 2)}


def test_a_wrong_password_keeps_the_login_and_opens_the_help(client: Client, claire: User) -> None:
    page = sign_in(client, password="ce n’est pas le bon").content.decode()
    assert 'value="claire"' in page
    assert "ce n’est pas le bon" not in page
    assert "<title>Erreur\u00a0:" in page
    assert '<details class="more" open>' in page


@pytest.mark.parametrize(
    "answers", [{}, {"login": "\x00", "password": "x"}, {"login": "x" * 9999, "password": "y" * 9999}]
)
def test_nothing_and_too_much_are_answered_in_words(client: Client, answers: dict[str, str]) -> None:
    assert client.post(LOGIN_URL, answers).status_code == 200


@pytest.mark.exigence("A22")
def test_the_right_password_of_a_waiting_account_leads_to_its_link(client: Client) -> None:
    with time_machine.travel("2026-09-07 12:00 +00:00"):
        user = ActivationFactory.create(user__username="attente", user__email="attente@famille.example").user
        response = client.post(LOGIN_URL, {"login": "attente", "password": PASSWORD}, follow=True)
        page = response.content.decode()
        assert "Votre compte n’est pas encore activé" in page
        assert "attente@famille.example" in page
        response = client.post("/compte/activation/renvoyer/", {"email": "attente@famille.example"}, follow=True)
        assert "Un mail vous a été envoyé" in response.content.decode()
        assert OutgoingMail.objects.get().recipient == user.email


@pytest.mark.exigence("A22")
def test_the_right_password_of_a_lapsed_account_leads_to_the_form(client: Client) -> None:
    ActivationFactory.create(user__username="attente")
    with time_machine.travel("2026-09-08 10:00 +00:00"):
        response = client.post(LOGIN_URL, {"login": "attente", "password": PASSWORD}, follow=True)
    page = response.content.decode()
    assert "Le délai d’activation est passé" in page
    assert "/compte/inscription/" in page


def test_the_right_password_of_a_closed_account_says_who_can_open_it(client: Client) -> None:
    UserFactory.create(username="ferme", is_active=False)
    response = client.post(LOGIN_URL, {"login": "ferme", "password": PASSWORD}, follow=True)
    assert "Ce compte est fermé" in response.content.decode()


def test_the_page_of_waiting_accounts_shows_nothing_to_anybody_else(client: Client) -> None:
    ActivationFactory.create()
    assert client.get("/compte/compte-inactif/")["Location"] == LOGIN_URL


def test_five_wrong_passwords_slow_the_next_ones_whether_the_account_exists_or_not(claire: User) -> None:
    answers = set()
    for login in ("claire", "inconnu"):
        for _turn in range(5):
            assert WRONG in sign_in(Client(), login, "ce n’est pas le bon").content.decode()
        page = page_without_token(sign_in(Client(), login)).replace(f'value="{login}"', "")
        assert "Trop d’essais de suite" in page
        answers.add(page)
    assert len(answers) == 1


def test_wrong_passwords_wait_then_enter(client: Client, claire: User) -> None:
    with time_machine.travel("2026-09-07 12:00 +00:00", tick=False) as clock:
        for _turn in range(6):
            sign_in(Client(), password="ce n’est pas le bon")
        clock.shift(301)
        assert sign_in(client)["Location"] == "/famille/"


def test_twenty_five_wrong_passwords_a_day_close_the_door_until_tomorrow(client: Client, claire: User) -> None:
    with time_machine.travel("2026-09-07 08:00 +00:00", tick=False) as clock:
        for _turn in range(25):
            sign_in(Client(), password="ce n’est pas le bon")
            clock.shift(301)
        assert "Trop d’essais" in sign_in(Client()).content.decode()
        clock.shift(24 * 3600)
        assert sign_in(client)["Location"] == "/famille/"


@pytest.mark.parametrize("wanted", ["/famille/planning/?mois=2026-09", "/famille/demarches/"])
def test_one_comes_back_to_the_page_that_was_asked(client: Client, claire: User, wanted: str) -> None:
    asked = client.get(wanted)
    assert asked["Location"].startswith(LOGIN_URL)
    page = client.get(asked["Location"]).content.decode()
    assert "Connectez-vous pour ouvrir la page demandée" in page
    assert sign_in(client, next=wanted)["Location"] == wanted


@pytest.mark.parametrize("wanted", ["https://ailleurs.example/", "//ailleurs.example/", "javascript:alert(1)"])
def test_one_is_never_sent_elsewhere(client: Client, claire: User, wanted: str) -> None:
    assert sign_in(client, next=wanted)["Location"] == "/famille/"


@pytest.mark.exigence("L6")
def test_leaving_is_a_form_and_a_link_only_asks(client: Client, claire: User) -> None:
    client.force_login(claire)
    assert "Me déconnecter" in client.get("/compte/deconnexion/").content.decode()
    assert "_auth_user_id" in client.session
    assert client.post("/compte/deconnexion/")["Location"] == "/"
    assert "_auth_user_id" not in client.session


def test_an_agent_enters_by_the_same_door(client: Client) -> None:
    UserFactory.create(username="gestion", agent=True)
    assert sign_in(client, "gestion", next="/gestion/")["Location"] == "/gestion/"

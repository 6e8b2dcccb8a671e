"""A forgotten password: a link, never a password; one answer for every address."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from portal.domain.accounts.models import User
from portal.domain.mails.enums import MailKind
from portal.domain.mails.models import OutgoingMail
from tests.domain.accounts.factories import PASSWORD, ActivationFactory, UserFactory
from tests.web.accounts.journeys import links, page_without_token

RESET_URL = "/compte/mot-de-passe/"
NEW = "quatre marmottes au soleil"

pytestmark = pytest.mark.django_db


@pytest.fixture
def claire() -> User:
    return UserFactory.create(username="claire", email="claire@famille.example")


def ask(client: Client, email: str = "claire@famille.example") -> Any:
    return client.post(RESET_URL, {"email": email}, follow=True)


def follow(client: Client) -> str:
    """Open the last link; the address of the form behind it."""
    return str(client.get(links("mot-de-passe")[-1]).headers["Location"])


@pytest.mark.exigence("L2")
def test_every_address_gets_the_same_answer_and_a_mail(claire: User) -> None:
    ActivationFactory.create(user__email="attente@famille.example")
    UserFactory.create(email="ferme@famille.example", is_active=False)
    answers = set()
    for name in ("claire", "attente", "ferme", "inconnu"):
        response = ask(Client(), f"{name.upper()}@famille.example")
        answers.add((response.status_code, tuple(response.redirect_chain), page_without_token(response)))
    assert len(answers) == 1
    assert "Un mail vous a été envoyé" in answers.pop()[2]
    mails = {mail.recipient: mail for mail in OutgoingMail.objects.all()}
    assert mails["claire@famille.example"].kind == MailKind.PASSWORD_RESET
    for name in ("attente", "ferme", "inconnu"):
        assert mails[f"{name}@famille.example"].subject.startswith("Aucun compte à cette adresse")


@pytest.mark.exigence("L3")
def test_the_link_serves_once_and_the_change_is_announced(client: Client, claire: User) -> None:
    ask(client)
    mail = OutgoingMail.objects.get()
    assert PASSWORD not in mail.text + mail.html
    assert "claire" in mail.text
    form = follow(client)
    assert client.get(form).status_code == 200
    done = client.post(form, {"password1": NEW, "password2": NEW}, follow=True)
    assert "Votre mot de passe est changé" in done.content.decode()
    claire.refresh_from_db()
    assert claire.check_password(NEW)
    again = client.get(links("mot-de-passe")[0])
    assert "Ce lien ne fonctionne plus" in again.content.decode()


def test_the_link_is_on_the_portals_own_address(client: Client, claire: User, settings: Any) -> None:
    settings.PORTAL_BASE_URL = "https://portail.les-rousses.example"
    client.post(RESET_URL, {"email": "claire@famille.example"}, headers={"host": "localhost"})
    assert "https://portail.les-rousses.example/compte/mot-de-passe/" in OutgoingMail.objects.get().text


def test_a_changed_password_is_announced_to_the_accounts_address(client: Client, claire: User) -> None:
    ask(client)
    client.post(follow(client), {"password1": NEW, "password2": NEW})
    assert OutgoingMail.objects.order_by("-pk")[0].subject.startswith("Votre mot de passe a changé")


def test_a_link_lapses(client: Client, claire: User) -> None:
    with time_machine.travel("2026-09-07 12:00 +00:00", tick=False) as clock:
        ask(client)
        assert "jusqu’au mardi 8" in OutgoingMail.objects.get().text
        clock.shift(timedelta(hours=24, seconds=1))
        response = client.get(links("mot-de-passe")[0])
    assert "Ce lien ne fonctionne plus" in response.content.decode()


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        ("", "", "Choisissez un mot de passe."),
        ("court", "court", "trop court"),
        (NEW, "autre chose encore", "Les deux mots de passe ne sont pas les mêmes."),
        ("claire@famille.example", "claire@famille.example", "trop semblable"),
    ],
)
def test_a_weak_new_password_is_refused(client: Client, claire: User, first: str, second: str, message: str) -> None:
    ask(client)
    response = client.post(follow(client), {"password1": first, "password2": second})
    assert message in response.content.decode()
    claire.refresh_from_db()
    assert claire.check_password(PASSWORD)


@pytest.mark.parametrize("email", ["", "claire", "claire@"])
def test_an_address_that_is_none_is_said_so(client: Client, email: str) -> None:
    assert "Indiquez une adresse mail complète" in ask(client, email).content.decode()


@pytest.mark.parametrize("link", ["1-x", "zzzzzzzzzzzzz-abc", "0-set-password", "1-set-password"])
def test_a_made_up_link_opens_nothing(client: Client, claire: User, link: str) -> None:
    response = client.get(f"{RESET_URL}{link}/")
    assert "Ce lien ne fonctionne plus" in response.content.decode()


def test_a_mailbox_is_not_flooded(claire: User) -> None:
    answers = {}
    for name in ("claire", "inconnu"):
        cache.clear()
        answers[name] = [ask(Client(), f"{name}@famille.example").status_code for _turn in range(7)]
    assert answers["claire"] == answers["inconnu"] == [200] * 5 + [429] * 2
    page = ask(Client(), "inconnu@famille.example").content.decode()
    assert "Trop d’essais de suite" in page


@pytest.mark.parametrize("login", ["claire", "claire@famille.example"])
def test_a_new_password_opens_a_door_closed_by_wrong_ones(client: Client, claire: User, login: str) -> None:
    for _turn in range(6):
        Client().post("/compte/connexion/", {"login": login, "password": "ce n’est pas le bon"})
    ask(client)
    client.post(follow(client), {"password1": NEW, "password2": NEW})
    response = client.post("/compte/connexion/", {"login": login, "password": NEW})
    assert response["Location"] == "/famille/"

"""Invitations in the browser: two windows, a foreign link, a session that is somebody else's."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from portal.domain.accounts.models import EntrySettings, TermsVersion, User
from portal.domain.joining.invitations import invite_adult
from portal.domain.joining.models import Invitation
from portal.domain.mails.models import OutgoingMail
from tests.domain.accounts.factories import PASSWORD, TermsVersionFactory, UserFactory
from tests.domain.families.factories import MemberFactory
from tests.domain.joining.factories import MARC, NOON, dossier, last_link

pytestmark = pytest.mark.django_db

INVITE_URL = "/compte/inviter/"
INVITE = {
    "first_name": "Ana",
    "last_name": "Roy",
    "email": "ana@famille.example",
    "rights": ["edit", "book"],
}


@pytest.fixture(autouse=True)
def noon() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def url() -> str:
    family, marc, owner = dossier()
    TermsVersionFactory.create(number=3)
    invite_adult(adult=marc, family=family, by=owner, at=NOON)
    return f"/compte/invitation/{last_link()}/"


ANSWERS = {"username": "", "password1": PASSWORD, "password2": PASSWORD, "accepted": "on", "version": "3"}


@pytest.mark.exigence("A16", "A25", "A26")
def test_the_link_opens_the_space_with_ones_own_password(client: Client, url: str) -> None:
    page = client.get(url).content.decode()
    assert "Votre espace vous attend" in page
    assert MARC in page

    assert client.post(url, ANSWERS).url == "/compte/bienvenue/"
    assert "4127" in client.get("/compte/bienvenue/").content.decode()
    assert client.get("/famille/").status_code == 200

    later = Client()
    assert later.post("/compte/connexion/", {"login": MARC, "password": PASSWORD}).status_code == 302


def test_without_the_terms_or_with_a_weak_password_nothing_opens(client: Client, url: str) -> None:
    for changes in ({"accepted": ""}, {"password1": "motdepasse", "password2": "motdepasse"}, {"password2": "autre"}):
        answer = client.post(url, ANSWERS | changes)
        assert answer.status_code == 422
    assert client.post(url, {**ANSWERS, "version": "2"}).status_code == 422
    assert not User.objects.filter(email=MARC).exists()


def test_two_windows_make_one_account_and_the_second_is_told_so(client: Client, url: str) -> None:
    other = Client()
    other.get(url)
    client.post(url, ANSWERS)

    answer = other.post(url, ANSWERS)
    assert answer.status_code == 410
    assert "déjà servi" in answer.content.decode()
    assert User.objects.filter(email=MARC).count() == 1
    assert "_auth_user_id" not in other.session


def test_an_expired_or_foreign_link_says_so_without_naming_anybody(
    client: Client, url: str, noon: time_machine.Traveller
) -> None:
    for address in ("/compte/invitation/6a9c1234.autre/", "/compte/invitation/nimporte/"):
        answer = client.get(address)
        assert answer.status_code == 410
        assert MARC not in answer.content.decode()
    noon.shift(timedelta(hours=97))
    answer = client.get(url)
    assert answer.status_code == 410
    assert "expiré" in answer.content.decode()
    assert MARC not in answer.content.decode()


def test_guessing_links_is_slowed_down(client: Client) -> None:
    answers = [client.get(f"/compte/invitation/jeton{number}/").status_code for number in range(61)]
    assert answers[:60] == [410] * 60
    assert answers[60] == 429


def test_somebody_elses_session_does_not_enter_by_the_link(client: Client, url: str) -> None:
    stranger = UserFactory.create()
    client.force_login(stranger)

    assert "pour une autre personne" in client.get(url).content.decode()
    client.post(url, ANSWERS)

    assert Invitation.objects.get().accepted_at is None
    assert not User.objects.filter(email=MARC).exists()


def test_an_account_with_that_address_signs_in_first_then_joins(client: Client, url: str) -> None:
    theirs = UserFactory.create(email=MARC)
    page = client.get(url).content.decode()
    assert "déjà un compte" in page
    assert client.post(url, ANSWERS).status_code == 200
    assert Invitation.objects.get().accepted_at is None

    client.force_login(theirs)
    assert "Rejoindre" in client.get(url).content.decode()
    assert client.post(url).url == "/compte/bienvenue/"
    assert Invitation.objects.get().accepted_by == theirs


def test_a_parent_invites_resends_and_cancels(client: Client) -> None:
    _family, _marc, owner = dossier()
    client.force_login(owner)

    assert client.post(INVITE_URL, INVITE).url == INVITE_URL
    invitation = Invitation.objects.get()
    assert (invitation.can_edit, invitation.can_book, invitation.can_pay, invitation.is_notified) == (
        True,
        True,
        False,
        False,
    )
    assert "ana@famille.example" in client.get(INVITE_URL).content.decode()
    client.post(f"{INVITE_URL}{invitation.pk}/renvoyer/")
    assert OutgoingMail.objects.filter(recipient="ana@famille.example").count() == 2
    client.post(f"{INVITE_URL}{invitation.pk}/annuler/")
    assert not Invitation.objects.open().exists()


def test_inviting_says_the_same_whether_the_address_has_an_account_or_not(client: Client) -> None:
    _family, _marc, owner = dossier()
    UserFactory.create(email="connue@famille.example")
    client.force_login(owner)

    pages = []
    for email in ("connue@famille.example", "inconnue@famille.example"):
        answer = client.post(INVITE_URL, INVITE | {"email": email}, follow=True)
        pages.append(answer.content.decode().count("est partie à"))
    assert pages == [1, 1]
    texts = [mail.text.replace(mail.recipient, "") for mail in OutgoingMail.objects.order_by("pk")]
    assert texts[0].partition("http")[0] == texts[1].partition("http")[0]


def test_another_family_reaches_no_invitation(client: Client) -> None:
    family, marc, owner = dossier()
    invitation = invite_adult(adult=marc, family=family, by=owner, at=NOON)
    other = dossier_of_somebody_else()
    client.force_login(other)

    for verb in ("renvoyer", "annuler"):
        assert client.post(f"{INVITE_URL}{invitation.pk}/{verb}/").status_code == 404
    assert Invitation.objects.get().cancelled_at is None


def test_ten_invitations_a_day_are_enough(client: Client) -> None:
    _family, _marc, owner = dossier()
    client.force_login(owner)
    for number in range(10):
        assert client.post(INVITE_URL, INVITE | {"email": f"a{number}@famille.example"}).status_code == 302
    assert client.post(INVITE_URL, INVITE).status_code == 429


@pytest.mark.exigence("A5")
def test_where_accounts_are_opened_by_the_service_the_pages_say_what_to_do(client: Client) -> None:
    EntrySettings.objects.create(pk=1, self_creation="closed", first_contact=False)

    page = client.get("/compte/inscription/").content.decode()
    assert "ouverts par le service" in page
    assert "premiere-demande" not in page
    for step in ("dossier", "conditions", "verification"):
        assert "ouverts par le service" in client.get(f"/compte/inscription/{step}/").content.decode()
    assert "se fait au service" in client.get("/compte/premiere-demande/").content.decode()
    login = client.get("/compte/connexion/").content.decode()
    assert "/compte/inscription/" not in login.partition("<main")[2].partition("</main")[0]
    assert TermsVersion.objects.count() == 0


def dossier_of_somebody_else() -> User:
    user = UserFactory.create(username="voisin")
    MemberFactory.create(family__number="5000", adult__user=user)
    return user

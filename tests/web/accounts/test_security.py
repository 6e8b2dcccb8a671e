"""My account: password, address, devices, second step, one host."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.test import Client

from portal.domain.accounts.models import EmailChange, SignInSession, User
from portal.domain.families.models import Family
from portal.domain.mails.models import OutgoingMail
from portal.domain.notices.enums import NoticeKind
from portal.domain.notices.models import Notice
from portal.web.accounts.devices import device_words
from tests.domain.accounts.factories import PASSWORD, UserFactory
from tests.domain.joining.factories import NOON, dossier, last_link

pytestmark = pytest.mark.django_db

NEW_PASSWORD = "douze marmottes au soleil"
LOGIN_URL, EMAIL_URL = "/compte/connexion/", "/compte/adresse-mail/"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0"


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def user() -> User:
    return dossier()[2]


def sign_in(client: Client, user: User, **more: str) -> Any:
    return client.post(LOGIN_URL, {"login": user.email, "password": PASSWORD, **more}, headers={"user-agent": FIREFOX})


@pytest.mark.exigence("L5", "L12")
def test_the_account_shows_its_identifiers_and_prints_them_without_password(client: Client, user: User) -> None:
    client.force_login(user)
    for url in ("/compte/", "/compte/fiche/"):
        page = client.get(url).content.decode()
        for words in (user.username, user.email, "4127"):
            assert words in page
    assert "password" not in client.get("/compte/fiche/").content.decode().partition("<main")[2]


def test_a_password_changes_with_the_present_one_and_signs_the_others_out(client: Client, user: User) -> None:
    other = Client()
    sign_in(other, user)
    sign_in(client, user)
    url, answers = "/compte/mot-de-passe-actuel/", {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}

    assert client.post(url, {"oldpassword": "autre chose", **answers}).status_code == 422
    assert client.post(url, {"oldpassword": PASSWORD, "password1": "court", "password2": "court"}).status_code == 422
    assert client.post(url, {"oldpassword": PASSWORD, **answers}).url == "/compte/"

    assert client.get("/compte/").status_code == 200
    assert other.get("/compte/").status_code == 302
    assert SignInSession.objects.get().session_key == client.session.session_key
    assert Notice.objects.get(user=user).kind == NoticeKind.SECURITY
    user.refresh_from_db()
    assert user.check_password(NEW_PASSWORD)


@pytest.mark.exigence("D35")
def test_an_address_changes_once_the_new_mailbox_answers(client: Client, user: User) -> None:
    client.force_login(user)
    client.post(EMAIL_URL, {"email": "claire@ailleurs.example", "password": PASSWORD})
    user.refresh_from_db()
    assert user.email == "claire@famille.example"
    assert {mail.recipient for mail in OutgoingMail.objects.all()} == {user.email, "claire@ailleurs.example"}

    url = f"{EMAIL_URL}confirmer/{last_link('adresse-mail/confirmer')}/"
    visitor = Client()
    assert visitor.get(url).status_code == 200
    user.refresh_from_db()
    assert user.email == "claire@famille.example"
    visitor.post(url)
    user.refresh_from_db()
    assert user.email == user.adult.email == "claire@ailleurs.example"
    assert Family.objects.get().contact_email == "claire@ailleurs.example"
    assert visitor.post(url).status_code == 410


def test_the_former_mailbox_takes_its_address_back_and_closes_every_door(client: Client, user: User) -> None:
    client.force_login(user)
    client.post(EMAIL_URL, {"email": "voleur@ailleurs.example", "password": PASSWORD})
    Client().post(f"{EMAIL_URL}confirmer/{last_link('adresse-mail/confirmer')}/")
    cancel = f"{EMAIL_URL}annuler/{last_link('adresse-mail/annuler')}/"

    assert Client().get(cancel).status_code == 200
    Client().post(cancel)

    user.refresh_from_db()
    assert user.email == user.adult.email == "claire@famille.example"
    assert not user.has_usable_password()
    assert client.get("/compte/").status_code == 302
    assert Client().post(cancel).status_code == 410


def test_a_change_lapses_and_its_cancellation_too(client: Client, user: User, clock: time_machine.Traveller) -> None:
    client.force_login(user)
    client.post(EMAIL_URL, {"email": "claire@ailleurs.example", "password": PASSWORD})
    confirm, cancel = last_link("adresse-mail/confirmer"), last_link("adresse-mail/annuler")
    clock.shift(timedelta(hours=24))
    assert Client().post(f"{EMAIL_URL}confirmer/{confirm}/").status_code == 410
    clock.shift(timedelta(hours=48))
    assert Client().post(f"{EMAIL_URL}annuler/{cancel}/").status_code == 410


def test_asking_for_an_address_that_has_an_account_looks_the_same(client: Client, user: User) -> None:
    UserFactory.create(email="prise@famille.example")
    client.force_login(user)
    pages = []
    for email in ("prise@famille.example", "libre@famille.example"):
        answer = client.post(EMAIL_URL, {"email": email, "password": PASSWORD}, follow=True)
        pages.append(re.sub(r'csrf\w*" value="[^"]+|X-CSRFToken[^}]+', "", answer.content.decode()).replace(email, ""))
    assert pages[0] == pages[1]
    confirmations = OutgoingMail.objects.filter(text__contains="adresse-mail/confirmer")
    assert [mail.recipient for mail in confirmations] == ["libre@famille.example"]


def test_a_change_of_address_asks_for_the_password_and_the_form_of_this_site(user: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    assert client.post(EMAIL_URL, {"email": "a@b.example", "password": PASSWORD}).status_code == 403
    client = Client()
    client.force_login(user)
    assert client.post(EMAIL_URL, {"email": "a@b.example", "password": "autre"}).status_code == 422
    assert not EmailChange.objects.exists()


def test_devices_are_named_and_closed_one_by_one_or_all(client: Client, user: User) -> None:
    other, third = Client(), Client()
    for each in (other, third, client):
        sign_in(each, user)
    page = client.get("/compte/appareils/").content.decode()
    assert page.count("Firefox, Windows</h2>") == 3

    device = SignInSession.objects.get(session_key=other.session.session_key)
    client.post(f"/compte/appareils/{device.pk}/fermer/")
    assert other.get("/compte/").status_code == 302
    assert third.get("/compte/").status_code == 200
    client.post("/compte/appareils/fermer-les-autres/")
    assert third.get("/compte/").status_code == 302
    assert client.get("/compte/").status_code == 200


def test_somebody_elses_device_does_not_exist(client: Client, user: User) -> None:
    sign_in(Client(), user)
    client.force_login(UserFactory.create())
    device = SignInSession.objects.get(user=user)
    assert client.post(f"/compte/appareils/{device.pk}/fermer/").status_code == 404


@pytest.mark.exigence("L4", "L11")
def test_a_shared_computer_signs_out_after_twenty_quiet_minutes(
    client: Client, user: User, clock: time_machine.Traveller
) -> None:
    assert "checked" not in client.get(LOGIN_URL).content.decode().partition("<main")[2].partition("</form>")[0]
    sign_in(client, user, shared="on", remember="on")
    assert client.session.get_expire_at_browser_close()
    clock.shift(timedelta(minutes=19))
    assert client.get("/compte/").status_code == 200
    clock.shift(timedelta(minutes=19))
    assert client.get("/compte/").status_code == 200
    clock.shift(timedelta(minutes=21))
    assert client.get("/compte/").url.startswith(LOGIN_URL)
    assert not SignInSession.objects.exists()


def test_another_computer_stays_open(client: Client, user: User, clock: time_machine.Traveller) -> None:
    sign_in(client, user)
    clock.shift(timedelta(hours=2))
    assert client.get("/compte/").status_code == 200
    assert SignInSession.objects.get().seen_at == NOON + timedelta(hours=2)


def code_of(secret: str) -> str:
    counter = next(iter(yield_hotp_counters_from_time()))
    return format_hotp_value(hotp_value(secret, counter))


def activate(client: Client, user: User) -> str:
    """Sign in, prove it again, set an application up; its secret."""
    sign_in(client, user)
    client.post("/compte/confirmer/?next=/compte/deux-etapes/application/", {"password": PASSWORD})
    page = client.get("/compte/deux-etapes/application/").content.decode()
    secret = re.findall(r'<code class="secret">([A-Z2-7]+)</code>', page)[0]
    answer = client.post("/compte/deux-etapes/application/", {"code": code_of(secret)})
    assert answer.url == "/compte/deux-etapes/codes/"
    return secret


@pytest.mark.exigence("B22")
def test_a_second_step_is_set_up_told_and_asked_and_no_code_serves_twice(
    client: Client, user: User, clock: time_machine.Traveller, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        secret = activate(client, user)
    assert Notice.objects.filter(user=user, kind=NoticeKind.SECURITY, title__contains="application").exists()
    assert secret not in str(Authenticator.objects.filter(user=user).values_list("data", flat=True))
    codes = re.findall(r'<code class="secret">(\d+)</code>', client.get("/compte/deux-etapes/codes/").content.decode())
    assert len(codes) == 10
    assert codes[0] not in client.get("/compte/deux-etapes/codes/").content.decode()

    clock.shift(timedelta(minutes=5))
    one, two, three = Client(), Client(), Client()
    for each in (one, two, three):
        assert sign_in(each, user).url == "/compte/deux-etapes/code/"
        assert each.get("/famille/").status_code == 302
    code = code_of(secret)
    assert one.post("/compte/deux-etapes/code/", {"code": f"{code[:3]} {code[3:]}"}).status_code == 302
    assert one.get("/compte/").status_code == 200
    two.post("/compte/deux-etapes/code/", {"code": code})
    assert two.get("/compte/").status_code == 302
    two.post("/compte/deux-etapes/code/", {"code": codes[0]})
    assert two.get("/compte/").status_code == 200
    three.post("/compte/deux-etapes/code/", {"code": codes[0]})
    assert three.get("/compte/").status_code == 302


def test_nothing_of_security_changes_without_a_recent_proof(client: Client, user: User) -> None:
    sign_in(client, user)
    for path in ("application/", "codes/nouveaux/", "cles/ajouter/"):
        assert client.get(f"/compte/deux-etapes/{path}").url.startswith("/compte/confirmer/")
    assert client.post("/compte/confirmer/", {"password": "autre"}).status_code == 200
    assert client.get("/compte/deux-etapes/application/").status_code == 302


def test_an_agent_without_second_step_reaches_only_its_set_up(client: Client, settings: Any) -> None:
    settings.AGENTS_NEED_SECOND_FACTOR = True
    agent = UserFactory.create(agent=True, is_superuser=True)
    sign_in(client, agent)
    for url in ("/gestion/", "/famille/", "/compte/", "/compte/adresse-mail/"):
        assert client.get(url).url == "/compte/deux-etapes/"
    assert "Obligatoire" in client.get("/compte/deux-etapes/").content.decode()
    activate(client, agent)
    assert client.get("/gestion/").status_code == 200
    assert client.post("/compte/deux-etapes/application/retirer/").status_code == 200
    assert Authenticator.objects.filter(user=agent, type=Authenticator.Type.TOTP).exists()


def test_a_family_is_never_required_to(client: Client, user: User, settings: Any) -> None:
    settings.AGENTS_NEED_SECOND_FACTOR = True
    sign_in(client, user)
    assert client.get("/famille/").status_code == 200


@pytest.mark.exigence("A1")
def test_every_other_host_leads_to_the_one_address(client: Client, settings: Any) -> None:
    settings.CANONICAL_HOST, settings.PORTAL_BASE_URL = True, "https://famille.mairie.example"
    settings.ALLOWED_HOSTS = ["famille.mairie.example", "ancien.mairie.example"]
    answer = client.get("/compte/connexion/?next=/famille/", headers={"host": "ancien.mairie.example"})
    assert (answer.status_code, answer.url) == (301, "https://famille.mairie.example/compte/connexion/?next=/famille/")
    assert client.post("/compte/connexion/", headers={"host": "ancien.mairie.example"}).status_code == 308
    assert client.get("/compte/connexion/", headers={"host": "famille.mairie.example"}).status_code == 200
    assert client.get("/sante/live/", headers={"host": "ancien.mairie.example"}).status_code == 200
    assert client.get("/", headers={"host": "ailleurs.example"}).status_code == 400


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (FIREFOX, "Firefox, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/130.0 Mobile Safari/537.36", "Chrome, Android"),
        ("", "Navigateur inconnu"),
    ],
)
def test_a_device_is_said_in_words(said: str, words: str) -> None:
    assert device_words(said) == words

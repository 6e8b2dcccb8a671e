"""In and out by FranceConnect, and everything that must not open the door."""

import logging
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount, SocialToken

from portal.domain.accounts.models import User
from portal.domain.notices.models import Notice
from portal.web.franceconnect.linking import LinkRefused, link_account, unlink_account
from tests.domain.accounts.factories import UserFactory
from tests.fakes.franceconnect import PERSON, FakeFranceConnect
from tests.web.franceconnect.conftest import PASSWORD, ROOT, Browser, make_parent
from tests.web.planning.scene import NOW

pytestmark = pytest.mark.django_db


def linked(user: User, uid: str = str(PERSON["sub"])) -> User:
    SocialAccount.objects.create(user=user, provider="franceconnect", uid=uid)
    return user


def text_of(answer: Any) -> str:
    return str(answer.content.decode()).replace("\u00a0", " ").replace("\u202f", " ")


def test_without_a_client_there_is_no_door(client: Any) -> None:
    assert client.post(f"{ROOT}connexion/").status_code == 404
    assert client.get(f"{ROOT}retour/").status_code == 404
    assert "FranceConnect" not in client.get("/compte/connexion/").content.decode()


def test_the_sign_in_page_offers_it(fc: FakeFranceConnect, client: Any) -> None:
    page = text_of(client.get("/compte/connexion/?next=/famille/planning/"))

    assert "S’identifier avec FranceConnect" in page
    assert "Qu’est-ce que FranceConnect ?" in page


@pytest.mark.exigence("B21")
def test_somebody_linked_comes_in_and_finds_the_page_they_wanted(fc: FakeFranceConnect, user: User) -> None:
    linked(user)
    browser = Browser()

    answer = browser.travel({"next": "/famille/planning/"})

    assert (answer.status_code, answer["Location"]) == (302, "/famille/planning/")
    assert browser.signed_in == str(user.pk)
    asked = fc.asked[-1]
    assert asked["acr_values"] == "eidas1"
    assert asked["redirect_uri"] == f"http://testserver{ROOT}retour/"
    assert "email" not in asked["scope"]


def test_nothing_of_the_person_is_kept(fc: FakeFranceConnect, user: User) -> None:
    linked(user)
    Browser().travel()

    assert SocialAccount.objects.get().extra_data == {}
    assert not SocialToken.objects.exists()


def test_parameters_of_the_address_change_nothing(fc: FakeFranceConnect, user: User) -> None:
    browser = Browser()
    browser.depart(f"{ROOT}connexion/?scope=email&auth_params=acr_values=eidas0&process=connect")

    assert fc.asked[-1]["acr_values"] == "eidas1"
    assert "email" not in fc.asked[-1]["scope"]


def test_a_page_elsewhere_is_not_where_one_lands(fc: FakeFranceConnect, user: User) -> None:
    linked(user)
    for elsewhere in ("https://ailleurs.example/", "//ailleurs.example/", "javascript:alert(1)"):
        assert Browser().travel({"next": elsewhere})["Location"] == "/famille/"


@pytest.mark.exigence("B21")
@pytest.mark.parametrize(
    "lie",
    [
        "nonce", "acr", "sub", "iss", "aud", "old", "signature", "none", "hmac", "kid", "plain",
        "userinfo-signature", "userinfo-iss", "userinfo-aud", "userinfo-none", "userinfo-hmac", "userinfo-old",
        "expired",
    ],
)  # fmt: skip
def test_an_answer_that_lies_opens_nothing(
    fc: FakeFranceConnect, user: User, lie: str, caplog: pytest.LogCaptureFixture
) -> None:
    linked(user)
    browser = Browser()
    address = browser.depart(form={"next": "/famille/planning/"})
    fc.wrong = lie

    with caplog.at_level(logging.DEBUG):
        answer = browser.come_back(address)

    assert answer.status_code == 400
    assert "n’a pas abouti" in text_of(answer)
    assert "/famille/planning/" in text_of(answer)
    assert browser.signed_in == ""
    assert not [token for token in fc.tokens if token in caplog.text]


@pytest.mark.exigence("B21")
def test_a_state_serves_once_and_only_in_its_session(fc: FakeFranceConnect, user: User) -> None:
    linked(user)
    browser = Browser()
    address = browser.depart()

    stolen = Browser().come_back(address)
    assert stolen.status_code == 400
    assert "n’est plus valable" in text_of(stolen)
    assert browser.come_back(address).status_code == 302
    browser.client.post("/compte/deconnexion/")
    assert browser.come_back(address).status_code == 400
    assert browser.signed_in == ""


def test_a_refusal_keeps_what_was_wanted(fc: FakeFranceConnect) -> None:
    fc.wrong = "refused"
    answer = Browser().travel({"next": "/famille/planning/"})

    assert answer.status_code == 200
    assert "Vous avez quitté FranceConnect" in text_of(answer)
    assert 'value="/famille/planning/"' in text_of(answer)


def test_a_franceconnect_that_is_down_is_a_page(fc: FakeFranceConnect, user: User) -> None:
    address = Browser().depart()
    fc.wrong = "down"
    browser = Browser()
    from django.core.cache import cache

    cache.clear()
    answer = browser.client.post(f"{ROOT}connexion/", {"next": "/famille/"})
    assert answer.status_code == 503
    assert "ne répond pas" in text_of(answer)
    assert browser.come_back(address).status_code == 400


def test_down_between_going_and_coming_back(fc: FakeFranceConnect, user: User) -> None:
    linked(user)
    browser = Browser()
    address = browser.depart()
    fc.wrong = "down"

    assert browser.come_back(address).status_code == 503
    assert browser.signed_in == ""


def test_an_agent_never_comes_this_way(fc: FakeFranceConnect) -> None:
    linked(UserFactory(username="gestion", agent=True))
    browser = Browser()

    answer = browser.travel()

    assert answer.status_code == 403
    assert "Les agents se connectent" in text_of(answer)
    assert browser.signed_in == ""


# -- the first time -----------------------------------------------------------------------


@pytest.mark.exigence("B21")
def test_the_same_mail_and_name_open_nothing(fc: FakeFranceConnect, user: User) -> None:
    fc.person["email"] = user.email
    browser = Browser()

    answer = browser.travel()

    assert answer["Location"] == f"{ROOT}premiere-fois/"
    assert browser.signed_in == ""
    assert not SocialAccount.objects.exists()
    assert User.objects.filter(username="claire").count() == User.objects.count()
    page = text_of(browser.client.get(answer["Location"]))
    assert "Claire Louise VUILLET" in page


@pytest.mark.exigence("B21")
def test_somebody_unknown_signs_in_once_and_is_linked(fc: FakeFranceConnect, user: User) -> None:
    browser = Browser()
    browser.travel({"next": "/famille/planning/"})
    browser.client.post("/compte/connexion/", {"login": "claire", "password": PASSWORD, "next": f"{ROOT}relier/"})
    assert browser.signed_in == str(user.pk)

    page = text_of(browser.client.get(f"{ROOT}relier/"))
    assert "Relier mon compte" in page
    assert "noms sont différents" not in page
    answer = browser.client.post(f"{ROOT}relier/", {"reponse": "oui"})

    assert answer["Location"] == "/famille/planning/"
    assert SocialAccount.objects.get().user == user
    assert Notice.objects.get().kind == "security"
    assert Browser().travel()["Location"] == "/famille/"
    again = browser.client.post(f"{ROOT}relier/", {"reponse": "oui"})
    assert again.status_code == 302
    assert SocialAccount.objects.count() == 1


def test_other_names_are_pointed_out(fc: FakeFranceConnect, user: User) -> None:
    fc.person |= {"given_name": "Odette", "family_name": "GIROD"}
    browser = Browser()
    browser.travel()
    browser.client.post("/compte/connexion/", {"login": "claire", "password": PASSWORD})

    assert "noms sont différents" in text_of(browser.client.get(f"{ROOT}relier/"))
    browser.client.post(f"{ROOT}relier/", {"reponse": "non"})
    assert not SocialAccount.objects.exists()


def test_an_older_session_is_not_a_proof(fc: FakeFranceConnect, user: User) -> None:
    browser = Browser()
    browser.client.force_login(user)
    session = browser.client.session
    from portal.web.franceconnect.arrivals import PENDING_KEY

    session[PENDING_KEY] = {
        "uid": "x",
        "first_name": "",
        "last_name": "",
        "next": "",
        "at": "2999-01-01T00:00:00+00:00",
    }
    session.save()
    browser.client.post(f"{ROOT}relier/", {"reponse": "oui"})

    assert not SocialAccount.objects.exists()


# -- from the account ---------------------------------------------------------------------


@pytest.mark.exigence("B21")
def test_a_parent_links_and_unlinks_with_their_password(fc: FakeFranceConnect, user: User) -> None:
    browser = Browser()
    browser.client.force_login(user)

    wrong = browser.client.post(ROOT, {"password": "pas le bon", "suite": "relier"})
    assert wrong.status_code == 422
    address = browser.depart(ROOT, {"password": PASSWORD, "suite": "relier"})
    assert browser.come_back(address)["Location"] == ROOT
    assert SocialAccount.objects.get().user == user

    browser.client.post(ROOT, {"password": PASSWORD, "suite": "delier"})
    assert not SocialAccount.objects.exists()
    assert Notice.objects.filter(kind="security").count() == 2


@pytest.mark.exigence("B21")
def test_one_identity_is_one_account(fc: FakeFranceConnect, user: User) -> None:
    linked(make_parent("autre"))
    browser = Browser()
    browser.client.force_login(user)
    address = browser.depart(ROOT, {"password": PASSWORD, "suite": "relier"})

    page = browser.client.get(browser.come_back(address)["Location"])

    assert "déjà reliée à un autre compte" in text_of(page)
    assert SocialAccount.objects.get().user != user
    with pytest.raises(LinkRefused):
        link_account(user=user, uid=str(PERSON["sub"]), by=user, at=NOW)


def test_without_a_password_one_stays_linked(user: User) -> None:
    linked(user).set_unusable_password()
    user.save()

    with pytest.raises(LinkRefused, match="mot de passe"):
        unlink_account(user=user, by=user, at=NOW)
    assert SocialAccount.objects.exists()


# -- leaving ------------------------------------------------------------------------------


@pytest.mark.exigence("B21")
def test_leaving_the_portal_leaves_franceconnect(fc: FakeFranceConnect, user: User) -> None:
    linked(user)
    browser = Browser()
    browser.travel()

    answer = browser.client.post("/compte/deconnexion/")

    assert browser.signed_in == ""
    parts = urlsplit(answer["Location"])
    query = dict(parse_qsl(parts.query))
    assert parts.path == "/api/v2/session/end"
    assert query["id_token_hint"].count(".") == 2
    assert query["post_logout_redirect_uri"] == f"http://testserver{ROOT}deconnexion/"
    assert len(query["state"]) >= 32
    back = browser.client.get(f"{ROOT}deconnexion/", {"state": query["state"]})
    assert back["Location"] == "/"


def test_who_came_by_password_leaves_alone(fc: FakeFranceConnect, user: User) -> None:
    browser = Browser()
    browser.client.force_login(user)

    assert browser.client.post("/compte/deconnexion/")["Location"] == "/"


def test_leaving_works_when_franceconnect_is_down(fc: FakeFranceConnect, user: User) -> None:
    linked(user)
    browser = Browser()
    browser.travel()
    from django.core.cache import cache

    cache.clear()
    fc.wrong = "down"

    assert browser.client.post("/compte/deconnexion/")["Location"] == "/"
    assert browser.signed_in == ""

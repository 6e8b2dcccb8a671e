"""The gate of the terms of use."""

from typing import Any

import pytest
from django.test import Client

from portal.domain.accounts.models import TermsAcceptance, TermsVersion, User
from tests.domain.accounts.factories import TermsVersionFactory
from tests.domain.families.factories import MemberFactory

TERMS_URL = "/compte/conditions/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def terms() -> TermsVersion:
    return TermsVersionFactory.create(number=1)


@pytest.fixture
def claire(client: Client, django_user_model: type[User]) -> User:
    user = django_user_model.objects.create(username="claire", email="claire@famille.example", first_name="Claire")
    MemberFactory.create(adult__user=user)
    client.force_login(user)
    return user


@pytest.mark.exigence("A15", "A16")
def test_the_terms_are_asked_before_the_page_and_the_page_comes_right_after(
    client: Client, claire: User, terms: TermsVersion
) -> None:
    wanted = "/famille/demarches/?etat=en-cours"
    asked = client.get(wanted)
    assert asked["Location"] == f"{TERMS_URL}?next=%2Ffamille%2Fdemarches%2F%3Fetat%3Den-cours"
    page = client.get(asked["Location"]).content.decode()
    assert terms.body in page
    response = client.post(TERMS_URL, {"accepted": "on", "version": "1", "next": wanted})
    assert response["Location"] == wanted
    acceptance = TermsAcceptance.objects.get()
    assert (acceptance.user, acceptance.version) == (claire, terms)
    assert client.get(wanted).status_code == 200


@pytest.mark.exigence("A15")
def test_a_new_version_is_asked_again(client: Client, claire: User, terms: TermsVersion) -> None:
    client.post(TERMS_URL, {"accepted": "on", "version": "1"})
    assert client.get("/famille/").status_code == 200
    TermsVersionFactory.create(number=2)
    assert client.get("/famille/")["Location"].startswith(TERMS_URL)


@pytest.mark.exigence("A16")
def test_without_the_box_nobody_enters(client: Client, claire: User, terms: TermsVersion) -> None:
    response = client.post(TERMS_URL, {"version": "1", "next": "/famille/"})
    assert response.status_code == 422
    assert "Cochez «\u00a0J’ai lu\u00a0» pour continuer." in response.content.decode()
    assert 'value="/famille/"' in response.content.decode()
    assert not TermsAcceptance.objects.exists()


def test_a_text_that_changed_meanwhile_is_shown_again(client: Client, claire: User, terms: TermsVersion) -> None:
    TermsVersionFactory.create(number=2)
    response = client.post(TERMS_URL, {"accepted": "on", "version": "1"})
    assert "viennent de changer" in response.content.decode()
    assert not TermsAcceptance.objects.exists()


def test_a_form_sent_before_the_gate_is_not_replayed(client: Client, claire: User, terms: TermsVersion) -> None:
    response = client.post("/famille/planning/cocher/", {"case": "x"})
    assert response["Location"] == f"{TERMS_URL}?next=%2Ffamille%2F"


def test_a_piece_of_page_sends_the_whole_window_to_the_terms(
    client: Client, claire: User, terms: TermsVersion
) -> None:
    response: Any = client.get("/famille/planning/", headers={"HX-Request": "true"})
    assert response["HX-Redirect"].startswith(TERMS_URL)


@pytest.mark.parametrize("wanted", ["https://ailleurs.example/", "//ailleurs.example", "javascript:alert(1)", ""])
def test_one_is_never_sent_elsewhere(client: Client, claire: User, terms: TermsVersion, wanted: str) -> None:
    response = client.post(TERMS_URL, {"accepted": "on", "version": "1", "next": wanted})
    assert response["Location"] == "/famille/"


def test_accepting_twice_changes_nothing(client: Client, claire: User, terms: TermsVersion) -> None:
    for _turn in range(2):
        client.post(TERMS_URL, {"accepted": "on", "version": "1"})
    assert TermsAcceptance.objects.count() == 1
    assert client.get(TERMS_URL)["Location"] == "/famille/"


def test_the_way_out_stays_open(client: Client, claire: User, terms: TermsVersion) -> None:
    assert "Me déconnecter sans accepter" in client.get(TERMS_URL).content.decode()
    assert client.post("/compte/deconnexion/").status_code == 302


def test_public_pages_have_no_gate(client: Client, claire: User, terms: TermsVersion) -> None:
    assert client.get("/compte/bienvenue/").status_code == 200


def test_a_town_without_terms_has_no_gate(client: Client, claire: User) -> None:
    assert client.get("/famille/").status_code == 200

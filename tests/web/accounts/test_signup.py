"""Creating an account in four steps."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse

from portal.domain.accounts.models import TermsAcceptance, TermsVersion, User
from portal.domain.families.models import Adult, Family
from portal.domain.mails.models import OutgoingMail
from tests.domain.accounts.factories import PASSWORD, TermsVersionFactory, UserFactory
from tests.web.accounts.journeys import (
    CHECK_URL,
    CONTACT,
    DOSSIER,
    DOSSIER_URL,
    PARENT,
    PARENT_URL,
    SENT_URL,
    TERMS_URL,
    fill,
    known_family,
    links,
    page_without_token,
    send,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def family() -> Family:
    return known_family()


@pytest.fixture(autouse=True)
def terms() -> TermsVersion:
    return TermsVersionFactory.create(number=3)


@pytest.mark.exigence("A6", "A7", "A8", "A10", "A13", "A14", "A17", "A18", "A19", "A30", "L13")
def test_the_whole_way_from_the_first_page_to_the_open_dossier(client: Client) -> None:
    fill(client, terms=3)
    check = client.get(CHECK_URL).content.decode()
    for shown in ("Claire Vuillet", CONTACT, "06 39 98 12 34", "4127", "version 3"):
        assert shown in check
    assert PASSWORD not in check
    response = send(client)
    assert response["Location"] == SENT_URL
    sent = client.get(SENT_URL).content.decode()
    assert "courriers indésirables (spam)" in sent
    assert "24\u00a0h" in sent
    assert User.objects.get(username="claire").is_active is False
    assert TermsAcceptance.objects.get().version.number == 3

    (link,) = links("activation")
    assert User.objects.get(username="claire").is_active is False
    assert client.get(link).status_code == 200
    response = client.post(link, {"password": PASSWORD}, follow=True)
    assert "Votre compte est actif" in response.content.decode()
    assert "4127" in response.content.decode()
    assert Adult.objects.get(user__username="claire").first_name == "Claire"
    assert client.get("/famille/").status_code == 200


@pytest.mark.parametrize("url", [DOSSIER_URL, TERMS_URL, CHECK_URL])
@pytest.mark.exigence("A11", "A13")
def test_no_step_is_skipped(client: Client, url: str) -> None:
    assert client.get(url)["Location"] == PARENT_URL
    assert client.post(url, DOSSIER)["Location"] == PARENT_URL


@pytest.mark.exigence("A13")
def test_going_back_keeps_what_was_answered_and_never_shows_the_password(client: Client) -> None:
    fill(client, terms=3)
    parent = client.get(PARENT_URL).content.decode()
    assert 'value="Claire"' in parent
    assert PASSWORD not in parent
    assert "laissez vide pour le garder" in parent
    dossier = client.get(DOSSIER_URL).content.decode()
    assert 'value="4127"' in dossier
    assert "checked" in client.get(TERMS_URL).content.decode()
    # A correction is one page: the next one is the last look, with the password still there.
    answers = PARENT | {"first_name": "Clara", "password1": "", "password2": ""}
    assert client.post(PARENT_URL, answers)["Location"] == CHECK_URL
    assert "Clara Vuillet" in client.get(CHECK_URL).content.decode()
    send(client)
    assert User.objects.get(first_name="Clara").check_password(PASSWORD)


def test_the_password_is_in_the_session_as_a_hash_only(client: Client) -> None:
    fill(client, terms=3)
    assert PASSWORD not in str(dict(client.session))
    send(client)
    assert "password" not in str(dict(client.session))


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("first_name", "", "Indiquez votre prénom."),
        ("last_name", " ", "Indiquez votre nom."),
        ("last_name", "www.gagnez.example/ici", "Écrivez ce nom avec des lettres"),
        ("email", "claire.vuillet@", "Indiquez une adresse mail complète, par exemple nom@exemple.fr."),
        ("email", "", "Indiquez une adresse mail complète, par exemple nom@exemple.fr."),
        ("phone", "12", "Indiquez un numéro à dix chiffres"),
        ("username", "claire@famille.example", "de 3 à 30 lettres sans accent"),
        ("password1", "", "Choisissez un mot de passe."),
        ("password2", "", "Écrivez le mot de passe une seconde fois."),
        ("password2", "autre chose encore", "Les deux mots de passe ne sont pas les mêmes."),
    ],
)
def test_a_wrong_answer_is_named_and_the_others_stay(client: Client, field: str, value: str, message: str) -> None:
    response = client.post(PARENT_URL, PARENT | {field: value})
    page = response.content.decode()
    assert response.status_code == 422
    assert page.count(message) == 2, "in the summary and beside the field"
    assert "<title>Erreur\u00a0:" in page
    assert PASSWORD not in page
    for name, answer in (PARENT | {field: value}).items():
        if not name.startswith("password") and name != field:
            assert f'value="{answer}"' in page


@pytest.mark.parametrize(
    ("password", "message"),
    [
        ("onze signes", "au minimum 12\u00a0caractères"),
        ("motdepasse123", ""),
        ("password1234", "trop courant"),
        ("claire.vuillet", "trop semblable"),
    ],
)
def test_a_weak_password_is_refused_with_its_reason(client: Client, password: str, message: str) -> None:
    answers = PARENT | {"password1": password, "password2": password, "username": "claire.vuillet"}
    response = client.post(PARENT_URL, answers)
    if message:
        assert response.status_code == 422
        assert message.replace("\u00a0", " ") in response.content.decode().replace("\u00a0", " ")


def test_a_good_password_is_not_asked_again_because_of_another_field(client: Client) -> None:
    page = client.post(PARENT_URL, PARENT | {"first_name": ""}).content.decode()
    assert "laissez vide pour le garder" in page
    assert client.post(PARENT_URL, PARENT | {"password1": "", "password2": ""})["Location"] == DOSSIER_URL


def test_nothing_and_too_much_are_answered_in_words(client: Client) -> None:
    for answers in ({}, dict.fromkeys(PARENT, "x" * 5000), dict.fromkeys(PARENT, "\x00")):
        assert client.post(PARENT_URL, answers).status_code == 422


@pytest.mark.exigence("A9", "A12")
def test_the_dossier_step_shows_where_the_number_is(client: Client) -> None:
    client.post(PARENT_URL, PARENT)
    page = client.get(DOSSIER_URL).content.decode()
    assert "Où le trouver" in page
    assert 'role="img" aria-label="En haut à droite de la facture' in page
    assert "Vuillet" not in page.partition("<main")[2]


@pytest.mark.parametrize("number", ["41", "abc", "1234567", ""])
@pytest.mark.exigence("A9")
def test_a_number_that_is_none_is_said_so(client: Client, number: str) -> None:
    client.post(PARENT_URL, PARENT)
    response = client.post(DOSSIER_URL, DOSSIER | {"number": number})
    assert response.status_code == 422
    expected = "Le numéro de dossier compte de 3 à 6 chiffres." if number else "Indiquez le numéro de dossier."
    assert expected in response.content.decode()


WRONG = [
    {"number": "4128"},
    {"number": "999"},
    {"name": "Durand"},
    {"contact_email": "autre@famille.example"},
    {"number": "5200", "name": "Vuillet", "contact_email": CONTACT},
    {"number": "999", "name": "Personne", "contact_email": "personne@famille.example"},
]


@pytest.mark.exigence("A8", "A10", "A11")
def test_wrong_facts_get_one_answer_whatever_is_wrong_with_the_same_work(client: Client) -> None:
    pages, queries = set(), set()
    client.get(PARENT_URL)  # what every page shows is read once, then kept in the cache
    for wrong in WRONG:
        visitor = Client()
        visitor.post(PARENT_URL, PARENT)
        with CaptureQueriesContext(connection) as captured:
            response = visitor.post(DOSSIER_URL, DOSSIER | wrong)
        assert response.status_code == 422
        page = page_without_token(response)
        for typed in {**DOSSIER, **wrong}.values():
            page = page.replace(f'value="{typed}"', "")
        pages.add(page)
        queries.add(len(captured))
        assert visitor.get(TERMS_URL)["Location"] == DOSSIER_URL
    assert len(pages) == 1
    assert len(queries) == 1
    assert "ne sont celles d’aucun dossier" in pages.pop()


@pytest.mark.exigence("A9", "A11")
def test_a_dossier_number_is_not_guessed(client: Client) -> None:
    client.post(PARENT_URL, PARENT)
    answers = [client.post(DOSSIER_URL, DOSSIER | {"name": f"Nom {chr(97 + turn)}"}).status_code for turn in range(12)]
    assert answers == [422] * 10 + [429] * 2
    # The right facts come too late, and the answer does not tell that they are right.
    late = client.post(DOSSIER_URL, DOSSIER)
    assert late.status_code == 429
    assert "Trop d’essais" in late.content.decode()
    assert "aucun dossier" not in late.content.decode()
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=1, seconds=1)):
        client.post(PARENT_URL, PARENT)
        assert client.post(DOSSIER_URL, DOSSIER)["Location"] == TERMS_URL


def test_one_visitor_does_not_try_every_number(client: Client) -> None:
    client.post(PARENT_URL, PARENT)
    answers = []
    for turn in range(32):
        wrong = {"number": str(1000 + turn), "contact_email": f"personne{turn}@famille.example"}
        answers.append(client.post(DOSSIER_URL, DOSSIER | wrong).status_code)
    assert answers == [422] * 30 + [429] * 2


def test_many_visitors_do_not_try_every_number_for_one_address() -> None:
    answers = []
    for turn in range(12):
        visitor = Client(REMOTE_ADDR=f"192.0.2.{turn + 1}")
        visitor.post(PARENT_URL, PARENT)
        answers.append(visitor.post(DOSSIER_URL, DOSSIER | {"number": str(1000 + turn)}).status_code)
    assert answers == [422] * 10 + [429] * 2


def test_right_facts_wear_no_limit_out() -> None:
    for _turn in range(15):
        visitor = Client()
        visitor.post(PARENT_URL, PARENT)
        assert visitor.post(DOSSIER_URL, DOSSIER)["Location"] == TERMS_URL


@pytest.mark.exigence("A14")
def test_the_terms_are_read_and_ticked(client: Client, terms: TermsVersion) -> None:
    client.post(PARENT_URL, PARENT)
    client.post(DOSSIER_URL, DOSSIER)
    assert terms.body in client.get(TERMS_URL).content.decode()
    response = client.post(TERMS_URL, {"version": "3"})
    assert response.status_code == 422
    assert "Cochez «\u00a0J’ai lu\u00a0» pour continuer." in response.content.decode()
    assert client.get(CHECK_URL)["Location"] == TERMS_URL


def test_terms_that_change_while_they_are_read_are_shown_again(client: Client) -> None:
    client.post(PARENT_URL, PARENT)
    client.post(DOSSIER_URL, DOSSIER)
    TermsVersionFactory.create(number=4)
    response = client.post(TERMS_URL, {"accepted": "on", "version": "3"})
    assert "viennent de changer" in response.content.decode()
    assert client.post(TERMS_URL, {"accepted": "on", "version": "4"})["Location"] == CHECK_URL


def test_terms_that_change_after_they_were_ticked_are_read_again(client: Client) -> None:
    fill(client, terms=3)
    TermsVersionFactory.create(number=4)
    response = send(client)
    assert response["Location"] == TERMS_URL
    assert "ont changé entre-temps" in client.get(TERMS_URL).content.decode()
    assert not OutgoingMail.objects.exists()
    client.post(TERMS_URL, {"accepted": "on", "version": "4"})
    assert send(client)["Location"] == SENT_URL


def test_a_town_without_terms_asks_for_none(client: Client) -> None:
    TermsVersion.objects.all().delete()
    client.post(PARENT_URL, PARENT)
    client.post(DOSSIER_URL, DOSSIER)
    assert client.get(TERMS_URL)["Location"] == CHECK_URL
    send(client)
    assert User.objects.filter(username="claire").exists()


def test_a_dossier_that_changed_since_is_asked_again(client: Client, family: Family) -> None:
    fill(client, terms=3)
    Family.objects.update(number="5000")
    assert send(client)["Location"] == DOSSIER_URL
    page = client.get(DOSSIER_URL).content.decode()
    assert "aucun dossier" in page


@pytest.mark.exigence("A17")
def test_sending_twice_and_reloading_do_nothing_more(client: Client) -> None:
    fill(client, terms=3)
    assert send(client)["Location"] == SENT_URL
    assert send(client)["Location"] == SENT_URL
    assert client.get(CHECK_URL)["Location"] == SENT_URL
    assert [client.get(SENT_URL).status_code for _ in range(2)] == [200, 200]
    assert OutgoingMail.objects.count() == 1


@pytest.mark.exigence("A8")
def test_the_end_is_the_same_for_a_new_address_a_taken_one_and_a_person_who_has_an_account() -> None:
    pages = set()
    for case in ("new", "taken", "person"):
        cache.clear()
        visitor = Client()
        if case == "taken":
            User.objects.filter(email=CONTACT).update(is_active=True)
        if case == "person":
            User.objects.filter(email=CONTACT).update(email="autre@famille.example")
            Adult.objects.update(user=User.objects.get(username="claire"))
        fill(visitor, terms=3)
        response = send(visitor)
        assert (response.status_code, response["Location"]) == (302, SENT_URL)
        pages.add(page_without_token(visitor.get(SENT_URL)))
    assert len(pages) == 1
    subjects = [mail.subject.partition(" – ")[0] for mail in OutgoingMail.objects.order_by("pk")]
    assert subjects == ["Activez votre compte", "Vous avez déjà un compte", "Vous avez déjà un compte"]


def test_a_taken_user_name_is_not_said(client: Client) -> None:
    UserFactory.create(username="claire", email="autre@famille.example")
    fill(client, terms=3)
    assert "pris" in client.get(CHECK_URL).content.decode()
    send(client)
    assert User.objects.filter(username="claire2").exists()
    assert "claire2" in OutgoingMail.objects.get().text


def test_a_mailbox_is_not_flooded() -> None:
    ends = []
    for _turn in range(7):
        visitor = Client()
        fill(visitor, terms=3)
        ends.append(send(visitor).status_code)
    # The account's address and the contact address are one here: each form counts twice for it.
    assert ends == [302, 302, 429, 429, 429, 429, 429]


def test_a_form_left_open_is_forgotten_after_an_hour(client: Client) -> None:
    with time_machine.travel("2026-09-07 10:00 +00:00", tick=False) as clock:
        client.post(PARENT_URL, PARENT)
        clock.shift(timedelta(minutes=59))
        assert client.get(DOSSIER_URL).status_code == 200
        clock.shift(timedelta(minutes=2))
        assert client.get(DOSSIER_URL)["Location"] == PARENT_URL
        assert "Claire" not in client.get(PARENT_URL).content.decode()


def test_somebody_signed_in_needs_no_account(client: Client) -> None:
    client.force_login(UserFactory.create())
    for url in (PARENT_URL, DOSSIER_URL, CHECK_URL):
        assert client.get(url)["Location"] == "/famille/"


def test_the_pages_of_the_form_are_kept_by_no_cache(client: Client) -> None:
    client.post(PARENT_URL, PARENT)
    for url in (PARENT_URL, DOSSIER_URL):
        assert "no-store" in client.get(url)["Cache-Control"]


@pytest.mark.parametrize(
    "name",
    [
        "account_email",
        "account_change_password",
        "account_set_password",
        "account_email_verification_sent",
        "account_confirm_email",
        "account_request_login_code",
        "account_confirm_login_code",
    ],
)
def test_what_is_not_used_of_allauth_has_no_address(client: Client, name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(name)


@pytest.mark.parametrize("path", ["/compte/signup/", "/compte/login/", "/compte/email/", "/compte/password/change/"])
def test_english_addresses_of_allauth_do_not_answer(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404

"""Which language answers: the visitor's choice, else their browser's, else French."""

from typing import Any

import pytest
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import translation

from portal.web.language.choice import language_of
from tests.domain.accounts.factories import UserFactory

pytestmark = pytest.mark.exigence("C18")

SIGN_IN = "/compte/connexion/"
BOTH = pytest.mark.parametrize("language", ["fr", "en"])


def request(path: str = SIGN_IN, *, cookie: str = "", accept: str = "") -> HttpRequest:
    made = RequestFactory(headers={"Accept-Language": accept} if accept else {}).get(path)
    if cookie:
        made.COOKIES["langue"] = cookie
    return made


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("", "fr"),
        ("*", "fr"),
        ("fr-FR,fr;q=0.9,en;q=0.8", "fr"),
        ("en-GB,en;q=0.9", "en"),
        ("en-US,en;q=0.9,fr;q=0.8", "en"),
        ("de-DE,de;q=0.9,en;q=0.5,fr;q=0.3", "en"),
        ("pt-PT,pt", "fr"),
        ("not a language;;q=banana", "fr"),
    ],
)
def test_a_visitor_who_never_chose_is_answered_in_the_language_their_browser_prefers(
    accept: str, language: str
) -> None:
    assert language_of(request(accept=accept)) == language


@BOTH
def test_the_choice_wins_over_the_browser(language: str) -> None:
    other = {"fr": "en", "en": "fr"}[language]
    assert language_of(request(cookie=language, accept=other)) == language


def test_a_cookie_that_names_no_language_of_ours_is_ignored() -> None:
    assert language_of(request(cookie="xx", accept="en")) == "en"


@pytest.mark.parametrize("path", ["/gestion/", "/gestion/pages/", "/theme.css", "/sante/live/"])
def test_the_agents_door_and_files_are_french_whatever_was_chosen(path: str) -> None:
    assert language_of(request(path, cookie="en", accept="en")) == "fr"


@pytest.mark.django_db
@BOTH
def test_a_page_says_its_language_to_browsers_and_caches(client: Client, language: str) -> None:
    client.cookies["langue"] = language

    response = client.get(SIGN_IN)

    assert f'<html lang="{language}">' in response.content.decode()
    assert response["Content-Language"] == language
    assert {"Accept-Language", "Cookie"} <= {name.strip() for name in response["Vary"].split(",")}


@pytest.mark.django_db
def test_the_agents_door_stays_french(client: Client) -> None:
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    client.cookies["langue"] = "en"

    response = client.get("/gestion/")

    assert response["Content-Language"] == "fr"
    assert '<html lang="fr"' in response.content.decode()


@pytest.mark.django_db
def test_a_request_leaves_the_language_of_its_thread_as_it_was(client: Client) -> None:
    client.cookies["langue"] = "en"
    client.get(SIGN_IN)
    assert translation.get_language() == "fr"


def test_a_closed_portal_still_answers_in_the_language_of_its_reader(client: Client, settings: Any) -> None:
    settings.PORTAL_MAINTENANCE = True
    client.cookies["langue"] = "en"
    response = client.get("/famille/")
    assert (response.status_code, response["Content-Language"]) == (503, "en")
    assert '<html lang="en">' in response.content.decode()


# The switch


def choose(client: Client, **values: str) -> Any:
    return client.post(reverse("language:choose"), values)


@pytest.mark.django_db
def test_the_switch_keeps_the_page_and_its_query(client: Client) -> None:
    page = client.get("/compte/connexion/?next=/famille/planning/%3Fvue%3Dmois").content.decode()
    assert 'value="/compte/connexion/?next=/famille/planning/%3Fvue%3Dmois"' in page
    assert '<button class="aslink" name="language" value="en" lang="en">English</button>' in page

    response = choose(client, language="en", next="/compte/connexion/?next=/famille/planning/%3Fvue%3Dmois")

    assert response.status_code == 302
    assert response["Location"] == "/compte/connexion/?next=/famille/planning/%3Fvue%3Dmois"
    assert 'lang="fr">Français</button>' in client.get(response["Location"]).content.decode()


@pytest.mark.django_db
def test_the_choice_is_kept_for_a_year_out_of_reach_of_scripts(client: Client) -> None:
    cookie = choose(client, language="en", next="/").cookies["langue"]
    assert (cookie.value, cookie["max-age"], cookie["samesite"]) == ("en", 31_536_000, "Lax")
    assert cookie["httponly"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "hostile",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "evil",
        "",
        "///evil.example",
    ],
)
def test_the_switch_leads_nowhere_but_here(client: Client, hostile: str) -> None:
    response = choose(client, language="en", next=hostile)
    assert response["Location"] == "/"


@pytest.mark.django_db
def test_a_language_that_does_not_exist_changes_nothing(client: Client) -> None:
    response = choose(client, language="tlh", next=SIGN_IN)
    assert response["Location"] == SIGN_IN
    assert "langue" not in response.cookies


@pytest.mark.django_db
def test_a_foreign_page_cannot_choose_for_the_visitor(client: Client) -> None:
    response = client.post(
        reverse("language:choose"), {"language": "en", "next": "/"}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert "langue" not in response.cookies


@pytest.mark.django_db
def test_the_switch_needs_no_token() -> None:
    strict = Client(enforce_csrf_checks=True)
    assert choose(strict, language="en", next=SIGN_IN).cookies["langue"].value == "en"

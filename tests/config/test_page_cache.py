"""Kept pages: for everybody and nobody in particular, and never older than what is public."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import caches
from django.db import connection
from django.http import HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.test.utils import CaptureQueriesContext

from config.page_cache import PageCacheMiddleware
from tests.cms_pages.conftest import town
from tests.domain.accounts.factories import PASSWORD, UserFactory

__all__ = ["town"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_pages")]

HOME, ARTICLE, NEWS = "/", "/actualites/ouverture/", "/actualites/"


@pytest.fixture
def kept_pages(settings: Any, town: object) -> None:
    settings.PAGE_CACHE = True


def how(answer: HttpResponse) -> str:
    """“hit”, “miss”, or “” when the cache had nothing to do with it."""
    return answer.headers.get("X-Page-Cache", "")


def words(answer: HttpResponse) -> str:
    return answer.content.decode()


def tokens(answer: HttpResponse) -> set[str]:
    return set(re.findall(r"\b[A-Za-z0-9]{64}\b", words(answer)))


def twice(url: str, client: Client | None = None, **extra: Any) -> HttpResponse:
    """The second answer to a visitor: from the cache when it may be."""
    (client or Client()).get(url, **extra)
    return (client or Client()).get(url, **extra)


# -- what is kept -------------------------------------------------------------------------


@pytest.mark.parametrize("url", [HOME, ARTICLE, NEWS, f"{NEWS}flux/", "/plan-du-site/", "/infos-pratiques/"])
def test_a_public_page_is_rendered_once_for_all_visitors(url: str) -> None:
    first = Client().get(url)
    with CaptureQueriesContext(connection) as queries:
        second = Client().get(url)

    assert (first.status_code, second.status_code) == (200, 200)
    assert (how(first), how(second)) == ("miss", "hit")
    assert len(queries) == 0
    assert re.sub(r"\b[A-Za-z0-9]{64}\b", "", words(first)) == re.sub(r"\b[A-Za-z0-9]{64}\b", "", words(second))
    for name in ("Content-Type", "Content-Security-Policy", "X-Frame-Options", "X-Content-Type-Options"):
        assert second.headers[name] == first.headers[name]


def test_a_page_that_does_not_exist_a_redirection_and_a_form_are_not_kept() -> None:
    for url in ("/nulle-part/", "/actualites", "/compte/connexion/", "/famille/", "/gestion/"):
        assert how(twice(url)) == ""


def test_a_posted_form_goes_around(client: Client) -> None:
    twice(HOME)
    assert how(client.post(HOME)) == ""


def test_head_is_served_from_the_page_that_get_kept() -> None:
    got = Client().get(ARTICLE)
    headed = Client().head(ARTICLE)

    assert how(headed) == "hit"
    assert headed.content == b""
    assert headed["Content-Length"] == got["Content-Length"]


def test_head_keeps_nothing() -> None:
    assert how(Client().head(ARTICLE)) == "miss"
    assert how(Client().get(ARTICLE)) == "miss"


def test_a_piece_asked_by_htmx_goes_around() -> None:
    twice(NEWS)
    answer = Client().get(NEWS, headers={"HX-Request": "true"})
    assert how(answer) == ""
    assert how(Client().get(NEWS)) == "hit"


# -- nobody's page ------------------------------------------------------------------------


def test_somebody_signed_in_neither_reads_nor_writes_a_kept_page(client: Client) -> None:
    twice(HOME)
    client.force_login(UserFactory(first_name="Maud", last_name="Jacquemain"))
    theirs = client.get(HOME)

    assert how(theirs) == ""
    assert "Jacquemain" in words(theirs)
    assert "no-store" in theirs["Cache-Control"]
    caches["public"].clear()
    client.get(HOME)
    visitor = Client().get(HOME)
    assert how(visitor) == "miss"
    assert "Jacquemain" not in words(visitor)
    assert "Jacquemain" not in words(Client().get(HOME))


def test_a_session_that_is_over_still_goes_around(client: Client, settings: Any) -> None:
    client.cookies[settings.SESSION_COOKIE_NAME] = "inconnue"
    assert how(twice(HOME, client)) == ""


def test_a_page_does_not_see_the_cookies_that_it_must_not_depend_on() -> None:
    """It is rendered once for all: what only one visitor sent must not be in it."""
    seen = []

    def view(request: Any) -> HttpResponse:
        seen.append((dict(request.COOKIES), request.get_full_path(), dict(request.GET)))
        return HttpResponse("ok")

    request = RequestFactory().get("/page/?utm_source=lettre&page=2", headers={"Cookie": "panier=Maud; _pk_id=1"})
    PageCacheMiddleware(view)(request)

    assert seen == [({}, "/page/?page=2", {"page": ["2"]})]
    assert request.COOKIES == {"panier": "Maud", "_pk_id": "1"}
    assert request.GET["utm_source"] == "lettre"


@pytest.mark.parametrize(
    "change",
    [
        lambda answer: answer.set_cookie("choix", "1"),
        lambda answer: answer.headers.setdefault("Cache-Control", "private"),
        lambda answer: answer.headers.setdefault("Cache-Control", "max-age=0, no-store"),
        lambda answer: answer.headers.setdefault("Vary", "User-Agent"),
        lambda answer: answer.headers.setdefault("Vary", "*"),
        lambda answer: setattr(answer, "status_code", 203),
    ],
    ids=["cookie", "private", "no-store", "vary", "vary *", "status"],
)
def test_an_answer_that_says_it_is_somebodys_is_not_kept(change: Callable[[HttpResponse], Any]) -> None:
    def view(request: Any) -> HttpResponse:
        answer = HttpResponse("ok")
        change(answer)
        return answer

    for _ in range(2):
        assert how(PageCacheMiddleware(view)(RequestFactory().get("/page/"))) == ""


def test_authorization_and_ranges_go_around() -> None:
    twice(HOME)
    for headers in ({"Authorization": "Basic eDp5"}, {"Range": "bytes=0-10"}):
        assert how(Client().get(HOME, headers=headers)) == ""


# -- tokens -------------------------------------------------------------------------------


def test_two_visitors_of_a_kept_page_have_their_own_token(settings: Any) -> None:
    visitors = [Client(), Client(), Client()]
    answers = [visitor.get(HOME) for visitor in visitors]
    secrets = {answer.cookies[settings.CSRF_COOKIE_NAME].value for answer in answers}

    assert [how(answer) for answer in answers] == ["miss", "hit", "hit"]
    assert len(secrets) == 3
    assert len(set.union(*(tokens(answer) for answer in answers))) >= 3
    assert not tokens(answers[0]) & tokens(answers[1])
    for secret in secrets:
        assert secret not in "".join(words(answer) for answer in answers)


def test_a_visitor_keeps_their_secret_from_page_to_page(client: Client, settings: Any) -> None:
    first = client.get(HOME).cookies[settings.CSRF_COOKIE_NAME].value
    for url in (NEWS, HOME, ARTICLE, "/nulle-part/"):
        client.get(url)
        assert client.cookies[settings.CSRF_COOKIE_NAME].value == first


@pytest.mark.parametrize("url", [HOME, ARTICLE])
def test_one_signs_in_from_a_kept_home(url: str, settings: Any) -> None:
    UserFactory(username="maud")
    Client().get(url)
    visitor = Client(enforce_csrf_checks=True)
    page = visitor.get(url)
    assert how(page) == "hit"

    found = re.search(r'"X-CSRFToken": "(\w{64})"', words(page))
    assert found
    form = {"login": "maud", "password": PASSWORD, "csrfmiddlewaretoken": found[1]}
    answer = visitor.post("/compte/connexion/", form)

    assert answer.status_code == 302
    assert "_auth_user_id" in visitor.session
    assert how(visitor.get(url)) == ""


def test_a_token_from_elsewhere_is_still_refused() -> None:
    other = Client()
    other.get(HOME)
    found = re.search(r'"X-CSRFToken": "(\w{64})"', words(other.get(HOME)))
    assert found
    visitor = Client(enforce_csrf_checks=True)
    visitor.get(HOME)
    form = {"login": "x", "password": "y", "csrfmiddlewaretoken": found[1]}
    assert visitor.post("/compte/connexion/", form).status_code == 403


# -- browsers and proxies -----------------------------------------------------------------


def test_a_browser_that_has_the_page_is_told_so(client: Client) -> None:
    first = client.get(HOME)
    again = client.get(HOME, headers={"If-None-Match": first["ETag"]})

    assert again.status_code == 304
    assert again.content == b""
    assert again["ETag"] == first["ETag"]


def test_the_copy_of_a_visitor_is_not_anothers(client: Client, settings: Any) -> None:
    """It holds a token: without the cookie that goes with it, or with another, the page is sent anew."""
    first = client.get(HOME)
    assert Client().get(HOME, headers={"If-None-Match": first["ETag"]}).status_code == 200
    other = Client()
    other.get(HOME)
    assert other.get(HOME, headers={"If-None-Match": first["ETag"]}).status_code == 200
    assert first["Cache-Control"] == "private, max-age=0, must-revalidate"
    for name in ("Cookie", "Accept-Language", "HX-Request"):
        assert name in first["Vary"]


def test_a_page_without_form_may_be_kept_by_a_proxy_that_asks_again() -> None:
    answer = twice(f"{NEWS}flux/")
    assert answer["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert not answer.cookies
    assert Client().get(f"{NEWS}flux/", headers={"If-None-Match": answer["ETag"]}).status_code == 304


def test_a_view_that_says_how_it_may_be_kept_is_believed() -> None:
    answer = twice("/theme.css")
    assert how(answer) == "hit"
    assert answer["Cache-Control"] == "public, max-age=300"


# -- keys ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("", "hit"),
        ("?utm_source=lettre&utm_campaign=rentree", "hit"),
        ("?fbclid=abc", "hit"),
        ("?page=1", "miss"),
        ("?page=0", ""),
        ("?page=1000000", ""),
        ("?page=1&page=2", ""),
        ("?page=%00", ""),
        ("?page=1%0d%0aX:y", ""),
        ("?page=%ff", ""),
        ("?inconnu=1", ""),
        ("?utm_source=a&inconnu=1", ""),
        ("?" + "&".join(f"utm_{letter}=1" for letter in "abcdefghijklmnopqrstuvwxyz"), ""),
        ("?&&&", ""),
    ],
)
def test_only_known_parameters_choose_a_kept_page(query: str, kept: str) -> None:
    twice(NEWS)
    answer = Client().get(NEWS + query)
    assert answer.status_code == 200
    assert how(answer) == kept


def test_what_a_mailing_adds_to_an_address_is_in_nobodys_page() -> None:
    assert how(Client().get(f"{NEWS}?utm_source=poison")) == "miss"
    answer = Client().get(NEWS)
    assert how(answer) == "hit"
    assert "poison" not in words(answer)


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-Host": "pirate.example"},
        {"X-Forwarded-Proto": "https"},
        {"X-Forwarded-Port": "1234"},
        {"X-Original-URL": "/pirate/"},
        {"X-Rewrite-URL": "/pirate/"},
        {"Forwarded": "host=pirate.example"},
        {"Referer": "https://pirate.example/"},
        {"User-Agent": "<script>pirate</script>"},
        {"Accept": "application/pirate"},
        {"HX-Current-URL": "https://pirate.example/"},
    ],
    ids=lambda headers: next(iter(headers)),
)
def test_a_forged_header_poisons_nothing(headers: dict[str, str]) -> None:
    for url in (HOME, f"{NEWS}flux/", ARTICLE):
        Client().get(url, headers=headers)
        answer = Client().get(url)
        assert answer.status_code == 200
        assert "pirate" not in words(answer) + str(answer.headers)


def test_a_host_that_is_not_ours_is_refused_and_kept_nowhere() -> None:
    for _ in range(2):
        answer = Client().get(ARTICLE, headers={"Host": "pirate.example"})
        assert (answer.status_code, how(answer)) == (400, "")


def test_each_host_has_its_pages() -> None:
    twice(ARTICLE)
    assert how(Client().get(ARTICLE, headers={"Host": "localhost"})) == "miss"


def test_http_and_https_are_apart() -> None:
    twice(ARTICLE)
    assert how(Client().get(ARTICLE, secure=True)) == "miss"


def test_each_language_has_its_pages(settings: Any) -> None:
    languages = [("fr", "Français"), ("en", "English")]
    with override_settings(LANGUAGES=languages):
        from django.utils.translation import trans_real

        trans_real.get_languages.cache_clear()
        try:
            for _ in range(2):
                last = {
                    language: Client().get(ARTICLE, headers={"Accept-Language": language})
                    for language in ("fr", "en", "en-GB,fr;q=0.5", "xx")
                }
            english = Client()
            english.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
            caches["public"].delete("x")
            first = Client().get(ARTICLE, headers={"Accept-Language": "fr"})
            assert {how(answer) for answer in last.values()} == {"hit"}
            assert how(first) == "hit"
            assert how(english.get(ARTICLE)) == "hit"
            assert len({_key(accept) for accept in ("fr", "en", "en-GB", "xx")}) == 2
        finally:
            trans_real.get_languages.cache_clear()


def _key(accept: str) -> str:
    from config.page_cache import asked_by_anybody

    asked = asked_by_anybody(RequestFactory().get(ARTICLE, headers={"Accept-Language": accept}))
    assert asked is not None
    return asked.key

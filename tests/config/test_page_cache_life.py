"""Kept pages are never older than what is public, nor than a minute, nor than the day."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
import time_machine
from django.core.cache import caches
from django.core.cache.backends.redis import RedisCache
from django.http import HttpResponse
from django.test import Client, RequestFactory
from redis.exceptions import ConnectionError as RedisDown
from wagtail.models import Page, PageViewRestriction, Site

from cms_pages.models import ContentPage, HomePage, SiteIdentitySettings
from config.cache import ForgivingRedisCache
from config.page_cache import PageCacheMiddleware
from news.models import NewsIndexPage, NewsPage
from portal.domain.accounts.models import User
from portal.domain.activities.models import Service
from portal.web import public_content
from tests.cms_pages.conftest import NOW, town
from tests.config.test_page_cache import ARTICLE, HOME, NEWS, how, kept_pages, twice, words
from tests.domain.accounts.factories import UserFactory

__all__ = ["kept_pages", "town"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_pages")]


# -- seen at once -------------------------------------------------------------------------


def _publish_article() -> str:
    page = NewsPage.objects.get(slug="ouverture")
    page.title = "Fermeture demain"
    page.save_revision().publish()
    return "Fermeture demain"


def _rename_category() -> str:
    category = NewsPage.objects.get(slug="ouverture").category
    category.name = "Restauration"
    category.save()
    return "Restauration"


def _change_identity() -> str:
    saved = SiteIdentitySettings.objects.get()
    saved.phone = "01 99 00 99 99"
    saved.save()
    return "01 99 00 99 99"


def _new_article() -> str:
    index = NewsIndexPage.objects.get()
    page = NewsPage(title="Toute neuve", slug="neuve", excerpt="x", live=False)
    index.add_child(instance=page)
    page.save_revision().publish()
    return "Toute neuve"


@pytest.mark.parametrize("change", [_publish_article, _rename_category, _change_identity, _new_article])
@pytest.mark.parametrize("url", [HOME, NEWS])
def test_a_change_is_seen_at_once(change: Callable[[], str], url: str) -> None:
    assert how(twice(url)) == "hit"
    new = change()
    answer = Client().get(url)
    assert how(answer) == "miss"
    assert new in words(answer)


def test_a_service_of_the_town_is_seen_at_once() -> None:
    assert how(twice("/infos-pratiques/")) == "hit"
    service = Service.objects.get()
    service.name = "Service Jeunesse"
    service.save()
    answer = Client().get("/infos-pratiques/")
    assert how(answer) == "miss"
    assert "Service Jeunesse" in words(answer)


def test_a_page_taken_down_moved_closed_or_deleted_is_gone_at_once() -> None:
    for leave in (
        lambda page: page.unpublish(),
        lambda page: Page.objects.get(pk=page.pk).move(HomePage.objects.get(), pos="last-child"),
        lambda page: PageViewRestriction.objects.create(page=page, restriction_type="login"),
        lambda page: page.delete(),
    ):
        page = ContentPage(title="Passagère", slug="passagere")
        Page.objects.get(pk=ContentPage.objects.get(slug="reglement").pk).add_child(instance=page)
        assert how(twice("/reglement/passagere/")) == "hit"
        leave(page)
        answer = Client().get("/reglement/passagere/")
        assert answer.status_code in (301, 302, 404)
        assert how(answer) == ""
        for left in Page.objects.filter(slug="passagere"):
            left.delete()


def test_a_page_that_expires_is_gone_when_the_clock_has_struck() -> None:
    from django.core.management import call_command

    page = NewsPage.objects.get(slug="ouverture")
    page.expire_at = NOW + timedelta(minutes=5)
    page.save_revision().publish()
    assert how(twice(ARTICLE)) == "hit"
    with time_machine.travel(NOW + timedelta(minutes=6), tick=False):
        call_command("publish_scheduled", verbosity=0)
        assert Client().get(ARTICLE).status_code == 404


def test_a_draft_is_never_shown_and_wakes_nobody() -> None:
    assert how(twice(ARTICLE)) == "hit"
    page = NewsPage.objects.get(slug="ouverture")
    page.title = "Brouillon secret"
    page.save_revision()
    answer = Client().get(ARTICLE)
    assert how(answer) == "hit"
    assert "Brouillon secret" not in words(answer)


def test_a_preview_is_neither_kept_nor_answered_with_a_kept_page() -> None:
    """Wagtail sends it through every middleware with the page's own address, here without any cookie."""
    twice(ARTICLE)
    page = NewsPage.objects.get(slug="ouverture")
    page.title = "Brouillon secret"
    shown = page.make_preview_request()
    assert "Brouillon secret" in words(shown)
    caches["public"].clear()
    page.make_preview_request()
    assert "Brouillon secret" not in words(Client().get(ARTICLE))


@pytest.mark.django_db(transaction=True)
def test_a_change_in_a_transaction_is_told_when_it_is_over() -> None:
    from django.db import transaction

    before = public_content.generation()
    with transaction.atomic():
        Site.objects.get().save()
        inside = public_content.generation()
    assert len({before, inside, public_content.generation()}) == 3


def test_a_page_begun_before_a_change_is_not_kept_after_it() -> None:
    def slow(request: Any) -> HttpResponse:
        public_content.changed()
        return HttpResponse("ancien")

    PageCacheMiddleware(slow)(RequestFactory().get("/page/"))
    answer = PageCacheMiddleware(lambda request: HttpResponse("nouveau"))(RequestFactory().get("/page/"))
    assert (how(answer), words(answer)) == ("miss", "nouveau")


# -- time ---------------------------------------------------------------------------------


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as moved:
        yield moved


def _page(said: str) -> HttpResponse:
    answer = PageCacheMiddleware(lambda request: HttpResponse(said))(RequestFactory().get("/page/"))
    assert isinstance(answer, HttpResponse)
    return answer


def test_a_page_is_kept_a_minute_at_most(clock: time_machine.Traveller) -> None:
    _page("un")
    clock.shift(44)
    assert words(_page("deux")) == "un"
    clock.shift(17)
    assert words(_page("trois")) == "trois"


def test_when_it_gets_old_one_renders_and_the_others_are_given_the_old_one(clock: time_machine.Traveller) -> None:
    _page("un")
    clock.shift(50)
    others = []

    def slow(request: Any) -> HttpResponse:
        others.append(words(_page("personne")))
        return HttpResponse("deux")

    answer = PageCacheMiddleware(slow)(RequestFactory().get("/page/"))
    assert others == ["un"]
    assert isinstance(answer, HttpResponse)
    assert words(answer) == "deux"
    assert words(_page("trois")) == "deux"


def test_nothing_is_kept_over_midnight_in_paris(clock: time_machine.Traveller) -> None:
    clock.move_to(datetime(2026, 9, 8, 21, 59, 40, tzinfo=UTC))
    _page("mardi")
    assert words(_page("x")) == "mardi"
    clock.shift(21)
    assert words(_page("mercredi")) == "mercredi"


# -- without a cache ----------------------------------------------------------------------


def test_without_a_cache_server_pages_are_rendered(settings: Any) -> None:
    settings.CACHES = {
        **settings.CACHES,
        "public": {
            "BACKEND": "config.cache.ForgivingRedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
            "OPTIONS": {"socket_timeout": 0.2, "socket_connect_timeout": 0.2},
        },
    }
    for url in (HOME, NEWS, ARTICLE):
        answer = twice(url)
        assert (answer.status_code, how(answer)) == (200, "")
    _publish_article()
    settings.CACHES = {**settings.CACHES, "public": settings.CACHES["default"]}
    assert "Fermeture demain" in words(twice(ARTICLE))


def test_a_server_that_fails_is_left_in_peace() -> None:
    asked = []

    def fail(*args: Any, **kwargs: Any) -> None:
        asked.append(args)
        raise RedisDown("down")

    cache = ForgivingRedisCache("redis://127.0.0.1:1/0", {})
    names = ("get", "set", "add", "delete", "get_many", "touch")
    patches = [patch.object(RedisCache, name, fail) for name in names]
    for each in patches:
        each.start()
    try:
        assert cache.get("a", "b") == "b"
        assert cache.add("a", 1) is False
        assert cache.delete("a") is False
        assert cache.get_many(["a"]) == {}
        cache.set("a", 1)
        assert len(asked) == 1
    finally:
        for each in patches:
            each.stop()


# -- what is public -----------------------------------------------------------------------


def test_an_account_or_a_booking_changes_nothing_public() -> None:
    before = public_content.generation()
    User.objects.system().save()
    UserFactory()
    assert public_content.generation() == before

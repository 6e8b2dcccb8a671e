"""The news: dated, by category, latest first, with a feed."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from wagtail.models import Page
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text, streamfield

from news.models import NewsCategory, NewsIndexPage, NewsPage
from news.queries import latest_news
from portal.backoffice.profiles import load_profile, read_profile
from portal.domain.accounts.models import User
from tests.cms_pages.conftest import NOW
from tests.communes.small import ProfileFolder
from tests.domain.accounts.factories import UserFactory


@pytest.fixture
def index(db: None, tmp_path: Path) -> Iterator[NewsIndexPage]:
    """The list of the news of the small profile, which has one item, three days old."""
    with time_machine.travel(NOW, tick=False):
        folder = ProfileFolder(tmp_path / "essai")
        load_profile(profile=read_profile(folder.path), by=User.objects.system(), at=NOW)
        yield NewsIndexPage.objects.get()


def publish(index: NewsIndexPage, slug: str, *, day: date = date(2026, 9, 8), live: bool = True) -> NewsPage:
    item = NewsPage(title=slug.capitalize(), slug=slug, date=day, excerpt=f"Extrait de {slug}.", live=live)
    Page.objects.get(pk=index.pk).add_child(instance=item)
    if live:
        item.save_revision().publish()
    return item


def get(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


def test_an_item_says_its_date_its_category_and_its_text(index: NewsIndexPage, client: Client) -> None:
    html = get(client, "/actualites/ouverture/")

    assert '<span class="badge">Cantine</span> Publié le samedi 5\u00a0septembre 2026' in html
    assert "<h1>Ouverture</h1>" in html
    assert "Le portail ouvre <b>aujourd’hui</b>." in html
    assert '<li><a href="/actualites/">Actualités</a></li>' in html
    assert ">Haut de page</a>" in html
    assert "01 99 00 12 34" in html


def test_the_latest_come_first_and_drafts_stay_hidden(index: NewsIndexPage, client: Client) -> None:
    publish(index, "ancienne", day=date(2026, 8, 1))
    publish(index, "nouvelle", day=date(2026, 9, 8))
    publish(index, "brouillon", live=False)
    html = get(client, "/actualites/")

    places = [html.index(f"/actualites/{slug}/") for slug in ("nouvelle", "ouverture", "ancienne")]
    assert places == sorted(places)
    assert "brouillon" not in html
    assert client.get("/actualites/brouillon/").status_code == 404
    assert [item.slug for item in latest_news(2)] == ["nouvelle", "ouverture"]


def test_a_long_list_has_pages(index: NewsIndexPage, client: Client) -> None:
    for rank in range(14):
        publish(index, f"item-{rank:02d}", day=NOW.date() - timedelta(days=rank))

    first, second = get(client, "/actualites/"), get(client, "/actualites/?page=2")
    assert "item-00" in first
    assert "item-13" in second
    assert 'rel="next" href="?page=2"' in first
    assert "(page 2)" in second
    # A page that does not exist gives the nearest: an old bookmark is no error.
    assert "item-13" in get(client, "/actualites/?page=99")
    assert "item-00" in get(client, "/actualites/?page=abc")


def test_no_news_is_said(index: NewsIndexPage, client: Client) -> None:
    NewsPage.objects.get().unpublish()

    assert "Aucune actualité pour le moment" in get(client, "/actualites/")


def test_the_feed_gives_the_latest_items(index: NewsIndexPage, client: Client) -> None:
    response = client.get("/actualites/flux/")
    feed = response.content.decode()

    assert response.headers["Content-Type"] == "application/rss+xml; charset=utf-8"
    assert "<title>Actualités – Portail famille d’Essai</title>" in feed
    assert "<title>Ouverture</title>" in feed
    assert "<category>Cantine</category>" in feed
    assert "Sat, 05 Sep 2026 08:00:00 +0200" in feed
    assert 'href="/actualites/flux/"' in get(client, "/actualites/")


def test_a_category_that_items_carry_is_not_deleted(index: NewsIndexPage, client: Client) -> None:
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    category = NewsCategory.objects.get()
    address = reverse(NewsCategory.snippet_viewset.get_url_name("delete"), args=[category.pk])  # type: ignore[attr-defined]  # given by register_snippet
    client.post(address)

    assert NewsCategory.objects.filter(pk=category.pk).exists()


def test_an_item_is_published_from_the_editor(index: NewsIndexPage, client: Client) -> None:
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    item = NewsPage.objects.get()
    response = client.post(
        reverse("wagtailadmin_pages:edit", args=[item.pk]),
        nested_form_data(
            {
                "title": "Ouverture demain",
                "slug": "ouverture",
                "date": "2026-09-09",
                "category": str(NewsCategory.objects.get().pk),
                "excerpt": "C’est pour demain.",
                "service": "",
                "image": "",
                "attachments": inline_formset([]),
                "audience": "public",
                "present_from": "",
                "present_until": "",
                "event_place": "",
                "alert_level": "",
                "body": streamfield([("paragraph", rich_text("<p>Venez.</p>"))]),
                "comments": {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 0},
                "action-publish": "action-publish",
            }
        ),
    )

    assert response.status_code == 302, response.content.decode()[:2000]
    html = get(client, "/actualites/ouverture/")
    assert "Ouverture demain" in html
    assert "mercredi 9\u00a0septembre 2026" in html


def test_a_new_item_is_dated_today(index: NewsIndexPage) -> None:
    assert NewsPage().date == date(2026, 9, 8)

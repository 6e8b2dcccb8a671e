"""What a page costs the database when no cache keeps it: little, and the same whatever it shows."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cms_pages.models import HomePage
from news.models import NewsIndexPage, NewsPage
from tests.cms_pages.conftest import NOW
from tests.communes.small import ProfileFolder


def queries(client: Client, url: str) -> list[str]:
    """Those of the second visit: the first one reads what this process then keeps."""
    client.get(url)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return [query["sql"] for query in captured]


@pytest.fixture
def visitor(settings: Any, client: Client) -> Client:
    settings.PAGE_CACHE = False
    return client


@pytest.mark.parametrize(
    ("url", "most"), [("/", 10), ("/actualites/ouverture/", 10), ("/actualites/", 13), ("/infos-pratiques/", 12)]
)
def test_a_visitor_costs_few_queries(whole_town: ProfileFolder, visitor: Client, url: str, most: int) -> None:
    asked = queries(visitor, url)
    assert len(asked) <= most, "\n".join(asked)


@pytest.mark.parametrize("url", ["/", "/actualites/", "/actualites/ouverture/"])
def test_more_news_cost_no_more_queries(whole_town: ProfileFolder, visitor: Client, url: str) -> None:
    few = queries(visitor, url)
    index = NewsIndexPage.objects.get()
    for number in range(5):
        index.add_child(instance=NewsPage(title=f"Nouvelle {number}", excerpt="Lire.", date=NOW.date()))
    assert len(queries(visitor, url)) <= len(few)


def test_what_is_kept_changes_with_the_page(whole_town: ProfileFolder, visitor: Client) -> None:
    queries(visitor, "/")
    article = NewsPage.objects.get(slug="ouverture")
    article.title = "La crèche change d’heure"
    article.save_revision().publish()
    assert "La crèche change d’heure" in visitor.get("/").content.decode()
    home = HomePage.objects.get()
    home.title = "Chez nous"
    home.save_revision().publish()
    assert "Chez nous" in visitor.get("/actualites/ouverture/").content.decode(), "the trail"

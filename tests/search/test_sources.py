"""News, documents and menus are found beside the pages, by the same words; what is for some only by those."""

import pytest
from django.test import Client
from wagtail.models import Page

from cms_pages.audiences import Audience
from cms_pages.models import HomePage
from cms_pages.search_pages import suggestion
from documents.menus.models import MenuSite
from news.models import NewsIndexPage, NewsPage
from tests.communes.small import ProfileFolder
from tests.documents.library.factories import DocumentFactory
from tests.documents.menus.factories import DayEntry, a_week, dish, put_on_line, write
from tests.domain.bookings.factories import Household, household, priced_unit
from tests.news.factories import make_item

pytestmark = pytest.mark.django_db

#: As it is written, then as people ask for it.
WRITTEN, ASKED = "Les crêpes fourrées", ("crêpes", "crepe", "CREPES fourree", "fourrés")
SECRET = "Zibeline"


@pytest.fixture
def index(menus_town: ProfileFolder) -> NewsIndexPage:
    found = NewsIndexPage.objects.first()
    if found is None:
        found = Page.objects.get(pk=HomePage.objects.get().pk).add_child(
            instance=NewsIndexPage(title="Actualités", slug="actualites")
        )
    return found


@pytest.fixture
def home(menus_town: ProfileFolder) -> Household:
    return household(priced_unit(), name="Vuillet", number="4127")


@pytest.fixture
def neighbours(menus_town: ProfileFolder) -> Household:
    return household(priced_unit(), name="Morel", number="5128")


def signed_in(family: Household) -> Client:
    client = Client()
    client.force_login(family.parent)
    return client


def found(client: Client, asked: str) -> dict[str, list[str]]:
    """The titles that `/recherche/` shows, by kind of results."""
    response = client.get("/recherche/", {"q": asked})
    assert response.status_code == 200
    return {
        group.key: [result.hit.title for result in group.results]
        for group in response.context.get("groups", ())
        if group.results
    }


@pytest.mark.parametrize("asked", ASKED)
def test_a_news_item_is_found(index: NewsIndexPage, client: Client, asked: str) -> None:
    make_item(index, "crepes", title=WRITTEN)

    assert found(client, asked) == {"news": [WRITTEN]}


@pytest.mark.parametrize("asked", ASKED)
def test_a_document_is_found(menus_town: ProfileFolder, client: Client, asked: str) -> None:
    DocumentFactory(title=WRITTEN)

    assert found(client, asked) == {"documents": [WRITTEN]}


@pytest.mark.parametrize("asked", ASKED)
def test_a_dish_of_a_published_menu_is_found(canteen: MenuSite, client: Client, asked: str) -> None:
    entry = a_week(DayEntry(1, (dish("main", WRITTEN),)))
    draft = write(canteen, entry=entry)
    assert found(client, asked) == {}
    draft.delete()
    put_on_line(canteen, entry=entry)

    assert found(client, asked) == {"menus": [WRITTEN]}


def test_the_day_of_a_dish_is_said_in_the_language_of_the_page(canteen: MenuSite, client: Client) -> None:
    put_on_line(canteen, entry=a_week(DayEntry(1, (dish("main", WRITTEN),))))

    french = client.get("/recherche/", {"q": "crepes"}).content.decode()
    english = client.get("/recherche/", {"q": "crepes"}, headers={"Accept-Language": "en"}).content.decode()
    assert "lundi 9 novembre 2026" in french.replace("\u00a0", " ")
    assert "Monday 9 November 2026" in english.replace("\u00a0", " ")
    assert "lundi 9" not in english


@pytest.fixture
def secrets(index: NewsIndexPage, home: Household) -> None:
    """A news item and a document for the children of one activity."""
    activity = home.units[0].activity
    item = make_item(index, "secret", activities=[activity], title=f"{SECRET} au réfectoire")
    assert item.audience == Audience.CHOSEN
    document = DocumentFactory(title=f"{SECRET} à rendre", audience=Audience.CHOSEN)
    document.audience_activities.set([activity])
    document.save()


@pytest.mark.usefixtures("secrets")
@pytest.mark.parametrize("asked", [SECRET, "zibelines", "zibelinne", "zibel", "réfectoire", "refectoirre"])
def test_what_is_for_some_shows_to_nobody_else_not_even_as_a_suggestion(
    neighbours: Household, client: Client, asked: str
) -> None:
    for reader in (client, signed_in(neighbours)):
        html = reader.get("/recherche/", {"q": asked}).content.decode()
        assert "réfectoire" not in html.replace(asked, "")
        assert SECRET.lower() not in html.replace(asked, "").lower()
    assert suggestion(asked) == ""


@pytest.mark.usefixtures("secrets")
def test_what_is_for_some_is_found_by_those(home: Household) -> None:
    assert found(signed_in(home), "zibelines") == {
        "news": [f"{SECRET} au réfectoire"],
        "documents": [f"{SECRET} à rendre"],
    }
    NewsPage.objects.get(slug="secret").unpublish()
    assert found(signed_in(home), "zibelines") == {"documents": [f"{SECRET} à rendre"]}

"""The public list and its pages: filters, archives, feeds, pictures, events, alerts."""

from datetime import UTC, date, datetime, time, timedelta
from io import BytesIO
from typing import Any
from xml.etree import ElementTree

import pytest
import time_machine
from django.core.files.images import ImageFile
from django.test import Client
from PIL import Image as Picture
from wagtail.images import get_image_model
from wagtail.images.models import Filter

from cms_pages.audiences import Audience
from news.events import event_lines
from news.models import NewsCategory, NewsIndexPage
from news.queries import latest_news
from tests.domain.activities.factories import ServiceFactory
from tests.domain.bookings.factories import Household
from tests.news.conftest import NOW
from tests.news.factories import DAY, make_item

pytestmark = pytest.mark.django_db
INDEX = "/actualites/"
FIGURES = ("480x600", "896x900", "1344x900")
ATOM = "{http://www.w3.org/2005/Atom}"


def get(client: Client, address: str = INDEX) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


@pytest.fixture
def sorted_news(news: NewsIndexPage) -> NewsIndexPage:
    """Two categories, two services, two years."""
    canteen = NewsCategory.objects.create(slug="cantine", name="Cantine")
    outings = NewsCategory.objects.create(slug="sorties", name="Sorties")
    youth = ServiceFactory(code="jeunesse", name="Service Jeunesse")
    make_item(news, "gout", category=canteen, service=ServiceFactory())
    make_item(news, "menus", category=canteen, date=date(2025, 11, 3))
    make_item(news, "bivouac", category=outings, service=youth)
    return news


@pytest.mark.exigence("V2")
def test_the_list_is_narrowed_by_category_service_and_year(sorted_news: NewsIndexPage, client: Client) -> None:
    html = get(client)
    assert 'href="/actualites/?rubrique=cantine"' in html
    assert 'href="/actualites/?service=jeunesse"' in html
    assert 'href="/actualites/?archives=2025"' in html
    assert '<a href="/actualites/" aria-current="true">Toutes</a>' in html

    html = get(client, f"{INDEX}?rubrique=cantine")
    assert "/actualites/gout/" in html
    assert "/actualites/bivouac/" not in html
    assert '<a href="/actualites/?rubrique=cantine" aria-current="true">Cantine' in html
    assert "<title>Actualités, Cantine" in html
    assert "2 actualités. " in html
    assert 'href="/actualites/flux/rubrique/cantine/"' in html

    html = get(client, f"{INDEX}?rubrique=cantine&archives=2025")
    assert "/actualites/menus/" in html
    assert "/actualites/gout/" not in html


@pytest.mark.parametrize("query", ["rubrique=zut", "service=zut", "archives=zut", "archives=1999", "rubrique=%00"])
def test_a_filter_that_nothing_meets_asks_for_nothing(sorted_news: NewsIndexPage, client: Client, query: str) -> None:
    assert "/actualites/bivouac/" in get(client, f"{INDEX}?{query}")


def test_long_lists_skip_pages_and_keep_the_filter(news: NewsIndexPage, client: Client) -> None:
    category = NewsCategory.objects.create(slug="cantine", name="Cantine")
    make_item(news, "ailleurs", published=False)
    for rank in range(110):
        make_item(news, f"item-{rank}", published=False, category=category)
    html = get(client, f"{INDEX}?rubrique=cantine&page=6")

    assert 'href="?rubrique=cantine&amp;page=5"' in html
    assert 'rel="next" href="?rubrique=cantine&amp;page=7"' in html
    assert html.count('<li class="gap" aria-hidden="true">…</li>') == 2
    assert 'page=10"><span' in html
    assert 'page=9"><span' not in html


@pytest.mark.exigence("V3")
def test_each_item_is_dated_and_opens_with_words_that_stand_alone(sorted_news: NewsIndexPage, client: Client) -> None:
    html = get(client)

    assert '<time datetime="2026-09-08">mardi 8\u00a0septembre 2026</time>' in html
    assert 'Lire la suite<span class="sr"> de «\u00a0Gout\u00a0»</span>' in html
    assert "Extrait de gout." in html
    assert '<a href="#contenu">Haut de page</a>' in html
    assert '<a href="#contenu">Haut de page</a>' in get(client, "/actualites/gout/")


def test_the_feeds_are_well_formed_and_point_at_themselves(sorted_news: NewsIndexPage, client: Client) -> None:
    rss = client.get(f"{INDEX}flux/")
    channel = ElementTree.fromstring(rss.content).find("channel")  # noqa: S314  # our own answer
    assert channel is not None
    assert [item.findtext("title") for item in channel.findall("item")] == ["Bivouac", "Gout", "Menus"]
    for item in channel.findall("item"):
        assert item.findtext("guid") == item.findtext("link")
        assert item.findtext("pubDate")
    link = channel.find(f"{ATOM}link")
    assert link is not None
    assert link.get("href") == "http://testserver/actualites/flux/"

    atom = client.get(f"{INDEX}flux/atom/")
    assert atom.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = ElementTree.fromstring(atom.content)  # noqa: S314  # our own answer
    for name in ("id", "title", "updated"):
        assert feed.findtext(ATOM + name), name
    author = feed.find(f"{ATOM}author")
    assert author is not None
    assert author.findtext(f"{ATOM}name")
    for entry in feed.findall(f"{ATOM}entry"):
        for name in ("id", "title", "updated", "published", "summary"):
            assert entry.findtext(ATOM + name), name
        assert str(entry.findtext(f"{ATOM}id")).startswith("http")
    assert len({entry.findtext(f"{ATOM}id") for entry in feed.findall(f"{ATOM}entry")}) == 3


def test_each_category_has_its_feeds(sorted_news: NewsIndexPage, client: Client) -> None:
    for address in ("flux/rubrique/cantine/", "flux/rubrique/cantine/atom/"):
        feed = get(client, INDEX + address)
        assert "Actualités – Cantine" in feed
        assert "Gout" in feed
        assert "Bivouac" not in feed
    assert client.get(f"{INDEX}flux/rubrique/zut/").status_code == 404


# -- pictures -----------------------------------------------------------------------------


def make_image(title: str = "Repas") -> Any:
    """A picture with the sizes that pages ask for already drawn: Wagtail draws them with files it leaves open."""

    def points(width: int, height: int) -> ImageFile:
        content = BytesIO()
        Picture.new("RGB", (width, height), "#1f6173").save(content, "PNG")
        return ImageFile(content, "repas.png")

    image = get_image_model().objects.create(title=title, description="Deux enfants à table", file=points(16, 10))
    for spec, width in (("fill-400x225", 400), ("fill-800x450", 800), *((f"max-{size}", 480) for size in FIGURES)):
        vary = Filter(spec=spec).get_cache_key(image)
        image.renditions.create(
            filter_spec=spec, focal_point_key=vary, file=points(width, 225), width=width, height=225
        )
    return image


def test_pictures_come_in_sizes_the_first_at_once(news: NewsIndexPage, client: Client) -> None:
    picture = make_image()
    for slug in ("une", "deux"):
        make_item(news, slug, image=picture)
    html = get(client)
    tags = [part.split(">")[0] for part in html.split("<img ") if "srcset" in part]

    assert len(tags) == 2
    assert 'loading="lazy"' not in tags[0]
    assert 'loading="lazy"' in tags[1]
    for tag in tags:
        assert 'alt=""' in tag
        assert " 400w" in tag
        assert " 800w" in tag
        assert 'width="' in tag
        assert 'height="' in tag
    assert 'alt="Deux enfants à table"' in get(client, "/actualites/une/")


def test_sixty_items_cost_as_many_queries_as_four(
    news: NewsIndexPage, client: Client, settings: Any, django_assert_max_num_queries: Any
) -> None:
    settings.PAGE_CACHE = False
    category = NewsCategory.objects.create(slug="cantine", name="Cantine")
    pictures = [make_image(f"Repas {rank}") for rank in range(3)]

    def publish(*ranks: int) -> None:
        for rank in ranks:
            make_item(news, f"item-{rank}", published=False, category=category, image=pictures[rank % 3])

    publish(*range(4))
    get(client)
    with django_assert_max_num_queries(40) as few:
        get(client)
        number = len(few)
    publish(*range(4, 60))
    get(client)
    with django_assert_max_num_queries(number):
        assert get(client).count("<article") == 12
    with django_assert_max_num_queries(5):
        latest_news(3)


# -- events -------------------------------------------------------------------------------


@pytest.mark.exigence("V2")
def test_an_event_says_when_and_where_and_goes_to_a_calendar(news: NewsIndexPage, client: Client) -> None:
    make_item(
        news,
        "reunion",
        event_on=date(2026, 9, 17),
        event_starts_at=time(18),
        event_ends_at=time(19, 30),
        event_place="Salle des fêtes, route du Lac ; entrée B",
    )
    html = get(client, "/actualites/reunion/")
    assert 'itemtype="https://schema.org/Event"' in html
    assert 'itemprop="startDate" content="2026-09-17T18:00"' in html
    assert 'itemprop="endDate" content="2026-09-17T19:30"' in html
    assert "jeudi 17\u00a0septembre 2026, de 18\u00a0h à 19\u00a0h\u00a030" in html
    assert "jeudi 17\u00a0septembre 2026" in get(client)

    response = client.get("/actualites/reunion/agenda/")
    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    lines = response.content.decode().split("\r\n")
    assert "DTSTART:20260917T160000Z" in lines
    assert "DTEND:20260917T173000Z" in lines
    assert "LOCATION:Salle des fêtes\\, route du Lac \\; entrée B" in lines
    assert "SUMMARY:Reunion" in lines
    assert lines[-1] == ""


def test_whole_days_end_the_morning_after_and_lines_are_folded(news: NewsIndexPage) -> None:
    page = make_item(
        news, "gout", title="é" * 100, event_on=date(2026, 10, 12), event_until=date(2026, 10, 16), excerpt="a\nb"
    )
    text = event_lines(page, host="mairie.example")

    assert "DTSTART;VALUE=DATE:20261012\r\n" in text
    assert "DTEND;VALUE=DATE:20261017\r\n" in text
    assert "DESCRIPTION:a\\nb\r\n" in text
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert "SUMMARY:" + "é" * 100 in text.replace("\r\n ", "")


def test_an_item_without_event_has_no_calendar(news: NewsIndexPage, client: Client) -> None:
    make_item(news, "gout")

    assert client.get("/actualites/gout/agenda/").status_code == 404
    assert "schema.org/Event" not in get(client, "/actualites/gout/")


# -- alerts -------------------------------------------------------------------------------


def pin(news: NewsIndexPage, slug: str, level: str = "attention", **fields: Any) -> Any:
    times = {"pinned_from": NOW - timedelta(hours=1), "pinned_until": NOW + timedelta(hours=1)}
    return make_item(news, slug, alert_level=level, **(times | fields))


def notices(html: str) -> str:
    return html.split('class="page-notices"')[1].split("</aside>")[0] if 'class="page-notices"' in html else ""


@pytest.mark.exigence("B23")
def test_a_public_alert_stands_on_every_page_while_it_lasts(
    news: NewsIndexPage, client: Client, home: Household
) -> None:
    make_item(news, "autre")
    pin(news, "fermeture", "blocking")
    for address in (INDEX, "/actualites/autre/", "/compte/connexion/"):
        assert "Fermeture" in notices(get(client, address)), address
        assert 'class="notice bad"' in notices(get(client, address)), address
    # On its own page it is already being read.
    assert notices(get(client, "/actualites/fermeture/")) == ""
    client.force_login(home.parent)
    assert "Fermeture" in notices(get(client, "/famille/"))
    client.logout()
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        assert notices(get(client, INDEX)) == ""


def test_an_alert_for_some_is_shown_to_them_only(
    news: NewsIndexPage, client: Client, home: Household, neighbours: Household, canteen: Any
) -> None:
    pin(news, "cantine-fermee", activities=[canteen.activity])
    assert notices(get(client, INDEX)) == ""
    client.force_login(neighbours.parent)
    assert notices(get(client, "/famille/")) == ""
    client.force_login(home.parent)
    assert "Cantine fermee" in notices(get(client, "/famille/"))
    assert "Cantine fermee" in notices(get(client, INDEX))


def test_two_alerts_at_most_the_gravest_first(news: NewsIndexPage, client: Client) -> None:
    pin(news, "information", "information")
    pin(news, "bloquant", "blocking")
    pin(news, "attention", "attention")
    shown = notices(get(client, INDEX))

    assert shown.count('class="notice') == 2
    assert shown.index("Bloquant") < shown.index("Attention")
    assert "Information" not in shown


def test_an_alert_comes_and_goes_with_its_item(news: NewsIndexPage, client: Client) -> None:
    item = pin(news, "fermeture", pinned_from=NOW + timedelta(seconds=20), expire_at=NOW + timedelta(seconds=40))
    assert notices(get(client, INDEX)) == ""
    with time_machine.travel(NOW + timedelta(seconds=20), tick=False):
        assert "Fermeture" in notices(get(client, INDEX))
    # The item is over one second before anybody takes it down: neither kept pages nor lists show it.
    with time_machine.travel(NOW + timedelta(seconds=40), tick=False):
        assert "fermeture" not in get(client, INDEX).lower()
    with time_machine.travel(NOW + timedelta(seconds=25), tick=False):
        item.unpublish()
        assert notices(get(client, INDEX)) == ""


def test_anonymous_pages_know_the_alerts_without_a_query(
    news: NewsIndexPage, client: Client, settings: Any, django_assert_max_num_queries: Any
) -> None:
    settings.PAGE_CACHE = False
    pin(news, "fermeture")
    get(client, "/compte/connexion/")
    with django_assert_max_num_queries(30) as spent:
        assert "Fermeture" in notices(get(client, "/compte/connexion/"))

    assert [query for query in spent.captured_queries if "news_newspage" in query["sql"]] == []


def test_an_item_for_families_is_not_among_the_latest(news: NewsIndexPage) -> None:
    make_item(news, "familles", audience=Audience.FAMILIES)
    make_item(news, "pour-tous", date=DAY - timedelta(days=3))

    assert [item.slug for item in latest_news(3)] == ["pour-tous"]
    assert datetime.now(UTC) == NOW

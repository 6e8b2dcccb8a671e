"""« Mes actualités »: what concerns the family, why, and what the person has not read."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from cms_pages.audiences import Audience
from news.models import NewsIndexPage, NewsReading
from tests.domain.accounts.factories import UserFactory
from tests.domain.bookings.factories import Household, book, household
from tests.domain.families.factories import MemberFactory, SchoolFactory
from tests.news.factories import DAY, make_item

pytestmark = [pytest.mark.django_db, pytest.mark.exigence("B23", "V2")]

LIST = "/famille/actualites/"
HOME = "/famille/"


@pytest.fixture
def reader(client: Client, home: Household) -> Client:
    client.force_login(home.parent)
    return client


def get(client: Client, address: str = LIST) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


def test_all_that_concerns_the_family_with_the_reason(
    reader: Client, news: NewsIndexPage, canteen: Any, home: Household
) -> None:
    make_item(news, "publique")
    make_item(news, "pour-les-familles", audience=Audience.FAMILIES)
    make_item(news, "cantine", activities=[canteen.activity])
    make_item(news, "centre-cm1", schools=[SchoolFactory()], audience_levels=["CM1"])
    make_item(news, "presents", present_from=DAY, present_until=DAY + timedelta(days=2))
    make_item(news, "ailleurs", audience_levels=["CP"])
    book(home, [DAY], child=1)
    html = get(reader)

    assert "Pour toutes les familles" in html
    assert "Pour Hugo et Léna\u00a0: Restaurant scolaire 2026/2027" in html
    assert "Pour Hugo et Léna\u00a0: École du Centre, CM1" in html
    assert "Pour Léna\u00a0: présence du 8 au 10\u00a0septembre" in html
    assert "publique" in html
    assert "ailleurs" not in html


def test_another_family_has_its_own(client: Client, news: NewsIndexPage, canteen: Any, neighbours: Household) -> None:
    make_item(news, "cantine", activities=[canteen.activity])
    client.force_login(neighbours.parent)

    assert "cantine" not in get(client)
    assert "Aucune actualité pour le moment" in get(client)
    client.post(f"{LIST}lues/")
    assert not NewsReading.objects.exists()


def test_the_list_is_closed_to_visitors_and_accounts_without_family(client: Client, news: NewsIndexPage) -> None:
    assert client.get(LIST).headers["Location"] == f"/compte/connexion/?next={LIST}"
    client.force_login(UserFactory())
    assert client.get(LIST).status_code == 403
    assert client.post(f"{LIST}lues/").status_code == 403


def test_what_is_new_is_marked_and_counted_until_read(reader: Client, news: NewsIndexPage) -> None:
    make_item(news, "une", audience=Audience.FAMILIES)
    make_item(news, "deux")
    make_item(news, "vieille", date=DAY - timedelta(days=30))
    html = get(reader)
    assert html.count("Non lue</span>") == 2
    assert "2 actualités que vous n’avez pas lues." in html
    assert '<span class="count">2<span class="sr"> actualités non lues</span></span>' in html

    reader.get("/actualites/une/")
    html = get(reader)
    assert html.count("Non lue</span>") == 1
    assert '<span class="count">1<span class="sr"> actualité non lue</span></span>' in html
    unread = get(reader, f"{LIST}?vue=non-lues")
    assert "/actualites/deux/" in unread
    assert "/actualites/une/" not in unread


def test_the_tile_of_the_home_carries_the_count(reader: Client, news: NewsIndexPage) -> None:
    make_item(news, "une")
    tile = get(reader, HOME).split('id="rubriques"')[1].split("Actualités")[1].split("</section>")[0]

    assert '<span class="count">1<span class="sr"> non lue</span></span>' in tile
    assert f'href="{LIST}"' in tile


def test_reading_is_each_ones_own(reader: Client, news: NewsIndexPage, home: Household) -> None:
    make_item(news, "une")
    other = MemberFactory(family=home.family, adult__user=UserFactory(), parent=True)
    reader.get("/actualites/une/")
    reader.force_login(other.adult.user)

    assert "1 actualité que vous n’avez pas lue." in get(reader)


def test_all_is_marked_as_read_at_once(reader: Client, news: NewsIndexPage, canteen: Any) -> None:
    make_item(news, "une")
    make_item(news, "deux", activities=[canteen.activity])
    assert reader.get(f"{LIST}lues/").status_code == 405
    html = reader.post(f"{LIST}lues/", follow=True).content.decode()

    assert "2 actualités sont marquées comme lues." in html
    assert "Vous avez tout lu." in html
    assert "Tout marquer comme lu" not in html
    assert "Vous aviez déjà tout lu." in reader.post(f"{LIST}lues/", follow=True).content.decode()


def test_the_views_and_pages_that_do_not_exist_give_the_nearest(reader: Client, news: NewsIndexPage) -> None:
    make_item(news, "publique")
    make_item(news, "familiale", audience=Audience.FAMILIES)

    assert "/actualites/publique/" not in get(reader, f"{LIST}?vue=pour-nous")
    assert "/actualites/familiale/" in get(reader, f"{LIST}?vue=pour-nous")
    for address in (f"{LIST}?vue=zut", f"{LIST}?page=99", f"{LIST}?page=abc"):
        assert "/actualites/publique/" in get(reader, address)


def test_the_important_ones_stand_on_the_home_until_read(
    reader: Client, news: NewsIndexPage, canteen: Any, neighbours: Household
) -> None:
    make_item(news, "sans-importance", activities=[canteen.activity])
    make_item(news, "a-lire-vite", activities=[canteen.activity], important=True)
    make_item(news, "publique", important=True)
    html = get(reader, HOME)
    notice = html.split('id="a-lire"')[1].split("</section>")[0]
    assert "A lire vite" in notice
    assert "Sans importance" not in notice
    assert "publique" not in notice.lower()

    reader.get("/actualites/a-lire-vite/")
    assert 'id="a-lire"' not in get(reader, HOME)
    reader.force_login(neighbours.parent)
    assert 'id="a-lire"' not in get(reader, HOME)


def test_sixty_items_cost_as_many_queries_as_four(
    client: Client,
    news: NewsIndexPage,
    canteen: Any,
    django_assert_num_queries: Any,
    django_assert_max_num_queries: Any,
) -> None:
    home = household(canteen, children=3)
    client.force_login(home.parent)
    for rank in range(4):
        make_item(news, f"item-{rank}", published=False, activities=[canteen.activity], audience_levels=["CM1"])
    get(client)
    with django_assert_max_num_queries(40) as few:
        get(client)
        number = len(few)
    for rank in range(4, 60):
        make_item(news, f"item-{rank}", published=False, activities=[canteen.activity], present_from=DAY)
    book(home, [DAY])
    get(client)
    with django_assert_num_queries(number):
        html = get(client)
    assert html.count("<article") == 20
    assert "page=3" in html


def test_the_news_cost_one_query_on_the_pages_of_the_family(
    reader: Client, news: NewsIndexPage, canteen: Any, django_assert_max_num_queries: Any
) -> None:
    make_item(news, "une", activities=[canteen.activity], important=True)
    get(reader, HOME)
    with django_assert_max_num_queries(60) as spent:
        get(reader, HOME)

    asked = [query["sql"] for query in spent.captured_queries if "news_newspage" in query["sql"]]
    assert len(asked) == 1

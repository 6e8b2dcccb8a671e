"""The week of menus as anybody reads it."""

import re
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from documents.menus import places
from documents.menus.entries import DayEntry
from documents.menus.models import MenuSite, MenusPage
from documents.menus.queries import menus_of_day, search, week_code
from documents.menus.services import unpublish_week
from documents.menus.weeks import week_from_code
from portal.domain.accounts.models import User
from portal.domain.activities.models import Closure, PublicHoliday, SchoolHoliday, Structure
from portal.domain.kernel.calendar import Week
from tests.documents.menus.factories import NOW, THIS_WEEK, a_week, dish, monday, put_on_line, tuesday, write


def page(client: Client, url: str = "/menus/") -> str:
    response = client.get(url)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


@pytest.mark.exigence("V7")
def test_this_week_of_the_canteen_and_of_the_creche(canteen: MenuSite, nursery: MenuSite, client: Client) -> None:
    put_on_line(canteen)
    put_on_line(nursery, entry=a_week(DayEntry(1, (dish("main", "Purée de panais", texture="smooth"),))))

    schools, creche = page(client), page(client, "/menus/creche/")

    assert "Menus de la cantine" in schools
    assert "Semaine du 9 au 13\u00a0novembre 2026, cette semaine" in schools
    assert "Sauté de poulet" in schools
    assert "Galette de pois chiches" in schools
    assert "Viandes d’origine française." in schools
    assert "Purée de panais" not in schools
    assert "Menus de la crèche" in creche
    assert "Purée de panais" in creche
    assert "(texture lisse)" in creche
    assert '<a href="/menus/creche/2026-S46/">Crèche</a>' in schools


def test_a_week_has_one_address_for_search_engines(canteen: MenuSite, client: Client) -> None:
    put_on_line(canteen)

    for address in ("/menus/", f"/menus/{canteen.code}/"):
        found = re.findall(r'<link rel="canonical" href="([^"]*)">', page(client, address))
        assert len(found) == 1, found
        assert found[0].endswith(f"/menus/{canteen.code}/2026-S46/")


@pytest.mark.exigence("B29")
def test_each_dish_says_its_allergens_and_labels_in_words(canteen: MenuSite, client: Client) -> None:
    put_on_line(canteen)
    html = page(client)

    assert "Gratin de pâtes" in html
    assert "gluten, œufs, lait" in html
    assert ">fait maison</span>" in html
    assert ">bio</span>" in html


def test_today_is_named_and_bordered(canteen: MenuSite, client: Client) -> None:
    put_on_line(canteen)
    html = page(client)

    assert '<li id="j2" class="today"><h2>Mardi 10 <span class="badge plan">aujourd’hui</span>' in html
    assert html.count("aujourd’hui</span>") == 1


def test_a_draft_is_not_read(canteen: MenuSite, client: Client) -> None:
    write(canteen)
    html = page(client)

    assert "Sauté de poulet" not in html
    assert "Le menu de cette semaine n’est pas encore publié" in html


def test_an_empty_week_says_when_the_next_comes(canteen: MenuSite, client: Client) -> None:
    put_on_line(canteen, THIS_WEEK.shift(2))
    html = page(client)

    assert "Le prochain menu en ligne est celui de la semaine du 23\u00a0novembre 2026." in html
    assert 'href="/menus/cantine/2026-S48/"' in html


def test_a_week_taken_back_disappears(canteen: MenuSite, client: Client) -> None:
    row = put_on_line(canteen)
    unpublish_week(week=row, by=User.objects.system(), at=NOW)

    assert "Sauté de poulet" not in page(client)


def test_holidays_and_closures_close_days_by_themselves(canteen: MenuSite, client: Client) -> None:
    put_on_line(canteen)
    PublicHoliday.objects.update_or_create(day=date(2026, 11, 10), defaults={"name": "Fête inventée"})
    Closure.objects.create(
        reason="Panne de four", starts_on=date(2026, 11, 12), ends_on=date(2026, 11, 12),
        structure=Structure.objects.get(code="restaurant-scolaire"),
    )  # fmt: skip
    SchoolHoliday.objects.create(zone="A", name="Pont", starts_on=date(2026, 11, 13), ends_on=date(2026, 11, 15))
    html = page(client)

    assert "Férié\u00a0: Fête inventée" in html
    assert "Gratin de pâtes" not in html
    assert "Panne de four" in html
    assert "<strong>Pont</strong>" in html


def test_the_closure_of_another_structure_changes_nothing(canteen: MenuSite, client: Client) -> None:
    put_on_line(canteen)
    elsewhere = Structure.objects.create(code="ailleurs", name="Ailleurs")
    Closure.objects.create(
        reason="Travaux", starts_on=date(2026, 11, 9), ends_on=date(2026, 11, 9), structure=elsewhere
    )

    assert "Travaux" not in page(client)


def test_the_creche_stays_open_in_school_holidays(nursery: MenuSite, client: Client) -> None:
    week = Week(2026, 53)
    put_on_line(nursery, week, a_week(DayEntry(2, (dish("main", "Soupe d’hiver"),))))
    SchoolHoliday.objects.get_or_create(
        zone="A", name="Vacances de Noël", starts_on=date(2026, 12, 19), ends_on=date(2027, 1, 3)
    )

    assert "Soupe d’hiver" in page(client, "/menus/creche/2026-S53/")


def test_weeks_follow_each_other_over_the_year(canteen: MenuSite, client: Client) -> None:
    html = page(client, "/menus/cantine/2026-S53/")

    assert 'rel="prev" href="/menus/cantine/2026-S52/"' in html
    assert 'rel="next" href="/menus/cantine/2027-S01/"' in html


@pytest.mark.parametrize(
    "address",
    [
        "/menus/nulle-part/",
        "/menus/cantine/2027-S53/",
        "/menus/cantine/2026-S00/",
        "/menus/cantine/2014-S10/",
        "/menus/cantine/2026-S99/",
        "/menus/nulle-part/2026-S46/",
    ],
)
def test_what_does_not_exist_is_not_found(canteen: MenuSite, client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


@given(st.dates(date(2001, 1, 1), date(2098, 12, 31)))
def test_the_address_of_a_week_leads_back_to_it(day: date) -> None:
    week = Week.of(day)

    assert week_from_code(week_code(week)) == week
    assert week.shift(1).monday == week.shift(1).shift(-1).shift(1).monday
    assert (week.shift(1).monday - week.monday).days == 7


def test_a_week_53_exists_only_in_long_years() -> None:
    assert week_from_code("2026-S53") == Week(2026, 53)
    assert week_from_code("2027-S53") is None
    assert week_from_code("2026-S5") is None


def test_at_the_weekend_the_next_week_is_shown(canteen: MenuSite, client: Client) -> None:
    put_on_line(canteen, THIS_WEEK.shift(1))
    with time_machine.travel(datetime(2026, 11, 14, 9, tzinfo=UTC), tick=False):
        html = page(client)

    assert "la semaine prochaine" in html
    assert "Sauté de poulet" in html


def test_days_with_an_allergen_are_marked_without_script(canteen: MenuSite, client: Client) -> None:
    put_on_line(canteen)
    response = client.get("/menus/?sans=eggs&sans=%3Cscript%3E&sans=sulphites")
    html = response.content.decode()

    assert "Vous cherchez\u00a0: œufs et sulfites" in html
    assert 'class="today marked"' in html
    assert "Contient\u00a0: œufs et sulfites" in html
    assert "Rien d’indiqué" in html
    assert "il n’est ni enregistré, ni lié à votre dossier" in html
    assert 'href="/menus/cantine/2026-S47/?sans=eggs&amp;sans=sulphites"' in html
    assert response.headers["Cache-Control"] == "private, no-store"
    assert "script&gt;" not in html
    assert "menu_avoided" not in str(response.cookies)


def test_a_town_without_site_says_so(town: object, client: Client) -> None:
    MenuSite.objects.all().delete()

    assert "Les menus ne sont pas encore en ligne" in page(client)


def test_the_menus_are_in_the_public_menu(canteen: MenuSite, client: Client) -> None:
    assert '<a href="/menus/"' in page(client, "/")
    MenusPage.objects.get().unpublish()

    assert '<a href="/menus/"' not in page(client, "/")
    assert client.get(reverse("menus:json", args=["cantine"])).status_code == 404


def test_a_week_costs_the_same_full_or_small(canteen: MenuSite, client: Client) -> None:
    put_on_line(canteen, entry=a_week(monday()))
    put_on_line(canteen, THIS_WEEK.shift(1), a_week(*(DayEntry(n, monday().dishes) for n in (1, 2, 4, 5))))
    page(client)
    with CaptureQueriesContext(
        connection,
    ) as small:
        page(client, "/menus/cantine/2026-S46/")
    with CaptureQueriesContext(connection) as full:
        page(client, "/menus/cantine/2026-S47/")

    assert len(full) == len(small)
    assert len(full) <= 16


def test_the_menu_of_today_in_two_queries(
    canteen: MenuSite, nursery: MenuSite, django_assert_num_queries: object
) -> None:
    put_on_line(canteen)
    put_on_line(nursery, entry=a_week(tuesday()))
    with django_assert_num_queries(2):
        menus = menus_of_day(date(2026, 11, 10))

    assert [menu.site.code for menu in menus] == ["cantine", "creche"]
    assert [dish.name for dish in menus[0].dishes] == ["Betteraves", "Gratin de pâtes", "Yaourt"]
    assert menus[0].special == "Semaine du goût"


def test_the_menu_of_a_closed_day_says_why(canteen: MenuSite) -> None:
    put_on_line(canteen)
    PublicHoliday.objects.update_or_create(day=date(2026, 11, 10), defaults={"name": "Fête inventée"})
    (menu,) = menus_of_day(date(2026, 11, 10))

    assert menu.closed == "Férié\u00a0: Fête inventée"
    assert not menu.dishes


def test_a_dish_is_found_by_its_words(canteen: MenuSite, django_assert_num_queries: object) -> None:
    put_on_line(canteen)
    put_on_line(canteen, THIS_WEEK.shift(-1))
    write(canteen, THIS_WEEK.shift(1))
    assert [(hit.name, hit.day) for hit in search("gratin", date(2026, 11, 10))] == [
        ("Gratin de pâtes", date(2026, 11, 10)),
        ("Gratin de pâtes", date(2026, 11, 3)),
    ]
    assert [hit.name for hit in search("gratins", date(2026, 11, 10))] == ["Gratin de pâtes", "Gratin de pâtes"]
    assert len(search("pates", date(2026, 11, 10))) == 2
    assert search("gratin", date(2026, 11, 10))[0].url == "/menus/cantine/2026-S46/#j2"
    assert search("", date(2026, 11, 10)) == []
    assert search("pizza", date(2026, 11, 10)) == []


def test_a_home_page_may_show_the_menu_of_today(canteen: MenuSite) -> None:
    put_on_line(canteen)
    shown = render_to_string("menus/todays_menus.html")

    assert "Au menu aujourd’hui" in shown
    assert "<li>Gratin de pâtes</li>" in shown
    assert 'href="/menus/cantine/"' in shown
    with time_machine.travel(datetime(2026, 11, 14, 9, tzinfo=UTC), tick=False):
        assert "<section" not in render_to_string("menus/todays_menus.html")


def test_the_search_of_the_site_finds_dishes(canteen: MenuSite) -> None:
    put_on_line(canteen)
    hits = places.search("gratin", user=AnonymousUser(), on=date(2026, 11, 10))

    assert [(hit.title, hit.excerpt, hit.url) for hit in hits] == [
        ("Gratin de pâtes", "Restaurant scolaire, mardi 10\u00a0novembre 2026", "/menus/cantine/2026-S46/#j2")
    ]
    MenusPage.objects.get().unpublish()
    assert places.search("gratin", user=AnonymousUser(), on=date(2026, 11, 10)) == []

"""The same menu on each of the family's pages, and where each page stands."""

import re
from collections.abc import Iterator
from datetime import date

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.test import Client

from portal.domain.bookings.services import change_draft
from tests.domain.accounts.factories import UserFactory
from tests.web.planning.scene import NOW, Scene, code, make_unit

pytestmark = pytest.mark.django_db

PAGES = (
    "/famille/",
    "/famille/demarches/",
    "/famille/inscriptions/",
    "/famille/planning/",
    "/famille/panier/",
    "/famille/panier/effacer/",
)


def read(client: Client, url: str) -> BeautifulSoup:
    answer = client.get(url, follow=True)
    assert answer.status_code == 200, url
    return BeautifulSoup(answer.content.decode(), "html.parser")


@pytest.fixture
def family(client: Client) -> Iterator[Client]:
    with time_machine.travel(NOW, tick=False):
        scene = Scene()
        child, unit = scene.child(), make_unit()
        scene.enrol(child, unit)
        change_draft(family=scene.family, add=[code(child, unit, date(2026, 9, 14))], remove=[], by=scene.user, at=NOW)
        client.force_login(scene.user)
        yield client


@pytest.mark.exigence("N5")
@pytest.mark.exigence("N9")
def test_every_page_has_the_same_entries_in_one_list(family: Client) -> None:
    """One list for every screen: on a phone the style sheet sets its entries one under the other."""
    menus = {}
    for url in PAGES:
        page = read(family, url)
        (menu,) = page.select("nav#menu")
        menus[url] = [(link.get_text(" ", strip=True), link["href"]) for link in menu.select("ul li a")]
        assert len(page.select('button[popovertarget="menu"]')) == 2, "opened and closed without a script"
    assert [words for words, _address in menus["/famille/"]][:1] == ["Accueil"]
    assert len(menus["/famille/"]) >= 4
    assert all(menu == menus["/famille/"] for menu in menus.values())


@pytest.mark.exigence("V19")
def test_every_page_of_the_family_but_its_home_says_where_it_stands(family: Client) -> None:
    for url in PAGES[1:]:
        (crumbs,) = read(family, url).select('nav.crumbs[aria-label="Vous êtes ici"]')
        assert crumbs.select_one("a")["href"] == "/famille/", url
        assert len(crumbs.select('li[aria-current="page"]')) == 1, url


@pytest.mark.exigence("V19")
def test_an_account_without_dossier_reads_where_it_stands(client: Client) -> None:
    client.force_login(UserFactory())
    answer = client.get("/famille/planning/")
    assert answer.status_code == 403
    assert BeautifulSoup(answer.content.decode(), "html.parser").select('nav.crumbs li[aria-current="page"]')


@pytest.mark.exigence("V22")
def test_the_home_says_the_next_deadline_of_the_familys_children(family: Client) -> None:
    (heading,) = read(family, "/famille/").select("#limite")
    card = heading.find_parent("section").get_text(" ", strip=True)
    assert re.search(r"demain , jeudi 10\s*septembre à 23\s*h\s*59", card)
    assert "Cantine, pour les journées du 14 au 18" in card


@pytest.mark.exigence("V22")
def test_another_familys_deadlines_are_not_said(family: Client) -> None:
    with time_machine.travel(NOW, tick=False):
        other = Scene(user=UserFactory(username="paul"))
        other.child("Lina")
        client = Client()
        client.force_login(other.user)
        (heading,) = read(client, "/famille/").select("#limite")
    assert "Cantine" not in heading.find_parent("section").get_text()

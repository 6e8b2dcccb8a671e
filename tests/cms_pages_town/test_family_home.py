"""The tiles of the family's home: the usual ones, or those that the town chose, in its order."""

from datetime import date
from typing import Any
from unittest.mock import patch

import pytest
from bs4 import BeautifulSoup
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import Site

from cms_pages.town.models import FamilyHomeSettings, FamilyTile, TileKey
from portal.backoffice.profiles import load_profile, read_profile
from portal.backoffice.roles import Role
from portal.domain.accounts.models import TermsVersion, User
from portal.domain.accounts.services import accept_terms
from portal.web.home import tiles as tiles_module
from portal.web.home.tiles import USUAL
from portal.web.menu import entry_address
from tests.backoffice.desk import make_agent
from tests.cms_pages.conftest import town
from tests.communes.small import ProfileFolder
from tests.web.planning.scene import Scene

__all__ = ["town"]

pytestmark = pytest.mark.django_db


def choose(*keys: str) -> FamilyHomeSettings:
    home, _ = FamilyHomeSettings.objects.get_or_create(site=Site.objects.get())
    home.tiles.all().delete()
    for order, key in enumerate(keys):
        FamilyTile.objects.create(owner=home, key=key, sort_order=order)
    return home


@pytest.fixture
def family(town: ProfileFolder, client: Client) -> Client:
    parent = Scene().user
    accept_terms(version=TermsVersion.objects.latest("number"), by=parent, at=timezone.now())
    client.force_login(parent)
    return client


def drawn(client: Client) -> list[Any]:
    answer = client.get("/famille/")
    assert answer.status_code == 200, answer.headers
    return list(BeautifulSoup(answer.content.decode(), "html.parser").select("#rubriques .tile"))


def titles(client: Client) -> list[str]:
    return [title.get_text(" ", strip=True) for tile in drawn(client) for title in tile.select("h2")]


@pytest.mark.exigence("N2")
def test_the_town_chooses_its_tiles_and_their_order(family: Client) -> None:
    usual = titles(family)
    assert usual[:3] == ["Mon dossier", "Inscriptions", "Planning et réservations"]

    choose("planning", "dossier")
    assert titles(family) == ["Planning et réservations", "Mon dossier"]
    choose()
    assert titles(family) == usual


@pytest.mark.exigence("N2")
def test_the_simulator_takes_the_place_of_invoices(family: Client) -> None:
    choose("planning", "simulator", "dossier")
    assert "Simulateur" not in titles(family), "no dead link before the simulator is there"

    def address(menu: Any, key: str, request: Any) -> str | None:
        return "/simulateur/" if key == "simulator" else entry_address(menu, key, request)

    with patch.object(tiles_module, "entry_address", address):
        assert titles(family) == ["Planning et réservations", "Simulateur", "Mon dossier"]


@pytest.mark.exigence("N3")
def test_each_tile_lists_its_actions_as_links(family: Client) -> None:
    tiles = drawn(family)
    assert tiles
    for tile in tiles:
        links = tile.select("ul li a[href]")
        assert links
        assert all(link.get_text(strip=True) for link in links)


def test_the_choice_costs_no_query(family: Client) -> None:
    choose("planning")
    family.get("/famille/")
    with CaptureQueriesContext(connection) as queries:
        family.get("/famille/")
    assert [query["sql"] for query in queries if "familytile" in query["sql"]] == []


def test_the_keys_are_those_of_the_tiles(rf: Any, town: ProfileFolder) -> None:
    request = rf.get("/famille/")
    request.user = User.objects.system()
    known = tiles_module._tiles(request, date(2026, 9, 8))
    assert set(known) == set(TileKey.values)
    assert set(USUAL) < set(known)


def test_a_tile_is_chosen_once(town: ProfileFolder) -> None:
    home = choose("planning")
    with pytest.raises(ValidationError, match="déjà choisie"):
        FamilyTile(owner=home, key="planning", sort_order=2).full_clean()


def test_the_profile_says_it(town: ProfileFolder) -> None:
    town.add('[family_home]\ntiles = ["news", "planning"]')
    for _again in range(2):
        load_profile(profile=read_profile(town.path), by=User.objects.system(), at=timezone.now())
        assert list(FamilyTile.objects.order_by("sort_order").values_list("key", flat=True)) == ["news", "planning"]


@pytest.mark.usefixtures("town")
def test_an_agent_chooses_in_the_administration() -> None:
    agent = Client()
    agent.force_login(make_agent(Role.MANAGEMENT))
    page = agent.get("/gestion/settings/town/familyhomesettings/", follow=True)
    form = {
        "tiles-TOTAL_FORMS": "2",
        "tiles-INITIAL_FORMS": "0",
        "tiles-MIN_NUM_FORMS": "0",
        "tiles-MAX_NUM_FORMS": "1000",
        "tiles-0-key": "planning",
        "tiles-0-ORDER": "2",
        "tiles-1-key": "news",
        "tiles-1-ORDER": "1",
    }
    agent.post(page.redirect_chain[-1][0], form, follow=True)
    assert list(FamilyTile.objects.order_by("sort_order").values_list("key", flat=True)) == ["news", "planning"]

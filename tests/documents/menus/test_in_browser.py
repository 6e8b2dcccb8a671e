"""The menus in a real browser: a parent's phone, an agent's screen."""

import os
from pathlib import Path

import pytest
import time_machine
from django.test import Client
from playwright.sync_api import Page, expect

from documents.menus.entries import DayEntry
from documents.menus.models import MenuSite
from documents.menus.queries import week_of_agents
from portal.backoffice.profiles import load_profile, read_profile
from portal.backoffice.roles import Role
from portal.domain.accounts.models import User
from tests.backoffice.desk import make_agent
from tests.communes.small import ProfileFolder
from tests.documents.menus.conftest import MENUS
from tests.documents.menus.factories import NOW, THIS_WEEK, a_week, dish, monday, put_on_line, tuesday
from tests.e2e.test_accessibility import AXE, RUN_AXE
from tests.harness.browser import PageFactory

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

PICTURES = os.environ.get("MENUS_PICTURES", "")


def picture(page: Page, name: str) -> None:
    """Keep what is seen, when asked to."""
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


@pytest.fixture
def site(live_server: object, tmp_path: Path) -> MenuSite:
    """The canteen with a week on line; the live server lives on Tuesday 10 November 2026."""
    folder = ProfileFolder(tmp_path / "essai")
    folder.add(MENUS)
    load_profile(profile=read_profile(folder.path), by=User.objects.system(), at=NOW)
    canteen = MenuSite.objects.get(code="cantine")
    thursday = DayEntry(
        4,
        (
            dish("starter", "Concombre à la menthe", labels=("organic",)),
            dish("main", "Filet de colin", "fish", labels=("sustainable_fishing",)),
            dish("side", "Pommes vapeur", labels=("local",)),
            dish("dairy", "Morbier", "milk", labels=("origin",)),
            dish("dessert", "Compote"),
        ),
    )
    put_on_line(canteen, entry=a_week(monday(), tuesday(), thursday))
    put_on_line(MenuSite.objects.get(code="creche"), entry=a_week(monday()))
    return canteen


def test_a_parent_reads_the_week(site: MenuSite, visitor: Page, width: int, javascript: bool) -> None:
    with time_machine.travel(NOW, tick=False):
        visitor.goto("/menus/")
        expect(visitor.get_by_role("heading", name="Menus de la cantine")).to_be_visible()
        expect(visitor.locator("li.today h2")).to_contain_text("Mardi 10")
        if javascript:
            reach = "e => e.getBoundingClientRect().right > innerWidth + 1"
            wide = f"[...document.querySelectorAll('main *')].filter({reach}).map(e => e.outerHTML.slice(0, 80))"
            assert visitor.evaluate(wide) == []
        picture(visitor, f"week-{width}")
        visitor.get_by_text("Repérer un allergène").click()
        visitor.get_by_label("œufs").check()
        picture(visitor, f"filter-{width}")
        visitor.get_by_role("button", name="Marquer ces jours").click()
        expect(visitor.locator("li.marked h2")).to_contain_text("Mardi 10")
        picture(visitor, f"marked-{width}")
        visitor.get_by_role("link", name="16 novembre").click()
        expect(visitor.get_by_text("pas encore publié")).to_be_visible()
        picture(visitor, f"empty-{width}")


@pytest.mark.parametrize("address", ["/menus/", "/menus/cantine/?sans=milk", "/menus/creche/2026-S50/"])
def test_the_page_has_no_violation(site: MenuSite, open_page: PageFactory, width: int, address: str) -> None:
    with time_machine.travel(NOW, tick=False):
        page = open_page(width=width)
        page.goto(address)
        for summary in page.locator("main summary").all():
            if summary.locator("xpath=..").get_attribute("open") is None:
                summary.click()
        page.evaluate(AXE)

        assert page.evaluate(RUN_AXE) == []


def signed_in(page: Page, client: Client) -> None:
    client.force_login(make_agent(Role.COMMUNICATION, first_name="Claire", last_name="Dupont"))
    cookie = client.cookies["sessionid"]
    page.context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": page.url.removesuffix("menus/")}])


def test_an_agent_pastes_a_table_and_known_dishes_are_remembered(
    site: MenuSite, open_page: PageFactory, client: Client
) -> None:
    with time_machine.travel(NOW, tick=False):
        page = open_page(width=1280)
        page.goto("/menus/")
        signed_in(page, client)
        page.goto("/gestion/menus/")
        picture(page, "desk-index")
        page.goto("/gestion/menus/cantine/2026-S47/")
        first = page.locator("#j1-starter-1-nom")
        first.focus()
        page.evaluate(
            """() => {
                const data = new DataTransfer();
                data.setData("text/plain", "Betteraves\\tSalade\\nSauté de poulet\\tOmelette\\n");
                const paste = new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true});
                document.activeElement.dispatchEvent(paste);
            }"""
        )
        expect(page.locator("#j2-main-1-nom")).to_have_value("Omelette")
        expect(page.locator("#j1-main-1-nom")).to_have_value("Sauté de poulet")
        assert page.locator("[name=j1-main-1-allergenes][value=milk]").is_checked()
        page.locator("#j1-starter-1-nom").press("Enter")
        expect(page.locator("#j1-main-1-nom")).to_be_focused()
        page.evaluate(AXE)
        inside = "axe.run('.menus-desk', {runOnly: ['wcag2a', 'wcag2aa']})"
        found = page.evaluate(f"async () => (await {inside}).violations.map(rule => rule.id + rule.nodes[0].target)")
        assert found == []
        picture(page, "desk-grid")
        page.get_by_role("button", name="Enregistrer et publier").click()
        expect(page.get_by_text("Les menus sont en ligne.")).to_be_visible()
        picture(page, "desk-published")
        page.goto("/gestion/menus/importer/")
        picture(page, "desk-import")
        phone = open_page(width=390)
        phone.goto("/menus/")
        signed_in(phone, client)
        phone.goto("/gestion/menus/cantine/2026-S47/")
        picture(phone, "desk-grid-390")

    entry = week_of_agents(site, THIS_WEEK.shift(1))
    assert entry is not None
    assert entry.published

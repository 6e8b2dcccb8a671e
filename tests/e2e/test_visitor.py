"""What somebody without an account does on the public site of Les Rousses, in a real browser."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.harness.browser import nothing_scrolls_sideways
from tests.harness.towns import load_town

pytestmark = pytest.mark.e2e

#: One instant for all the tests of this file: the town is loaded once.
STARTED = timezone.now()


@pytest.fixture(autouse=True)
def rousses(live_server: LiveServer, settings: Any) -> None:
    """The profile of Les Rousses, served."""
    settings.PORTAL_BASE_URL = live_server.url
    load_town("les-rousses", at=STARTED)


def arrived(page: Page, title: str) -> None:
    """The page of that title is shown, and nothing of it sticks out."""
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    nothing_scrolls_sideways(page)


def from_menu(page: Page, name: str) -> None:
    """Follow an entry of the main menu, behind its button on a phone."""
    button = page.get_by_role("button", name="Menu", exact=True)
    if button.is_visible():
        button.click()
    page.get_by_role("navigation", name="Navigation principale").get_by_role("link", name=name, exact=True).click()


def from_footer(page: Page, name: str) -> None:
    """Follow a link of the foot of the page."""
    page.get_by_role("contentinfo").get_by_role("link", name=name).click()


def main(page: Page) -> Locator:
    """What the page is about."""
    return page.get_by_role("main")


@pytest.mark.exigence("V1")
def test_a_visitor_reads_the_alert_then_the_news_of_one_category(visitor: Page) -> None:
    page = visitor
    page.goto("/")
    arrived(page, "Bienvenue sur le portail famille des Rousses")

    # The alert on top leads to the whole text.
    page.get_by_role("link", name="Lire l’actualité").click()
    arrived(page, "Neige\u00a0: le car du soir part à 16\u00a0h\u00a040")

    # From there to the list, then to one category of it.
    page.get_by_role("navigation", name="Vous êtes ici").get_by_role("link", name="Actualités").click()
    arrived(page, "Actualités")
    expect(main(page).get_by_role("link", name="Une veillée à l’accueil de loisirs", exact=True)).to_be_visible()
    page.get_by_role("navigation", name="Filtrer les actualités").get_by_role("link", name="Cantine").click()
    expect(main(page).get_by_role("link", name="Une veillée à l’accueil de loisirs", exact=True)).to_have_count(0)
    arrived(page, page.get_by_role("heading", level=1).inner_text())

    main(page).get_by_role("link", name="Les produits du Haut-Jura à la cantine", exact=True).click()
    arrived(page, "Les produits du Haut-Jura à la cantine")
    page.get_by_role("link", name="Haut de page").click()
    expect(page.get_by_role("heading", level=1)).to_be_in_viewport()


def test_a_visitor_reads_the_menus_of_both_sites_and_another_week(visitor: Page) -> None:
    page = visitor
    page.goto("/")
    from_menu(page, "Menus")
    arrived(page, "Menus de la cantine")

    page.get_by_role("navigation", name="Lieu").get_by_role("link", name="Crèche").click()
    arrived(page, "Menus de la crèche")

    # The week after, still at the crèche.
    before = page.url
    page.get_by_role("navigation", name="Semaine").get_by_role("link").last.click()
    arrived(page, "Menus de la crèche")
    assert page.url != before
    assert "/menus/creche/" in page.url


def test_a_visitor_opens_the_rules(visitor: Page) -> None:
    page = visitor
    page.goto("/")
    main(page).get_by_role("link", name="Tous les documents").click()
    arrived(page, "Documents")

    link = main(page).get_by_role("link", name="Règlement intérieur")
    expect(link).to_contain_text("PDF")
    answer = page.request.get(link.get_attribute("href") or "")
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("application/pdf")
    assert answer.body().startswith(b"%PDF-")


def test_a_visitor_finds_the_nursery_the_telephone_and_an_answer(visitor: Page) -> None:
    page = visitor
    page.goto("/")
    from_menu(page, "Infos pratiques")
    main(page).get_by_role("link", name="Les lieux d’accueil").first.click()
    arrived(page, "Les lieux d’accueil")

    main(page).get_by_role("link", name="Crèche «\u00a0Les Marmottes\u00a0»", exact=True).click()
    arrived(page, "Crèche «\u00a0Les Marmottes\u00a0»")
    expect(main(page).get_by_role("link", name="01 99 00 12 39").first).to_be_visible()

    from_footer(page, "Toutes les coordonnées")
    arrived(page, "Contacts")
    expect(main(page).get_by_role("heading", name="Se servir du portail")).to_be_visible()
    main(page).get_by_role("link", name="Questions fréquentes").click()
    arrived(page, "Questions fréquentes")

    question = main(page).get_by_text("Où lire mon numéro de dossier\u202f?")
    answer = main(page).get_by_text("En haut de votre dernière facture.")
    expect(answer).to_be_hidden()
    question.click()
    expect(answer).to_be_visible()
    arrived(page, "Questions fréquentes")


def test_a_visitor_searches_without_the_accents(visitor: Page) -> None:
    page = visitor
    page.goto("/")
    field = page.get_by_role("banner").get_by_role("searchbox")
    if not field.is_visible():
        page.get_by_role("banner").get_by_role("link", name="Rechercher").click()
        field = main(page).get_by_role("searchbox")
    field.fill("creche")
    field.press("Enter")

    arrived(page, "Recherche")
    expect(main(page)).to_contain_text("pour «\u00a0creche\u00a0»")
    main(page).get_by_role("link", name="Crèche «\u00a0Les Marmottes\u00a0»", exact=True).click()
    arrived(page, "Crèche «\u00a0Les Marmottes\u00a0»")


def test_a_visitor_changes_the_language_without_leaving_the_page(visitor: Page) -> None:
    page = visitor
    page.goto("/infos-pratiques/contacts/")
    arrived(page, "Contacts")
    html = page.locator("html")

    page.get_by_role("button", name="English").click()
    assert urlsplit(page.url).path == "/infos-pratiques/contacts/"
    expect(html).to_have_attribute("lang", "en")
    arrived(page, page.get_by_role("heading", level=1).inner_text())

    page.get_by_role("button", name="Français").click()
    assert urlsplit(page.url).path == "/infos-pratiques/contacts/"
    expect(html).to_have_attribute("lang", "fr")
    arrived(page, "Contacts")


def test_a_visitor_reads_how_accessible_the_portal_is(visitor: Page) -> None:
    page = visitor
    page.goto("/")
    from_footer(page, "Accessibilité")
    arrived(page, "Accessibilité")
    expect(main(page)).to_contain_text("non conforme")


def test_the_keyboard_is_enough_to_search(open_page: Any) -> None:
    page = open_page(width=1280, javascript=False)
    page.goto("/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Aller au contenu")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()

    field = page.get_by_role("banner").get_by_role("searchbox")
    for _ in range(10):
        page.keyboard.press("Tab")
        if field.evaluate("each => each === each.ownerDocument.activeElement"):
            break
    expect(field).to_be_focused()
    page.keyboard.type("creche")
    page.keyboard.press("Enter")
    arrived(page, "Recherche")
    expect(main(page).get_by_role("link", name="Crèche «\u00a0Les Marmottes\u00a0»", exact=True)).to_be_visible()

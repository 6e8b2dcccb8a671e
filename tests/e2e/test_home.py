"""The public home of Les Rousses in a real browser: read, find one's way, try to enter."""

from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
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


@pytest.mark.exigence("V12", "L9")
def test_a_visitor_reads_the_news_and_finds_the_way_in(visitor: Page) -> None:
    page = visitor
    page.goto("/")
    expect(page).to_have_title("Accueil – Portail famille des Rousses")
    expect(page.get_by_role("heading", level=1)).to_have_text("Bienvenue sur le portail famille des Rousses")
    nothing_scrolls_sideways(page)

    # What closes next, with its whole day.
    if page.locator("#echeances").count():
        expect(page.locator("time.day").first).to_be_visible()

    # The news, its text, and back to the top.
    page.get_by_role("link", name="Le portail famille est ouvert", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Le portail famille est ouvert")
    nothing_scrolls_sideways(page)
    expect(page.get_by_role("navigation", name="Vous êtes ici")).to_contain_text("Actualités")
    page.get_by_role("link", name="Haut de page").click()

    # The menu, behind its button on a phone.
    menu = page.get_by_role("button", name="Menu", exact=True)
    if menu.is_visible():
        menu.click()
    page.get_by_role("navigation", name="Navigation principale").get_by_role("link", name="Infos pratiques").click()
    page.get_by_role("main").get_by_role("link", name="Les lieux d’accueil").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Les lieux d’accueil")
    nothing_scrolls_sideways(page)

    # The foot of the page says how accessible the portal is.
    page.get_by_role("link", name="Accessibilité\u00a0: non conforme").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Accessibilité")


def test_a_wrong_password_is_answered_on_the_sign_in_page(visitor: Page) -> None:
    page = visitor
    page.goto("/")
    page.get_by_label("Adresse mail ou nom d’utilisateur").fill("personne@famille.example")
    page.get_by_label("Mot de passe").fill("un mot de passe inconnu")
    page.get_by_role("main").get_by_role("button", name="Me connecter").click()

    expect(page).to_have_title("Erreur\u00a0: Me connecter – Portail famille des Rousses")
    expect(page.get_by_label("Adresse mail ou nom d’utilisateur")).to_have_value("personne@famille.example")


def test_questions_unfold_and_keep_their_answers(visitor: Page) -> None:
    page = visitor
    page.goto("/aide/")
    question = page.get_by_text("Où trouver mon numéro de dossier\u202f?")
    answer = page.get_by_text("Sur votre dernière facture")

    expect(answer).to_be_hidden()
    question.click()
    expect(answer).to_be_visible()
    nothing_scrolls_sideways(page)

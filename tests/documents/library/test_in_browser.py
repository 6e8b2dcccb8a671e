"""The library in a real browser, at both widths, with and without scripts."""

import os
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer
from wagtail.models import Page as WagtailPage
from wagtail.models import Site

from cms_pages.models import HomePage
from documents.library.models import DocumentsPage
from tests.documents.library.factories import CategoryFactory, DocumentFactory, publish


def _library() -> None:
    root = WagtailPage.get_first_root_node()
    home = root.add_child(instance=HomePage(title="Accueil", slug="accueil", hero_title="Bienvenue"))
    Site.objects.update_or_create(
        is_default_site=True, defaults={"hostname": "localhost", "port": 80, "root_page": home}
    )
    Site.clear_site_root_paths_cache()
    home.add_child(
        instance=DocumentsPage(
            title="Documents",
            slug="documents",
            lead="Règlements, calendriers, formulaires : tout ce qui se télécharge.",
        )
    )
    rules = DocumentFactory(
        slug="reglement",
        title="Règlement intérieur 2026/2027",
        description="Inscriptions, délais, absences, paiement : les règles de tous les accueils.",
        on_home=True,
        valid_until=date(2099, 7, 5),
        empty=True,
    )
    publish(rules, name="Règlement intérieur.pdf", pages=12)
    publish(rules, name="Règlement intérieur.pdf", pages=12, note="Le soir finit à 18 h 30.")
    bus = CategoryFactory(slug="ramassage", name="Ramassage en bus", order=20)
    DocumentFactory(
        title="Arrêts et horaires du centre de loisirs", category=bus, description="Deux circuits, cinq arrêts."
    )
    guides = CategoryFactory(slug="tutoriels", name="Modes d’emploi", order=30)
    DocumentFactory(title="Guide du portail famille", category=guides, on_home=True)


def _shot(page: Page, name: str, width: int) -> None:
    """A picture to look at, when a folder is named."""
    if folder := os.environ.get("SCREENSHOTS_DIR"):
        page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)


@pytest.mark.exigence("V4")
@pytest.mark.exigence("V13")
def test_a_visitor_goes_from_the_home_to_an_old_version(live_server: LiveServer, visitor: Page, width: int) -> None:
    _library()
    visitor.goto("/")
    _shot(visitor, "accueil", width)
    visitor.get_by_role("link", name="Tous les documents").click()
    expect(visitor.get_by_role("heading", level=1)).to_have_text("Documents")
    visitor.get_by_text("Ancienne version").first.click()
    _shot(visitor, "liste", width)
    link = visitor.get_by_role("link", name="version 1 du")
    expect(link).to_have_attribute("href", "/documents/reglement/v1/reglement-interieur.pdf")
    answer = visitor.request.get(f"{live_server.url}/documents/reglement/v1/reglement-interieur.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    visitor.get_by_label("Catégorie").select_option("ramassage")
    visitor.get_by_role("button", name="Afficher").click()
    expect(visitor.get_by_role("status")).to_have_text("1 document")
    visitor.goto("/documents/reglement/")
    expect(visitor.get_by_text("Le soir finit à")).to_be_visible()
    _shot(visitor, "document", width)

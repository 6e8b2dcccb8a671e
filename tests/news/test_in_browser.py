"""A family and its news in a browser, at both widths, with and without scripts."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from cms_pages.audiences import Audience
from news.models import NewsCategory
from portal.domain.kernel.clock import paris_date
from tests.domain.accounts.factories import PASSWORD
from tests.domain.activities.factories import ServiceFactory
from tests.domain.bookings.factories import Household, household, priced_unit
from tests.harness.browser import nothing_scrolls_sideways, window_width
from tests.harness.kept import kept
from tests.news.factories import make_index, make_item

SHOTS = os.environ.get("NEWS_SHOTS", "")


def shoot(page: Page, name: str) -> None:
    """A picture of the page, when somebody asked for them (NEWS_SHOTS is a folder)."""
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}-{window_width(page)}.png", full_page=True)


@pytest.fixture
def home(transactional_db: None) -> Household:
    """Hugo at the canteen, and news of every kind."""
    return kept(("news", paris_date(timezone.now())), build)


def build() -> Household:
    now, today = timezone.now(), paris_date(timezone.now())
    unit = priced_unit(activity__starts_on=today - timedelta(days=30), activity__ends_on=today + timedelta(days=200))
    family = household(unit)
    news = make_index()
    canteen = NewsCategory.objects.create(slug="cantine", name="Cantine")
    outings = NewsCategory.objects.create(slug="sorties", name="Sorties et vacances")
    service = ServiceFactory()
    youth = ServiceFactory(code="jeunesse", name="Service Jeunesse")
    for rank in range(26):
        make_item(
            news,
            f"nouvelle-{rank}",
            date=today - timedelta(days=20 * rank + 2),
            category=canteen if rank % 2 else outings,
            service=service if rank % 3 else youth,
            excerpt="Cinq producteurs du Haut-Jura viennent cuisiner avec les enfants. Les menus restent les mêmes.",
        )
    make_item(
        news,
        "repas-froid",
        title="Cantine : un repas froid vendredi",
        date=today,
        category=canteen,
        service=service,
        activities=[unit.activity],
        important=True,
        excerpt="La cuisine est en travaux : un pique-nique est servi aux enfants inscrits.",
    )
    make_item(
        news,
        "reunion",
        title="Réunion de rentrée des familles",
        date=today - timedelta(days=1),
        audience=Audience.FAMILIES,
        event_on=today + timedelta(days=9),
        event_place="Salle des fêtes",
    )
    make_item(
        news,
        "neige",
        title="Routes enneigées : les cars ne passent pas demain",
        date=today,
        alert_level="blocking",
        pinned_from=now - timedelta(hours=1),
        pinned_until=now + timedelta(days=1),
        excerpt="Les écoles accueillent les enfants que vous pouvez amener.",
    )
    return family


def sign_in(page: Page, home: Household) -> None:
    form = page.locator("main form", has=page.locator("input[name=password]"))
    form.locator("input[name=login]").fill(home.parent.username)
    form.locator("input[name=password]").fill(PASSWORD)
    form.get_by_role("button", name="Me connecter").click()


@pytest.mark.exigence("V2", "V3", "B23")
def test_from_the_public_list_to_the_familys_own(home: Household, visitor: Page) -> None:
    page = visitor
    page.goto("/actualites/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Actualités")
    expect(page.get_by_text("Routes enneigées").first).to_be_visible()
    assert page.get_by_text("repas froid").count() == 0
    nothing_scrolls_sideways(page)
    shoot(page, "liste")
    page.get_by_role("link", name="Sorties et vacances").click()
    expect(page.get_by_role("link", name="Sorties et vacances")).to_have_attribute("aria-current", "true")
    page.get_by_role("navigation", name="Pages d’actualités").get_by_role("link", name="Suivant").click()
    expect(page).to_have_title("Actualités, Sorties et vacances (page 2) – Portail famille de votre commune")

    # A link received by mail: sign in, then read it.
    page.goto("/actualites/repas-froid/")
    expect(page).to_have_url("/compte/connexion/?next=/actualites/repas-froid/")
    sign_in(page, home)
    expect(page.get_by_role("heading", level=1)).to_have_text("Cantine\u00a0: un repas froid vendredi")
    nothing_scrolls_sideways(page)
    shoot(page, "article-cible")
    page.get_by_role("link", name="Toutes les actualités de ma famille").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mes actualités")
    expect(page.get_by_text("Pour Hugo\u00a0: Restaurant scolaire 2026/2027")).to_be_visible()
    expect(page.get_by_text("Pour toutes les familles")).to_be_visible()
    nothing_scrolls_sideways(page)
    shoot(page, "famille")
    page.get_by_role("button", name="Tout marquer comme lu").click()
    expect(page.get_by_text("Vous avez tout lu.")).to_be_visible()
    page.goto("/actualites/reunion/")
    expect(page.get_by_role("heading", name="Rendez-vous")).to_be_visible()
    shoot(page, "rendez-vous")


@pytest.mark.exigence("B23")
def test_what_must_be_read_stands_on_the_home_until_it_is(home: Household, visitor: Page) -> None:
    page = visitor
    page.goto("/compte/connexion/?next=/famille/")
    sign_in(page, home)
    expect(page.get_by_role("heading", name="À lire")).to_be_visible()
    expect(page.get_by_role("complementary", name="Annonces").get_by_text("Routes enneigées")).to_be_visible()
    nothing_scrolls_sideways(page)
    shoot(page, "accueil-famille")
    page.get_by_role("link", name="Cantine : un repas froid vendredi").click()
    page.goto("/famille/")
    expect(page.get_by_role("heading", name="À lire")).to_have_count(0)


def test_nothing_of_it_in_the_other_family(home: Household, open_page: Any) -> None:
    stranger = household(priced_unit())
    page = open_page(width=390, javascript=False)
    page.goto("/compte/connexion/?next=/famille/actualites/")
    sign_in(page, stranger)
    expect(page.get_by_role("heading", level=1)).to_have_text("Mes actualités")
    assert page.get_by_text("repas froid").count() == 0
    assert page.request.get("/actualites/repas-froid/").status == 404

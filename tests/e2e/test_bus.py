"""A parent chooses the stop that the home page asks for, then another one for one day, and reads the lines."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.french import long_date
from portal.domain.transport.models import StopChoice, StopException
from tests.domain.accounts.factories import PASSWORD
from tests.domain.bookings.factories import Household, book, household
from tests.domain.transport.factories import bus_line, bus_unit
from tests.harness.browser import nothing_scrolls_sideways

pytestmark = [pytest.mark.e2e, pytest.mark.exigence("B30", "I47")]

EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)
IN_A_WEEK = timedelta(days=7)


@pytest.fixture
def home(transactional_db: None) -> Household:
    """Hugo takes the bus in a week, whatever the day on which this runs; his stop is to choose."""
    today = paris_date(timezone.now())
    unit = bus_unit(weekdays=EVERY_DAY, deadline={"kind": "always"})
    unit.activity.starts_on, unit.activity.ends_on = today - timedelta(days=30), today + timedelta(days=90)
    unit.activity.save()
    made = household(unit)
    bus_line(unit, weekdays=EVERY_DAY)
    book(made, [today + IN_A_WEEK])
    return made


def test_a_parent_chooses_a_stop_then_another_for_one_day(visitor: Page, home: Household) -> None:
    page, day = visitor, paris_date(timezone.now()) + IN_A_WEEK
    page.goto("/compte/connexion/?next=/famille/")
    page.fill("input[name=login]", home.parent.username)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_load_state()
    page.goto("/famille/")
    page.get_by_role("link", name="Choisir l’arrêt de bus : Hugo").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("L’arrêt de bus de Hugo")
    nothing_scrolls_sideways(page)
    page.get_by_role("button", name="Enregistrer l’arrêt de Hugo").click()
    expect(page.locator("#erreurs")).to_contain_text("Arrêt de l’aller")
    page.get_by_role("group", name="Arrêt de l’aller").get_by_text("Place du Marché").click()
    page.get_by_role("group", name="Arrêt du retour").get_by_text("Cité des Vignes").click()
    page.get_by_role("button", name="Enregistrer l’arrêt de Hugo").click()
    expect(page.get_by_text("L’arrêt est enregistré.")).to_be_visible()
    nothing_scrolls_sideways(page)
    assert StopChoice.objects.get().outward.code == "marche"

    page.get_by_role("link", name="Changer ce jour").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(long_date(day))
    page.get_by_role("group", name="Arrêt du retour").get_by_text("ne prend pas le bus au retour").click()
    page.get_by_role("button", name="Enregistrer pour ce jour").click()
    expect(page.get_by_text("ce jour seulement")).to_be_visible()
    assert StopException.objects.get().homeward is None

    page.get_by_role("link", name="Voir toutes les lignes et leurs arrêts").click()
    expect(page.get_by_role("link", name="Feuille à imprimer (PDF)")).to_be_visible()
    nothing_scrolls_sideways(page)

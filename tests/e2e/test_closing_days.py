"""An agent closes a day by the keyboard alone, and changes a rule, at both widths, with and without scripts."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from portal.backoffice.roles import Role
from portal.domain.activities.models import Activity, Closure
from portal.domain.bookings.models import Booking
from portal.domain.kernel.clock import paris_date
from tests.backoffice.desk import make_agent
from tests.domain.activities.factories import PlacePoolFactory
from tests.domain.bookings.factories import book, household, priced_unit
from tests.e2e.test_desk import sign_in
from tests.harness.browser import PageFactory, nothing_scrolls_sideways

pytestmark = pytest.mark.e2e


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the control of that name has the focus."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement && document.activeElement.matches(':focus')") and page.evaluate(
            """() => {
                const here = document.activeElement;
                const label = here.labels && here.labels[0] ? here.labels[0].textContent : here.textContent;
                return (label || "").trim();
            }"""
        ).startswith(name):
            return
    raise AssertionError(f"the keyboard does not reach « {name} »")


@pytest.mark.exigence("C5")
def test_a_day_is_closed_by_the_keyboard_alone(
    transactional_db: None, open_page: PageFactory, width: int, javascript: bool
) -> None:
    unit = priced_unit(pools=[PlacePoolFactory()])
    day = paris_date(timezone.now()) + timedelta(days=7)
    book(household(unit, children=1), [day])
    make_agent(Role.MANAGEMENT, username="nadia")
    page = open_page(width=width, javascript=javascript)
    sign_in(page, "nadia", "/gestion/calendrier/fermetures/create/")
    nothing_scrolls_sideways(page)

    tab_to(page, "Ce qui ferme")
    page.keyboard.press("ArrowDown")
    tab_to(page, "Premier jour fermé")
    page.keyboard.type(f"{day:%m%d%Y}")
    tab_to(page, "Motif")
    page.keyboard.type("grève")
    tab_to(page, "Voir ce que cela fera")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Ce que fera la fermeture")).to_be_visible()
    expect(page.get_by_text("4,30").first).to_be_visible()
    nothing_scrolls_sideways(page)
    assert Booking.objects.booked().count() == 1

    tab_to(page, "J’ai relu")
    page.keyboard.press("Space")
    tab_to(page, "Fermer ces jours")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Fermeture")).to_be_visible()
    nothing_scrolls_sideways(page)

    assert Closure.objects.get().starts_on == day
    assert not Booking.objects.booked().exists()


@pytest.mark.exigence("C4")
def test_a_rule_is_changed_by_its_fields(
    transactional_db: None, open_page: PageFactory, width: int, javascript: bool
) -> None:
    unit = priced_unit()
    make_agent(Role.MANAGEMENT, username="nadia")
    page = open_page(width=width, javascript=javascript)
    sign_in(page, "nadia", f"/gestion/activites/reglement/{unit.activity_id}/")
    nothing_scrolls_sideways(page)
    page.get_by_role("link", name="Changer").first.click()
    page.get_by_label("Genre de règle").select_option("days_before")
    page.get_by_role("button", name="Montrer les champs").click()
    page.get_by_label("Nombre de jours").fill("2")
    nothing_scrolls_sideways(page)
    page.get_by_role("button", name="Voir ce que cela change").last.click()
    expect(page.get_by_text("jusqu’à 23")).not_to_have_count(0)
    nothing_scrolls_sideways(page)
    page.get_by_role("button", name="Enregistrer ce changement").click()
    expect(page.get_by_text("Le délai est changé")).to_be_visible()

    assert Activity.objects.get().booking_deadline == {"kind": "days_before", "days": 2}

"""The screens in a real browser, under the policy of the agents' door: no error in the console."""

from datetime import date

import pytest
from django.utils import timezone

from portal.domain.activities.models import Closure
from portal.domain.kernel.clock import paris_date
from tests.backoffice.desk import address, make_agent
from tests.domain.accounts.factories import PASSWORD
from tests.domain.activities.factories import PlacePoolFactory
from tests.domain.bookings.factories import book, household, priced_unit
from tests.harness.browser import DESKTOP, PageFactory

pytestmark = pytest.mark.e2e


def test_an_agent_reads_and_closes_a_day(open_page: PageFactory) -> None:
    """`open_page` complains at the end of anything that the console or the network says."""
    unit = priced_unit(pools=[PlacePoolFactory()])
    home = household(unit)
    book(home, [date(2026, 9, 14)])
    date_of_the_closure = paris_date(timezone.now())
    agent = make_agent(username="admin")
    page = open_page(width=DESKTOP)
    page.goto("/gestion/")
    page.fill("input[name=login]", agent.username)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.get_by_role("button", name="Familles").wait_for()

    for screen in (
        address("familles/dossiers"),
        address("familles/dossiers", "inspect", home.family.pk),
        address("inscriptions/reservations"),
        address("activites/activites"),
        address("activites/activites", "edit", unit.activity_id),
        address("activites/unites", "edit", unit.pk),
        address("tarifs/versions", "create"),
        address("courriels"),
        address("journal"),
    ):
        page.goto(screen)
        page.get_by_role("heading", level=1).wait_for()
        page.wait_for_load_state("networkidle")
    page.goto(address("inscriptions/reservations"))
    page.fill("input[name=jour]", "2026-09-14")
    page.get_by_role("button", name="Voir ce jour").click()
    page.get_by_text("lundi 14 septembre 2026").wait_for()

    page.goto(address("calendrier/fermetures", "create"))
    page.get_by_label("Ce qui ferme").select_option("commune")
    page.fill("input[name=starts_on]", date_of_the_closure.isoformat())
    page.fill("input[name=reason]", "travaux")
    page.get_by_role("button", name="Voir ce que cela fera").click()
    page.get_by_role("heading", name="Ce que fera la fermeture").wait_for()
    page.get_by_label("J’ai relu").check()
    page.get_by_role("button", name="Fermer ces jours").click()
    page.get_by_text("C’est fermé").wait_for()

    assert Closure.objects.get().starts_on == date_of_the_closure

"""What a visitor, then a parent, does to know what a year costs."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from portal.domain.accounts.models import User
from portal.domain.activities.models import Unit
from portal.domain.enrolments.enums import EnrolmentState
from portal.domain.enrolments.models import Enrolment, PatternDay
from portal.domain.kernel.school_year import SchoolYear
from tests.domain.quotients.factories import QuotientFactory
from tests.e2e.households import Pupil, household
from tests.harness.browser import PageFactory, let_in, nothing_scrolls_sideways
from tests.harness.towns import load_town
from tests.tariffs_simulator.conftest import GRID

pytestmark = pytest.mark.e2e

STARTED = timezone.now()
YEAR = SchoolYear.of(STARTED.date())


@pytest.fixture
def meal(live_server: LiveServer, settings: Any) -> Unit:
    """The meal of Les Rousses, priced by brackets."""
    settings.PORTAL_BASE_URL = live_server.url
    load_town("les-rousses", at=STARTED)
    meal = Unit.objects.select_related("activity").get(
        code="repas",
        activity__code__startswith="restaurant",
        activity__starts_on__range=[YEAR.first_day, YEAR.last_day],
    )
    version = meal.tariff_link.tariff.versions.order_by("valid_from").last()
    version.unit_price, version.grid = None, GRID
    version.save()
    return meal


@pytest.fixture
def parent(meal: Unit) -> User:
    """Claire, Hugo who eats on Mondays and Tuesdays, a quotient of 842 until next year."""
    user, family, children = household(
        Pupil("Hugo", date(YEAR.start - 8, 3, 12), "CE1", "groupe-scolaire"), year=YEAR.start, at=STARTED
    )
    enrolment = Enrolment.objects.create(
        child=children["Hugo"], activity=meal.activity, family=family, state=EnrolmentState.ACCEPTED,
        starts_on=meal.activity.starts_on, ends_on=meal.activity.ends_on, requested_at=STARTED, requested_by=user,
    )  # fmt: skip
    PatternDay.objects.bulk_create(PatternDay(enrolment=enrolment, unit=meal, weekday=day) for day in (1, 2))
    QuotientFactory(
        family=family, accepted=True, value=Decimal(842), valid_from=YEAR.first_day, valid_until=YEAR.last_day
    )
    return user


def meals(page: Page) -> Locator:
    """The boxes of the meal of the first child."""
    return page.get_by_role("group", name="Enfant 1, Cantine Repas").get_by_role("checkbox")


def result(page: Page) -> Locator:
    return page.locator("#resultat")


@pytest.mark.exigence("V9", "V10")
def test_a_visitor_knows_the_price_of_a_year_and_compares(meal: Unit, visitor: Page) -> None:
    page = visitor
    page.goto("/simulateur/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Combien vais-je payer\u00a0?")
    nothing_scrolls_sideways(page)

    # The quotient is computed, and the calculation shown.
    page.get_by_role("radio", name="Je le calcule").check()
    page.get_by_label("Revenus de l’année avant abattements").fill("30 312")
    page.get_by_label("Prestations familiales du mois").fill("0")
    page.get_by_role("radio", name="en couple").check()
    page.get_by_label("Enfants à charge").fill("2")
    meals(page).nth(0).check()
    meals(page).nth(1).check()
    page.get_by_role("button", name="Calculer le prix").last.click()
    expect(result(page).get_by_role("heading", name="Votre quotient\u00a0: 842")).to_be_visible()
    expect(result(page)).to_contain_text("Une semaine d’école7,20\u00a0€")
    expect(result(page)).to_contain_text("Montants indicatifs, la facture fait foi.")
    nothing_scrolls_sideways(page)

    # What if the quotient were another one?
    result(page).get_by_role("link", name="Garder pour comparer").click()
    page.get_by_role("radio", name="Je le connais").check()
    page.get_by_label("Mon quotient familial").fill("1 200")
    page.get_by_role("button", name="Calculer le prix").last.click()
    row = result(page).get_by_role("row", name="Une semaine d’école")
    expect(row).to_contain_text("7,20\u00a0€10,80\u00a0€+3,60\u00a0€")
    expect(result(page).get_by_role("img").first).to_have_accessible_description(
        "De 2,10\u00a0€ à 5,40\u00a0€. Le vôtre, 1\u202f200, donne 5,40\u00a0€. Les valeurs sont dans le tableau."
    )
    nothing_scrolls_sideways(page)

    # A slip is named, and stays.
    page.get_by_label("Mon quotient familial").fill("douze")
    page.get_by_role("button", name="Calculer le prix").last.click()
    expect(page.locator("#erreurs")).to_contain_text("indiquez un nombre, par exemple 842,50")
    expect(page.get_by_label("Mon quotient familial")).to_have_value("douze")


def test_the_price_follows_each_tick(meal: Unit, open_page: PageFactory) -> None:
    page = open_page(width=390)
    page.goto("/simulateur/")
    page.get_by_label("Mon quotient familial").fill("842")
    meals(page).nth(0).press("Space")
    expect(page.locator("#annonce")).to_contain_text("par mois")
    expect(result(page)).to_contain_text("Une semaine d’école3,60\u00a0€")
    meals(page).nth(1).press("Space")
    expect(result(page)).to_contain_text("Une semaine d’école7,20\u00a0€")
    expect(meals(page).nth(1)).to_be_focused()

    # The address says it all: the page opened again is the same.
    page.reload()
    expect(result(page)).to_contain_text("Une semaine d’école7,20\u00a0€")


@pytest.mark.exigence("V11", "I24")
def test_a_parent_finds_the_children_and_the_quotient_of_the_dossier(
    parent: User, live_server: LiveServer, open_page: PageFactory, width: int
) -> None:
    page = open_page(width=width, javascript=False)
    let_in(page, parent, live_server.url)
    page.goto("/simulateur/")

    expect(page.get_by_role("heading", name="Hugo")).to_be_visible()
    expect(page.get_by_role("radio", name="Celui de mon dossier")).to_be_checked()
    expect(page.get_by_text("842, déclaré par la famille, valable jusqu’au")).to_be_visible()
    expect(result(page)).to_contain_text("Une semaine d’école7,20\u00a0€")
    nothing_scrolls_sideways(page)

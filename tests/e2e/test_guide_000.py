"""Guide 000 (Roussillon Conflent): enrol every child first, book the lunch of a year, give days back."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from portal.domain.accounts.models import User
from portal.domain.bookings.deciding import accept_enrolment
from portal.domain.bookings.enums import BookingState
from portal.domain.bookings.held import decide_held_enrolments
from portal.domain.bookings.models import Booking
from portal.domain.enrolments.enums import EnrolmentState
from portal.domain.enrolments.models import Enrolment
from portal.domain.families.models import Child, Family
from portal.domain.kernel.clock import PARIS
from portal.domain.kernel.french import amount
from tests.domain.accounts.factories import UserFactory
from tests.e2e.households import Pupil, choose, complete, household, press, settled, sign_in
from tests.harness.browser import DESKTOP, PHONE, PageFactory, nothing_scrolls_sideways
from tests.harness.towns import load_town

pytestmark = pytest.mark.e2e

NOW = datetime(2025, 8, 25, 10, 0, tzinfo=PARIS)
NBSP = "\u00a0"


@pytest.fixture
def parent(live_server: LiveServer, settings: Any, tmp_path: Path) -> Iterator[User]:
    """Marie is at Torcatis, Pierre and Paul are at Pasteur."""
    settings.PORTAL_BASE_URL = live_server.url
    settings.PRIVATE_ROOT = tmp_path / "private"
    load_town("roussillon-conflent", at=NOW)
    with time_machine.travel(NOW, tick=True):
        user, _family, _children = household(
            Pupil("Marie", date(2016, 5, 4), "CE2", "torcatis"),
            Pupil("Pierre", date(2018, 2, 9), "CP", "pasteur"),
            Pupil("Paul", date(2018, 2, 9), "CP", "pasteur"),
            year=2025,
            at=NOW,
        )
        yield user


def enrol(page: Page, *names: str, activity: str) -> None:
    """« + Inscription »: the children, the service and type by cascade, the activity, one record for all."""
    page.goto("/famille/inscriptions/")
    page.get_by_role("link", name="Partir d’une activité").click()
    for name in names:
        page.get_by_label(name, exact=True).check()
        settled(page)
    choose(page.get_by_label("Activité *"), activity)
    nothing_scrolls_sideways(page)
    settled(page)
    press(page, "Continuer")
    nothing_scrolls_sideways(page)
    # Lunch and its watch have their price there, each with what a day costs.
    expect(page.get_by_role("main")).to_contain_text(f"5,15{NBSP}€")
    press(page, "Enregistrer les inscriptions cochées")
    expect(page.get_by_role("heading", level=1)).to_have_text("C’est enregistré")


def the_service_accepts(family: Family, by: User) -> None:
    """The dossier is complete, the requests go to the agent, who says yes."""
    now = datetime.now(tz=PARIS)
    decide_held_enrolments(family=family, by=by, at=now)
    agent = UserFactory(username="service", is_staff=True, is_superuser=True)
    for waiting in Enrolment.objects.filter(state=EnrolmentState.REQUESTED):
        accept_enrolment(enrolment=waiting.pk, by=agent, at=now)


def book_weeks(page: Page, *names: str, what: str, last: date) -> None:
    page.goto("/famille/planning/?mois=2025-09&modifier=1")
    page.get_by_text("Plusieurs semaines").click()
    choose(page.get_by_label("Activité", exact=True), what)
    page.get_by_label("Au", exact=True).fill(last.isoformat())
    for weekday in ("lun.", "mar.", "jeu.", "ven."):
        page.locator("details[open] .week-days").get_by_text(weekday).click()
    for name in names:
        page.get_by_role("group", name="Pour").get_by_text(name).click()
    nothing_scrolls_sideways(page)
    page.get_by_role("button", name="Ajouter au brouillon").click()


@pytest.mark.exigence(
    "I3", "I5", "I10", "I20", "I27", "I32", "P1", "P4", "P10", "P12", "P27", "P28", "P29", "P33", "P54", "P56", "P58"
)
@pytest.mark.parametrize(("width", "javascript"), [(PHONE, False), (DESKTOP, True)], ids=["390px-nojs", "1280px-js"])
def test_three_children_are_enrolled_then_booked_then_days_are_given_back(
    open_page: PageFactory, live_server: LiveServer, parent: User, width: int, javascript: bool
) -> None:
    page = sign_in(open_page, live_server, parent, now=NOW, width=width, javascript=javascript)
    main = page.get_by_role("main")

    # Every child first, on one page; each school has its own lunch.
    enrol(page, "Marie", activity="Accueil méridien Torcatis 2025/2026")
    enrol(page, "Pierre", "Paul", activity="Accueil méridien Pasteur 2025/2026")
    for name in ("Pierre", "Paul"):
        expect(page.get_by_role("link", name=f"Carnet de vaccination de {name}")).to_be_visible()
    page.goto("/famille/planning/?mois=2025-09")
    expect(main).to_contain_text("attend la réponse du service")
    family = Family.objects.get(members__adult__user=parent)
    complete(family, Child.objects.filter(links__family=family), by=parent, at=NOW)
    the_service_accepts(family, parent)

    # The year of Marie, one month of the twins: lunch brings its watch with it.
    book_weeks(page, "Marie", what="Midi Torcatis, repas midi", last=date(2026, 7, 3))
    year = page.locator("#avis").inner_text()
    assert "jours ajoutés au brouillon" in year.replace(NBSP, " "), year
    book_weeks(page, "Pierre", "Paul", what="Midi Pasteur, repas midi", last=date(2025, 10, 17))
    page.locator('button[name="suite"][value="verifier"]').click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Vérifiez, puis validez")
    nothing_scrolls_sideways(page)
    costs = page.locator("section[aria-labelledby=par-enfant]")
    for name in ("Marie", "Pierre", "Paul"):
        expect(costs).to_contain_text(name)
    press(page, "Valider mes")
    expect(page.get_by_role("heading", level=1)).to_have_text("C’est enregistré")
    booked = Booking.objects.filter(state=BookingState.BOOKED)
    meals = booked.filter(unit__code="repas")
    assert meals.count() == booked.filter(unit__code="temps-meridien").count() > 150
    expect(main).to_contain_text(amount(sum(each.unit_price for each in booked)))

    # A fortnight, without Marie.
    page.goto("/famille/planning/?mois=2025-09&vue=quinzaine")
    nothing_scrolls_sideways(page)

    # « − Réservation »: everything of one week, for the twins; the basket holds the cancellations too.
    page.goto("/famille/planning/?mois=2025-09&modifier=1")
    page.get_by_text("Plusieurs semaines").click()
    page.get_by_role("group", name="Je veux").get_by_text("Annuler").click()
    page.get_by_label("Activité", exact=True).select_option(value="toutes")
    page.get_by_label("Du", exact=True).fill("2025-09-22")
    page.get_by_label("Au", exact=True).fill("2025-09-26")
    for weekday in ("lun.", "mar.", "jeu.", "ven."):
        page.locator("details[open] .week-days").get_by_text(weekday).click()
    for name in ("Pierre", "Paul"):
        page.get_by_role("group", name="Pour").get_by_text(name).click()
    page.get_by_role("button", name="Ajouter au brouillon").click()
    page.locator('button[name="suite"][value="verifier"]').click()
    a_day = sum(booked.filter(child__first_name="Paul", day=date(2025, 9, 22)).values_list("unit_price", flat=True))
    expect(main).to_contain_text(f"−{amount(2 * 4 * a_day)}")
    press(page, "Valider mes")
    expect(page.get_by_role("heading", level=1)).to_have_text("C’est enregistré")
    week = Booking.objects.filter(day__range=("2025-09-22", "2025-09-26"))
    assert set(week.exclude(child__first_name="Marie").values_list("state", flat=True)) == {BookingState.CANCELLED}
    assert set(week.filter(child__first_name="Marie").values_list("state", flat=True)) == {BookingState.BOOKED}

"""Guide 003, from B to D, on the town of Les Rousses as its profile makes it, in a real browser.

27 August 2019, the day of the guide’s own pictures: an account is created, a child enrolled in the canteen for the
whole week, one meal cancelled. The guide prints 21 meals at 4,30 € for 90,30 €, then 86,00 € and −4,30 €: so do we.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest
import time_machine
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from portal.domain.bookings.models import Booking, Receipt
from portal.domain.families.models import Family
from portal.domain.kernel.clock import PARIS
from portal.domain.mails.models import OutgoingMail
from tests.harness.browser import nothing_scrolls_sideways
from tests.harness.towns import load_town

pytestmark = pytest.mark.e2e

NOW = datetime(2019, 8, 27, 10, 0, tzinfo=PARIS)
PASSWORD = "le tétras chante en avril"
NBSP = "\u00a0"


@pytest.fixture(autouse=True)
def town(live_server: LiveServer, settings: Any) -> Iterator[Family]:
    """Les Rousses and its sample families; the dossier without account is the one of the journey."""
    settings.PORTAL_BASE_URL = live_server.url
    with time_machine.travel(NOW, tick=True):
        load_town("les-rousses", at=NOW, families=4)
        yield Family.objects.get(name="Morand")


def press(page: Page, name: str) -> None:
    page.get_by_role("main").get_by_role("button", name=name).first.click()


def create_the_account(page: Page, family: Family) -> None:
    """Part B: four steps, the link of the mail, then signed in."""
    page.goto("/")
    page.get_by_role("main").get_by_role("link", name="Créer mon compte").first.click()
    page.get_by_label("Prénom").fill("Nadia")
    page.get_by_label("Nom *", exact=True).fill("Morand")
    page.get_by_label("Adresse mail du compte").fill(family.contact_email)
    page.get_by_label("Mot de passe *", exact=True).fill(PASSWORD)
    page.get_by_label("Le même, encore une fois").fill(PASSWORD)
    press(page, "Continuer")
    page.get_by_label("Numéro de dossier").fill(family.number)
    page.get_by_label("Nom du responsable").fill("Morand")
    page.get_by_label("Adresse mail donnée à la mairie").fill(family.contact_email)
    press(page, "Continuer")
    page.get_by_label("J’ai lu").check()
    press(page, "Accepter et continuer")
    press(page, "Valider et créer mon compte")
    expect(page.get_by_role("heading", level=1)).to_have_text("Un mail vous a été envoyé")
    page.goto("/demo/courriels/")
    page.get_by_role("link", name="Activez votre compte").click()
    page.frame_locator("iframe").get_by_role("link", name="Activer mon compte").click()
    page.get_by_label("Votre mot de passe").fill(PASSWORD)
    press(page, "Activer mon compte")
    page.get_by_role("link", name="Entrer dans mon espace").click()
    expect(page.locator(".account")).to_contain_text(f"n°{NBSP}{family.number}")


def enrol_in_the_canteen(page: Page, first_name: str) -> None:
    """Part C: choose the child, the regular week, record; the planning is offered."""
    page.goto("/famille/inscriptions/")
    nothing_scrolls_sideways(page)
    page.get_by_role("link", name=f"Inscrire {first_name}").click()
    page.get_by_role("link", name="Restaurant scolaire").click()
    nothing_scrolls_sideways(page)
    expect(page.get_by_text(f"4,30{NBSP}€").first).to_be_visible()
    for weekday in ("lun.", "mar.", "mer.", "jeu.", "ven."):
        page.get_by_label(weekday).check()
    press(page, f"Enregistrer l’inscription de {first_name}")
    expect(page.get_by_role("heading", level=1)).to_have_text("C’est enregistré")
    nothing_scrolls_sideways(page)


@pytest.mark.exigence(
    "A13", "A18", "I8", "I9", "I33", "I35", "I36", "I38", "P35", "P36", "P43", "P44", "P49", "P52", "P60", "P71"
)
def test_a_new_parent_follows_the_guide_from_b_to_d(visitor: Page, town: Family) -> None:
    page = visitor
    create_the_account(page, town)
    # From here on the browser lives on the same day; not before, for the mail's frame runs no script at all.
    page.context.clock.install(time=NOW)
    child = town.child_links.order_by("order", "pk").first().child
    enrol_in_the_canteen(page, child.first_name)

    # D. The month of September: 21 meals, 90,30 €.
    page.get_by_role("link", name="Choisir ses jours sur le planning").click()
    page.goto("/famille/planning/?mois=2019-09")
    expect(page.get_by_text(f"90,30{NBSP}€").first).to_be_visible()
    nothing_scrolls_sideways(page)
    page.get_by_role("link", name="Modifier", exact=True).click()

    # Friday the 20th is given back: pending −4,30 €.
    booking = Booking.objects.get(child=child, day=date(2019, 9, 20))
    box = page.locator(f'input[value="{child.pk}.{booking.unit_id}.2019-09-20"]')
    jump = page.locator('.week-jump a[href="#s38"]')
    if page.viewport_size["width"] < 700:
        jump.click()
    page.locator("label.cell", has=box).click()
    page.locator('button[name="suite"][value="verifier"]').click()
    main = page.get_by_role("main")
    expect(page.get_by_role("heading", level=1)).to_have_text("Vérifiez, puis validez")
    expect(main).to_contain_text(f"−4,30{NBSP}€")
    expect(main).to_contain_text("vendredi 20\u00a0septembre 2019")
    expect(main).to_contain_text(f"90,30{NBSP}€")
    expect(main).to_contain_text(f"86,00{NBSP}€")
    nothing_scrolls_sideways(page)
    press(page, "Valider mon changement")

    # Saved: a number on the page, the same in the mail.
    expect(page.get_by_role("heading", level=1)).to_have_text("C’est enregistré")
    receipt = Receipt.objects.filter(family=town).get()
    expect(main).to_contain_text(receipt.number)
    page.goto("/famille/planning/?mois=2019-09")
    expect(page.get_by_text(f"86,00{NBSP}€").first).to_be_visible()
    mail = OutgoingMail.objects.get(kind="booking_receipt", recipient=town.contact_email)
    assert receipt.number in mail.subject
    assert f"−4,30{NBSP}€" in mail.text
    assert OutgoingMail.objects.filter(kind="enrolment", recipient=town.contact_email).count() == 1

"""Guide 002 (a town with an ALAE): enrol, tick four Wednesdays of January, one of two kinds of afternoon, finish."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from portal.domain.accounts.models import User
from portal.domain.activities.models import Unit
from portal.domain.bookings.enums import BookingState
from portal.domain.bookings.models import Booking, Receipt
from portal.domain.families.models import Child
from portal.domain.kernel.clock import PARIS
from portal.domain.mails.models import OutgoingMail
from tests.e2e.households import Pupil, complete, household, press, sign_in, tick
from tests.harness.browser import DESKTOP, PHONE, PageFactory, nothing_scrolls_sideways
from tests.harness.towns import load_town

pytestmark = pytest.mark.e2e

NOW = datetime(2024, 12, 12, 9, 0, tzinfo=PARIS)
NBSP = "\u00a0"
WEDNESDAYS = [date(2025, 1, day) for day in (8, 15, 22, 29)]


@pytest.fixture
def parent(live_server: LiveServer, settings: Any, tmp_path: Path) -> Iterator[User]:
    """Léna is in the middle section; nothing is missing in the dossier."""
    settings.PORTAL_BASE_URL = live_server.url
    settings.PRIVATE_ROOT = tmp_path / "private"
    load_town("alae", at=NOW)
    with time_machine.travel(NOW, tick=True):
        user, family, children = household(Pupil("Léna", date(2020, 5, 4), "MS", "ecole-platanes"), year=2024, at=NOW)
        complete(family, children.values(), by=user, at=NOW)
        yield user


@pytest.mark.exigence("I1", "I35", "I37", "I57", "P6", "P14", "P30", "P34", "P49", "P53", "P60", "P63", "P69")
@pytest.mark.parametrize(("width", "javascript"), [(PHONE, False), (DESKTOP, True)], ids=["390px-nojs", "1280px-js"])
def test_a_line_is_opened_then_four_afternoons_are_booked(
    open_page: PageFactory, live_server: LiveServer, parent: User, width: int, javascript: bool
) -> None:
    page = sign_in(open_page, live_server, parent, now=NOW, width=width, javascript=javascript)
    main = page.get_by_role("main")
    child = Child.objects.get()

    # Step one, open the line: the enrolment stands at once, the planning is offered.
    page.goto("/famille/inscriptions/")
    page.get_by_role("link", name="Inscrire Léna").click()
    nothing_scrolls_sideways(page)
    page.get_by_role("link", name="2024/2025 - CL maternel, mercredis").click()
    press(page, "Enregistrer l’inscription de Léna")
    expect(page.get_by_role("heading", level=1)).to_have_text("C’est enregistré")
    page.get_by_role("link", name="Choisir ses jours sur le planning").click()

    # December is over for changes since the 20th of November, and the page says so; the arrow leads on.
    expect(main).to_contain_text("Rien ne se modifie en ligne")
    page.get_by_role("link", name="Janvier").first.click()
    nothing_scrolls_sideways(page)

    # With a meal, then without: one kind of afternoon or the other, never both.
    with_meal, without = (
        Unit.objects.get(activity__code="cl-maternel-mercredis-2024", code=code)
        for code in (
            "avec-repas",
            "sans-repas",
        )
    )
    tick(page, child, with_meal, WEDNESDAYS[0])
    tick(page, child, with_meal, WEDNESDAYS[0])
    for day in WEDNESDAYS:
        tick(page, child, without, day)
    page.locator('button[name="suite"][value="verifier"]').click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Vérifiez, puis validez")
    expect(main).to_contain_text("mercredi 8\u00a0janvier 2025")
    expect(main).to_contain_text(f"5,20{NBSP}€")
    expect(main).to_contain_text(f"20,80{NBSP}€")
    expect(main).not_to_contain_text(f"10,40{NBSP}€")
    nothing_scrolls_sideways(page)
    press(page, "Valider mes")

    expect(page.get_by_role("heading", level=1)).to_have_text("C’est enregistré")
    receipt = Receipt.objects.get()
    expect(main).to_contain_text(receipt.number)
    booked = Booking.objects.filter(state=BookingState.BOOKED)
    assert list(booked.order_by("day").values_list("unit", "day")) == [(without.pk, day) for day in WEDNESDAYS]
    page.goto("/famille/planning/?mois=2025-01")
    expect(main).to_contain_text(f"20,80{NBSP}€")
    mail = OutgoingMail.objects.get(kind="booking_receipt")
    assert receipt.number in mail.subject
    assert f"20,80{NBSP}€" in mail.text
    assert "demi-journée" in mail.text.lower()


@pytest.mark.exigence("I40", "I42", "I57")
def test_an_alae_enrolment_books_the_year_and_leaves_nothing_to_choose(
    open_page: PageFactory, live_server: LiveServer, parent: User
) -> None:
    page = sign_in(open_page, live_server, parent, now=NOW, width=PHONE, javascript=False)
    page.goto("/famille/inscriptions/")
    page.get_by_role("link", name="Inscrire Léna").click()
    page.get_by_role("link", name="2024/2025 - ALAE du matin").click()
    page.get_by_label("Date d’entrée souhaitée").fill("2025-01-06")
    press(page, "Enregistrer l’inscription de Léna")
    expect(page.get_by_role("heading", level=1)).to_have_text("C’est enregistré")
    booked = Booking.objects.filter(state=BookingState.BOOKED)
    expect(page.get_by_role("main")).to_contain_text(f"{booked.count()} jours")
    assert booked.count() > 100
    assert min(booked.values_list("day", flat=True)) == date(2025, 1, 6)

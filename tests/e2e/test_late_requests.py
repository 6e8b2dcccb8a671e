"""A day that no longer changes on line: from the refused cell to the booking, in a real browser."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest
import time_machine
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from portal.backoffice.roles import Role
from portal.domain.accounts.models import User
from portal.domain.bookings.codes import CellKey
from portal.domain.bookings.enums import BookingState
from portal.domain.bookings.models import Booking
from portal.domain.enrolments.models import Enrolment
from portal.domain.kernel.clock import PARIS
from portal.domain.late_requests.models import LateDay, LateRequest
from tests.backoffice.desk import make_agent
from tests.e2e.households import press, sign_in_as
from tests.harness.browser import PHONE, PageFactory, let_in, nothing_scrolls_sideways
from tests.harness.towns import load_town

pytestmark = [pytest.mark.e2e, pytest.mark.exigence("P23", "C15", "C2")]

#: Tuesday evening: the week is closed since Thursday, Friday has not begun.
NOW = datetime(2026, 9, 8, 19, 0, tzinfo=PARIS)
FRIDAY = date(2026, 9, 11)


@pytest.fixture
def cell(live_server: LiveServer, settings: Any) -> Iterator[CellKey]:
    """Les Rousses; the first child of the sample parent does not eat at school on Friday."""
    settings.PORTAL_BASE_URL = live_server.url
    with time_machine.travel(NOW, tick=True):
        load_town("les-rousses", at=NOW, families=24)
        rows = Enrolment.objects.filter(family__number="4127", activity__type__code="restauration")
        found = rows.filter(starts_on__lte=FRIDAY, ends_on__gte=FRIDAY).order_by("pk")[0]
        unit = found.activity.units.order_by("order", "pk")[0]
        LateDay.objects.filter(child=found.child, day=FRIDAY).delete()
        there = Booking.objects.booked().filter(child=found.child, unit=unit, day=FRIDAY)
        there.update(state=BookingState.CANCELLED, cancelled_at=NOW, cancelled_by=User.objects.system())
        yield CellKey(found.child_id, unit.pk, FRIDAY)


@pytest.mark.parametrize("javascript", [True, False], ids=["js", "nojs"])
def test_a_parent_asks_the_service_accepts_and_the_planning_shows_it(
    cell: CellKey, open_page: PageFactory, live_server: LiveServer, javascript: bool
) -> None:
    page = open_page(width=PHONE, javascript=javascript)
    sign_in_as(page, "parent")
    page.goto("/famille/planning/?mois=2026-09")
    page.goto(reverse("planning:why", args=[cell.code]))
    page.get_by_role("link", name="Demander ce jour au service").click()
    expect(page.get_by_role("heading", level=1, name="Demander au service de réserver")).to_be_visible()
    expect(page.get_by_role("checkbox", name="vendredi 11 septembre")).to_be_checked()
    nothing_scrolls_sideways(page)
    press(page, "Envoyer la demande")
    expect(page.get_by_role("main")).to_contain_text("Écrivez pourquoi vous faites cette demande")
    page.get_by_label("Pourquoi cette demande").fill("Réunion déplacée, je rentre tard vendredi.")
    nothing_scrolls_sideways(page)
    press(page, "Envoyer la demande")
    expect(page.get_by_role("main")).to_contain_text("Le service examine votre demande")
    nothing_scrolls_sideways(page)
    _on_the_planning(page, cell, "demandé au service")

    agent = let_in(
        open_page(javascript=javascript), make_agent(Role.MANAGEMENT, username="agent-e2e"), live_server.url
    )
    request = LateRequest.objects.get(family__number="4127", days__day=FRIDAY, days__child=cell.child_id)
    agent.goto(reverse("desk_queue"))
    agent.goto(reverse("desk_decide", args=["late_requests", request.pk * 1_000_000 + request.version]))
    expect(agent.locator("#demande")).to_contain_text("Réservation demandée")
    expect(agent.get_by_role("main")).to_contain_text("Délai passé le jeudi 3 septembre 2026")
    nothing_scrolls_sideways(agent)
    agent.get_by_role("button", name="Accepter les jours cochés").click()
    expect(agent.get_by_role("main")).to_contain_text("votre réponse est enregistrée")

    assert Booking.objects.booked().filter(child=cell.child_id, unit=cell.unit_id, day=FRIDAY).count() == 1
    _on_the_planning(page, cell, "réservé")
    page.goto(reverse("late_requests:detail", args=[request.key]))
    expect(page.get_by_role("main")).to_contain_text("La demande est acceptée")
    page.get_by_role("link", name="Voir le reçu").click()
    expect(page.get_by_role("main")).to_contain_text("C’est enregistré")


def _on_the_planning(page: Page, cell: CellKey, word: str) -> None:
    page.goto("/famille/planning/?mois=2026-09")
    drawn = page.locator(f"#c{cell.code.replace('.', '-')}")
    expect(drawn).to_contain_text(word)
    nothing_scrolls_sideways(page)

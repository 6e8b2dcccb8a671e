"""A full day, the line, the place proposed: in a real browser, on the town of Les Rousses."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
import time_machine
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from portal.domain.bookings.models import Booking
from portal.domain.kernel.clock import PARIS
from portal.domain.waiting.enums import EntryState
from portal.domain.waiting.models import Offer, WaitingEntry
from tests.e2e.households import sign_in_as
from tests.harness.browser import nothing_scrolls_sideways
from tests.harness.towns import load_town

pytestmark = [pytest.mark.e2e, pytest.mark.exigence("P41", "B2")]

NOW = datetime(2026, 9, 8, 19, 0, tzinfo=PARIS)


@pytest.fixture(autouse=True)
def town(live_server: LiveServer, settings: Any) -> Iterator[None]:
    """Les Rousses and its sample families: a place to answer, a line, and a full day."""
    settings.PORTAL_BASE_URL = live_server.url
    with time_machine.travel(NOW, tick=True):
        load_town("les-rousses", at=NOW, families=24)
        yield


def test_a_parent_answers_then_waits_for_another_day_then_leaves(visitor: Page) -> None:
    page = visitor
    sign_in_as(page, "parent")
    offer = Offer.objects.get(family__number="4127")
    page.get_by_role("link", name="une place est proposée").click()
    expect(page.get_by_role("heading", level=2, name="Cette place vous est gardée")).to_be_visible()
    nothing_scrolls_sideways(page)
    page.get_by_role("button", name="Accepter et réserver").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert Booking.objects.booked().filter(family=offer.family, unit=offer.unit, day=offer.day).count() == 1

    page.goto(f"/famille/planning/?mois={offer.day:%Y-%m}")
    nothing_scrolls_sideways(page)
    full = page.locator("a.cell.is-full").first
    page.goto(str(full.get_attribute("href")))
    page.get_by_role("link", name="Demander une place sur la liste d’attente").click()
    nothing_scrolls_sideways(page)
    page.get_by_role("button", name="Me mettre sur la liste d’attente").click()
    expect(page.get_by_role("main")).to_contain_text("est sur la liste d’attente")
    nothing_scrolls_sideways(page)

    page.locator(".tasks a").first.click()
    expect(page.get_by_role("heading", level=2, name="Votre rang")).to_be_visible()
    nothing_scrolls_sideways(page)
    page.get_by_role("button", name="Quitter cette liste d’attente").click()
    expect(page.get_by_role("main")).to_contain_text("Vous n’êtes plus sur cette liste d’attente")
    assert WaitingEntry.objects.filter(family=offer.family, state=EntryState.LEFT).count() == 1

"""A place that one family cannot use any more goes to another: both sides, in a real browser."""

from collections.abc import Iterator
from datetime import datetime

import pytest
import time_machine
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from portal.domain.activities.services import seed_calendar
from portal.domain.bookings.models import Booking, Receipt
from portal.domain.kernel.clock import PARIS
from portal.domain.waiting.enums import GiftState
from portal.domain.waiting.models import PlaceGift
from tests.domain.accounts.factories import UserFactory
from tests.domain.activities.factories import PlacePoolFactory
from tests.domain.bookings.conftest import MONDAY
from tests.domain.bookings.factories import Household, book, household, priced_unit
from tests.domain.waiting.factories import ListRuleFactory, serve, wait
from tests.e2e.households import sign_in
from tests.harness.browser import PageFactory, nothing_scrolls_sideways

pytestmark = [pytest.mark.e2e, pytest.mark.exigence("C11")]

#: Friday: the deadline of Monday (Thursday 23 h 59) is over.
NOW = datetime(2026, 9, 11, 18, 0, tzinfo=PARIS)


@pytest.fixture
def homes(transactional_db: None) -> Iterator[tuple[Household, Household]]:
    """One place at the canteen on Monday: the first family has it, the second waits for it."""
    with time_machine.travel(NOW, tick=True):
        seed_calendar(zone="A", from_year=2026, to_year=2027, by=UserFactory(), at=NOW)
        canteen = priced_unit(pools=[PlacePoolFactory(capacity=1)])
        ListRuleFactory(activity=canteen.activity, exchange=True)
        holder, seeker = household(canteen), household(canteen)
        book(holder, [MONDAY])
        wait(seeker, MONDAY, at=NOW)
        yield holder, seeker


def test_a_place_changes_hands_and_only_who_eats_pays(
    homes: tuple[Household, Household], open_page: PageFactory, live_server: LiveServer, width: int, javascript: bool
) -> None:
    holder, seeker = homes
    giving = sign_in(open_page, live_server, holder.parent, now=NOW, width=width, javascript=javascript)
    giving.goto(f"/famille/planning/?mois={MONDAY:%Y-%m}")
    giving.goto(f"/famille/planning/pourquoi/{holder.code(MONDAY)}/")
    giving.get_by_role("link", name="Proposer ma place à une autre famille").click()
    expect(giving.get_by_role("main")).to_contain_text("facturée 4,30\u00a0€, tant que personne ne l’a prise")
    nothing_scrolls_sideways(giving)
    giving.get_by_role("button", name="Je propose ma place").click()
    expect(giving.get_by_role("main")).to_contain_text("Votre place est proposée")
    nothing_scrolls_sideways(giving)

    serve(MONDAY, NOW)
    taking = sign_in(open_page, live_server, seeker.parent, now=NOW, width=width, javascript=javascript)
    taking.goto("/famille/")
    taking.get_by_role("link", name="une place est proposée").click()
    nothing_scrolls_sideways(taking)
    taking.get_by_role("button", name="Accepter et réserver").click()
    expect(taking.get_by_role("heading", level=1)).to_be_visible()

    assert [each.family_id for each in Booking.objects.booked().filter(day=MONDAY)] == [seeker.family.pk]
    assert PlaceGift.objects.get().state == GiftState.TAKEN
    assert Receipt.objects.filter(family=holder.family).count() == 1
    giving.goto("/famille/listes-d-attente/")
    expect(giving.get_by_role("main")).to_contain_text("cette journée ne vous est pas facturée")
    nothing_scrolls_sideways(giving)

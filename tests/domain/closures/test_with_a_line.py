"""A day that closes while families wait for it: nobody is offered a place that does not open."""

import pytest

from portal.domain.bookings.models import Booking, DayPlaces
from portal.domain.closures.services import declare_closure, plan_closure
from portal.domain.waiting.enums import OfferState
from portal.domain.waiting.models import KeptPlaces, Offer
from portal.domain.waiting.services import OfferOver, OfferRefused
from tests.domain.bookings.conftest import MONDAY
from tests.domain.bookings.factories import household
from tests.domain.bookings.invariants import check_places
from tests.domain.closures.conftest import closer, wanted
from tests.domain.waiting.conftest import at as at
from tests.domain.waiting.conftest import calendar as calendar
from tests.domain.waiting.conftest import cancel
from tests.domain.waiting.conftest import canteen as canteen
from tests.domain.waiting.conftest import full as full
from tests.domain.waiting.conftest import holder as holder
from tests.domain.waiting.conftest import pool as pool
from tests.domain.waiting.factories import accept, serve, wait

pytestmark = [pytest.mark.usefixtures("calendar"), pytest.mark.exigence("C5", "B2")]


def close(at):
    agent = closer()
    plan = plan_closure(wanted=wanted(MONDAY), by=agent, at=at)
    return declare_closure(wanted=wanted(MONDAY), expected=plan.digest, by=agent, at=at)


def test_the_places_of_a_closed_day_are_offered_to_nobody(full, canteen, at):
    full(MONDAY)
    wait(household(canteen), MONDAY, at=at)
    close(at)
    serve(MONDAY, at)
    assert not Booking.objects.booked().filter(day=MONDAY).exists()
    assert not Offer.objects.filter(day=MONDAY).exists()
    assert not KeptPlaces.objects.exists()
    assert set(DayPlaces.objects.filter(day=MONDAY).values_list("taken", "held")) == {(0, 0)}
    check_places()


def test_an_offer_open_when_its_day_closes_cannot_be_accepted(full, holder, canteen, at):
    waiting = household(canteen)
    full(MONDAY)
    wait(waiting, MONDAY, at=at)
    cancel(holder, MONDAY, at=at)
    serve(MONDAY, at)
    assert Offer.objects.get(day=MONDAY).state == OfferState.OPEN
    close(at)
    with pytest.raises((OfferRefused, OfferOver)):
        accept(waiting, MONDAY, at=at)
    assert not Booking.objects.booked().filter(day=MONDAY).exists()
    check_places()

"""A place given past the cancellation deadline: charged until somebody takes it, then not at all, and taken once."""

from datetime import datetime, timedelta

import pytest
from django.utils import translation

from portal.domain.absences.pricing import price_effects
from portal.domain.audit.models import AuditEntry
from portal.domain.bookings.codes import UnknownCell
from portal.domain.bookings.enums import BookingState
from portal.domain.bookings.giving_back import give_back_places
from portal.domain.bookings.models import Booking, DayPlaces, Receipt
from portal.domain.kernel.clock import PARIS
from portal.domain.kernel.refusals import Rule
from portal.domain.notices.models import Notice
from portal.domain.waiting.enums import EntryState, GiftState, OfferState
from portal.domain.waiting.models import ListRule, Offer, PlaceGift
from portal.domain.waiting.services import OfferOver, OfferRefused, WaitingRefused, give_place, sweep, take_gift_back
from tests.domain.activities.factories import BookingLimitFactory, UnitRelationFactory
from tests.domain.bookings.conftest import FRIDAY, MONDAY, NEXT_MONDAY, THURSDAY, TUESDAY
from tests.domain.bookings.factories import book, household, priced_unit
from tests.domain.bookings.invariants import check_numbers, check_places
from tests.domain.waiting.conftest import cancel
from tests.domain.waiting.factories import accept, decline, entry_of, offer_of, serve, wait

pytestmark = pytest.mark.exigence("C11", "B2")

#: Saturday: the deadline of Monday (Thursday 23 h 59) is over. The exchange ends 12 hours before 11 h 30.
SATURDAY = datetime(2026, 9, 12, 10, tzinfo=PARIS)
LIMIT = datetime(2026, 9, 13, 23, 30, tzinfo=PARIS)


@pytest.fixture
def exchange(canteen):
    """Places of the canteen change hands until 12 hours before the day."""
    ListRule.objects.filter(activity=canteen.activity).update(exchange_open=True, exchange_hours=12)


def give(home, day=MONDAY, at=SATURDAY):
    return give_place(family=home.family, code=home.code(day), by=home.parent, at=at)


def test_the_booking_stays_charged_until_somebody_takes_the_place(exchange, full, holder):
    (booking,) = full(MONDAY)

    gift = give(holder)

    booking.refresh_from_db()
    assert (booking.state, gift.state, gift.closes_at) == (BookingState.BOOKED, GiftState.OPEN, LIMIT)
    assert DayPlaces.objects.get(day=MONDAY).taken == 1
    check_places()


def test_giving_twice_gives_once(exchange, full, holder):
    full(MONDAY)

    assert give(holder) == give(holder)


def test_exactly_one_taker_and_the_giver_is_not_charged(exchange, full, holder, homes, at):
    (booking,) = full(MONDAY)
    wait(homes[0], MONDAY, at=at)
    wait(homes[1], MONDAY, at=at)
    give(holder)
    serve(MONDAY, SATURDAY)
    offer = offer_of(homes[0], MONDAY)
    assert offer.gift is not None
    assert offer.places.count() == 0

    accept(homes[0], MONDAY, at=SATURDAY + timedelta(hours=1))

    booking.refresh_from_db()
    assert booking.state == BookingState.CANCELLED
    assert price_effects([booking]) == {}
    taken = Booking.objects.booked().get(day=MONDAY)
    assert taken.family == homes[0].family
    assert (offer_of(homes[0], MONDAY).state, PlaceGift.objects.get().state) == (OfferState.ACCEPTED, GiftState.TAKEN)
    assert [entry_of(home, MONDAY).state for home in homes[:2]] == [EntryState.BOOKED, EntryState.WAITING]
    check_places()
    check_numbers("2026-09")


def test_both_families_have_their_receipt_and_neither_names_the_other(exchange, full, holder, homes, at):
    full(MONDAY)
    wait(homes[0], MONDAY, at=at)
    give(holder)
    serve(MONDAY, SATURDAY)
    accept(homes[0], MONDAY, at=SATURDAY)

    given, got = Receipt.objects.get(family=holder.family), Receipt.objects.get(family=homes[0].family)
    assert (str(given.total), str(got.total)) == ("-4.30", "4.30")
    notice = Notice.objects.filter(user=holder.parent).get()
    assert "une autre famille a pris la place" in notice.text
    assert "4,30\u00a0€" in notice.text
    assert homes[0].family.name not in notice.text.replace(holder.family.name, "")


def test_with_the_exchange_an_offer_goes_past_the_booking_deadline_up_to_the_exchange_limit(
    exchange, full, holder, homes, at
):
    full(MONDAY)
    wait(homes[0], MONDAY, at=at)
    late = LIMIT - timedelta(hours=2)
    give(holder, at=late)
    serve(MONDAY, late)

    assert offer_of(homes[0], MONDAY).expires_at == LIMIT
    assert accept(homes[0], MONDAY, at=LIMIT - timedelta(minutes=1)).lines.count() == 1


def test_a_family_joins_after_the_deadline_where_places_are_exchanged(exchange, full, holder, homes):
    full(MONDAY)

    entries = wait(homes[0], MONDAY, at=SATURDAY)
    give(holder)
    serve(MONDAY, SATURDAY)

    assert [entry.closes_at for entry in entries] == [LIMIT]
    assert entry_of(homes[0], MONDAY).state == EntryState.OFFERED


def test_declined_it_goes_to_the_next(exchange, full, holder, homes, at):
    full(MONDAY)
    wait(homes[0], MONDAY, at=at)
    wait(homes[1], MONDAY, at=at)
    gift = give(holder)
    serve(MONDAY, SATURDAY)
    decline(homes[0], MONDAY, at=SATURDAY)
    serve(MONDAY, SATURDAY)

    assert offer_of(homes[1], MONDAY).gift == gift


def test_withdrawn_before_anybody_is_asked(exchange, full, holder, homes, at):
    full(MONDAY)
    gift = give(holder)

    taken_back = take_gift_back(gift=gift.key, family=holder.family, by=holder.parent, at=SATURDAY)
    wait(homes[0], MONDAY, at=SATURDAY)
    serve(MONDAY, SATURDAY)

    assert taken_back.state == GiftState.WITHDRAWN
    assert entry_of(homes[0], MONDAY).state == EntryState.WAITING
    assert give(holder).state == GiftState.OPEN


def test_withdrawn_while_somebody_is_asked_who_is_told_and_keeps_their_rank(exchange, full, holder, homes, at):
    full(MONDAY)
    wait(homes[0], MONDAY, at=at)
    gift = give(holder)
    serve(MONDAY, SATURDAY)

    take_gift_back(gift=gift.key, family=holder.family, by=holder.parent, at=SATURDAY)

    assert offer_of(homes[0], MONDAY).state == OfferState.WITHDRAWN
    assert entry_of(homes[0], MONDAY).state == EntryState.WAITING
    assert "Vous gardez votre rang" in Notice.objects.filter(user=homes[0].parent).latest("pk").text
    with pytest.raises(OfferOver):
        accept(homes[0], MONDAY, at=SATURDAY)


def test_once_taken_it_is_not_taken_back(exchange, full, holder, homes, at):
    full(MONDAY)
    wait(homes[0], MONDAY, at=at)
    gift = give(holder)
    serve(MONDAY, SATURDAY)
    accept(homes[0], MONDAY, at=SATURDAY)

    with pytest.raises(WaitingRefused, match="n’est plus proposée"):
        take_gift_back(gift=gift.key, family=holder.family, by=holder.parent, at=SATURDAY)


def test_nobody_takes_it_and_the_family_is_told_that_the_day_stays_charged(exchange, full, holder):
    (booking,) = full(MONDAY)
    give(holder)

    sweep(at=LIMIT)
    sweep(at=LIMIT + timedelta(minutes=1))

    booking.refresh_from_db()
    assert (booking.state, PlaceGift.objects.get().state) == (BookingState.BOOKED, GiftState.OVER)
    assert "reste réservée et facturée" in Notice.objects.get(user=holder.parent).text


def test_off_by_default(full, holder):
    full(MONDAY)

    with pytest.raises(WaitingRefused, match="ne s’échangent pas"):
        give(holder)


def test_a_day_that_can_still_be_cancelled_is_cancelled(exchange, full, holder):
    full(NEXT_MONDAY)

    with pytest.raises(WaitingRefused, match="s’annule encore"):
        give(holder, NEXT_MONDAY)


def test_after_the_limit_nothing_is_given(exchange, full, holder):
    full(MONDAY)

    with pytest.raises(WaitingRefused, match="s’est arrêté"):
        give(holder, at=LIMIT)


def test_another_familys_booking_and_gift_do_not_exist(exchange, full, holder, homes):
    full(MONDAY)
    gift = give(holder)

    with pytest.raises(UnknownCell):
        give_place(family=homes[0].family, code=holder.code(MONDAY), by=homes[0].parent, at=SATURDAY)
    with pytest.raises(PlaceGift.DoesNotExist):
        take_gift_back(gift=gift.key, family=homes[0].family, by=homes[0].parent, at=SATURDAY)


def test_a_place_given_back_with_an_absence_is_no_gift_any_more(exchange, full, holder, homes, at):
    """The absence gave the place to everybody: what is being asked about it ends, nobody is overbooked."""
    (booking,) = full(MONDAY)
    wait(homes[0], MONDAY, at=at)
    give(holder)
    serve(MONDAY, SATURDAY)
    give_back_places(bookings=[booking.pk], by=holder.parent, at=SATURDAY)

    with pytest.raises(OfferOver):
        accept(homes[0], MONDAY, at=SATURDAY)
    sweep(at=SATURDAY)

    assert PlaceGift.objects.get().state == GiftState.WITHDRAWN
    assert entry_of(homes[0], MONDAY).state == EntryState.WAITING
    check_places()


def test_a_day_tied_to_others_is_not_exchanged(canteen, exchange):
    lunch = priced_unit(activity=canteen.activity, code="pause")
    UnitRelationFactory(unit=canteen, other=lunch)
    home = household(canteen, lunch)
    book(home, [MONDAY])
    book(home, [MONDAY], unit=1)

    with pytest.raises(WaitingRefused, match="lié à d’autres réservations"):
        give(home)


def test_the_journal_tells_who_gave_and_who_took(exchange, full, holder, homes, at):
    full(MONDAY)
    wait(homes[0], MONDAY, at=at)
    give(holder)
    serve(MONDAY, SATURDAY)
    accept(homes[0], MONDAY, at=SATURDAY)

    verbs = list(AuditEntry.objects.order_by("pk").values_list("verb", "family_key"))
    assert ("give_place", holder.family.pk) in verbs
    assert ("accept_offer", homes[0].family.pk) in verbs


def test_a_child_who_has_all_the_days_allowed_is_asked_for_no_place(exchange, full, holder, homes, canteen, at):
    full(MONDAY)
    wait(homes[0], MONDAY, at=at)
    wait(homes[1], MONDAY, at=at)
    BookingLimitFactory(activity=canteen.activity, count=1)
    booked = book(homes[0], [FRIDAY])
    give(holder)
    serve(MONDAY, SATURDAY)
    assert not Offer.objects.filter(family=homes[0].family).exists()
    assert offer_of(homes[1], MONDAY).state == OfferState.OPEN
    # Another day of the week booked meanwhile: the acceptance asks again.
    book(homes[1], [THURSDAY])
    with pytest.raises(OfferRefused) as refused:
        accept(homes[1], MONDAY, at=SATURDAY + timedelta(hours=1))
    assert refused.value.refusal.rule is Rule.WEEK_LIMIT
    assert booked[0].state == BookingState.BOOKED


def test_a_place_is_not_given_below_the_minimum(exchange, full, holder, canteen):
    full(MONDAY, TUESDAY)
    BookingLimitFactory(floor=True, activity=canteen.activity)
    with pytest.raises(WaitingRefused, match="il manque 1\u00a0jour la semaine du 14\u00a0septembre"):
        give(holder)
    Booking.objects.filter(day=TUESDAY).delete()
    assert give(holder).state == GiftState.OPEN


def test_an_offer_is_refused_in_the_language_of_the_screen(full, holder, homes, canteen, at):
    full(MONDAY)
    wait(homes[0], MONDAY, at=at)
    cancel(holder, MONDAY, at=at)
    serve(MONDAY, at)
    BookingLimitFactory(activity=canteen.activity, count=1)
    book(homes[0], [FRIDAY])
    with translation.override("en"), pytest.raises(OfferRefused) as refused:
        accept(homes[0], MONDAY, at=at)
    assert refused.value.refusal.sentence.startswith("Hugo already has 1 day in the week of")

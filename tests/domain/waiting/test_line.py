"""Joining a line, its order, a place that comes back, the offer and its answer."""

from datetime import timedelta

import pytest

from portal.domain.audit.models import AuditEntry
from portal.domain.bookings.capacity import set_capacity
from portal.domain.bookings.codes import UnknownCell
from portal.domain.bookings.enums import BookingSource
from portal.domain.bookings.models import Booking, DayPlaces
from portal.domain.bookings.services import change_draft, confirm_basket
from portal.domain.families.access import NotAllowed
from portal.domain.families.models import FamilyMember
from portal.domain.kernel.clock import PARIS
from portal.domain.kernel.refusals import Rule
from portal.domain.mails.models import OutgoingMail
from portal.domain.notices.models import Notice
from portal.domain.waiting.enums import Criterion, EntryState, OfferState
from portal.domain.waiting.models import KeptPlaces, ListRule, Offer, WaitingEntry
from portal.domain.waiting.queries import my_entries
from portal.domain.waiting.services import (
    OfferOver,
    OfferRefused,
    WaitingRefused,
    accept_offer,
    decline_offer,
    join_list,
    leave_list,
    sweep,
)
from tests.domain.bookings.conftest import MONDAY, TUESDAY
from tests.domain.bookings.factories import book, household, priced_unit
from tests.domain.bookings.invariants import check_numbers, check_places
from tests.domain.waiting.conftest import cancel
from tests.domain.waiting.factories import (
    ListRuleFactory,
    accept,
    decline,
    entry_of,
    offer_of,
    serve,
    wait,
)

pytestmark = pytest.mark.exigence("P41", "B2")


def states(day=MONDAY):
    rows = WaitingEntry.objects.filter(day=day).order_by("pk")
    return list(rows.values_list("state", flat=True))


def test_a_family_joins_the_line_of_a_full_day(full, homes, at):
    full(MONDAY)

    entries = wait(homes[0], MONDAY, at=at)

    assert [(entry.child, entry.day, entry.state) for entry in entries] == [
        (homes[0].child, MONDAY, EntryState.WAITING)
    ]
    assert not Booking.objects.filter(family=homes[0].family).exists()
    check_places()


def test_a_day_with_places_left_is_booked_not_waited_for(homes, at):
    joined = join_list(family=homes[0].family, codes=homes[0].codes([MONDAY]), by=homes[0].parent, at=at)

    assert joined.entries == []
    assert [each.refusal.sentence for each in joined.left_out] == [
        "Une place est libre ce jour-là\u00a0: vous pouvez la réserver sur le planning."
    ]


def test_several_days_at_once_join_where_they_are_full(full, homes, at):
    full(MONDAY)

    joined = join_list(family=homes[0].family, codes=homes[0].codes([MONDAY, TUESDAY]), by=homes[0].parent, at=at)

    assert [entry.day for entry in joined.entries] == [MONDAY]
    assert [each.day for each in joined.left_out] == [TUESDAY]


def test_joining_twice_keeps_the_first_rank(full, homes, at):
    full(MONDAY)
    wait(homes[0], MONDAY, at=at)

    again = join_list(family=homes[0].family, codes=homes[0].codes([MONDAY]), by=homes[0].parent, at=at)

    assert again.entries == []
    assert WaitingEntry.objects.count() == 1


def test_no_line_where_the_town_opened_none(full, homes, at):
    full(MONDAY)
    ListRule.objects.update(is_open=False)

    joined = join_list(family=homes[0].family, codes=homes[0].codes([MONDAY]), by=homes[0].parent, at=at)

    assert joined.entries == []
    assert "liste d’attente" in joined.left_out[0].refusal.sentence


def test_the_rule_of_the_pool_holds_before_that_of_the_activity(full, homes, pool, at):
    full(MONDAY)
    ListRuleFactory(pool=pool, is_open=False)

    assert wait(homes[0], MONDAY, at=at) == []


def test_another_familys_child_does_not_exist(full, homes, at):
    full(MONDAY)

    with pytest.raises(UnknownCell):
        join_list(family=homes[0].family, codes=homes[1].codes([MONDAY]), by=homes[0].parent, at=at)


def test_who_may_not_book_may_not_wait(full, homes, at):
    full(MONDAY)
    FamilyMember.objects.filter(family=homes[0].family).update(can_book=False)

    with pytest.raises(NotAllowed):
        wait(homes[0], MONDAY, at=at)


def test_after_the_deadline_nobody_joins(full, homes, at):
    full(MONDAY)

    joined = join_list(
        family=homes[0].family, codes=homes[0].codes([MONDAY]), by=homes[0].parent, at=at + timedelta(days=2)
    )

    assert joined.entries == []
    assert joined.left_out[0].refusal.rule is Rule.DEADLINE_PASSED


# A place comes back


def test_a_cancelled_place_is_kept_for_the_line_in_the_same_transaction(full, holder, homes, at):
    full(MONDAY)
    wait(homes[0], MONDAY, at=at)

    cancel(holder, MONDAY, at=at)  # nothing is committed in this test: the line was not asked yet

    row = DayPlaces.objects.get(day=MONDAY)
    assert (row.taken, row.held) == (0, 1)
    assert KeptPlaces.objects.get().places == 1
    jump = change_draft(family=homes[1].family, add=homes[1].codes([MONDAY]), remove=[], by=homes[1].parent, at=at)
    assert [each.refusal.rule for each in jump.left_out] == [Rule.FULL]
    check_places()


def test_a_place_that_comes_back_where_nobody_waits_is_everybodys(full, holder, homes, at):
    full(MONDAY, TUESDAY)
    wait(homes[0], TUESDAY, at=at)

    cancel(holder, MONDAY, at=at)

    assert not KeptPlaces.objects.exists()
    change = change_draft(family=homes[1].family, add=homes[1].codes([MONDAY]), remove=[], by=homes[1].parent, at=at)
    assert change.changed == 1


def test_the_first_in_line_is_offered_the_place(full, holder, homes, at):
    full(MONDAY)
    wait(homes[0], MONDAY, at=at)
    wait(homes[1], MONDAY, at=at + timedelta(minutes=1))
    cancel(holder, MONDAY, at=at + timedelta(minutes=2))

    assert serve(MONDAY, at + timedelta(minutes=3)) == 1

    offer = offer_of(homes[0], MONDAY)
    assert offer.state == OfferState.OPEN
    assert states() == [EntryState.OFFERED, EntryState.WAITING]
    assert not KeptPlaces.objects.exists()
    assert DayPlaces.objects.get(day=MONDAY).held == 1
    check_places()


def test_serving_twice_changes_nothing(full, holder, homes, at):
    full(MONDAY)
    wait(homes[0], MONDAY, at=at)
    cancel(holder, MONDAY, at=at)
    serve(MONDAY, at)

    assert serve(MONDAY, at) == 0
    assert sweep(at=at) == 0
    assert Offer.objects.count() == 1
    check_places()


def test_an_offer_ends_with_the_booking_deadline_of_its_day(full, holder, homes, at):
    """24 hours would go to Thursday 21 h 30; asked on Thursday at noon, the deadline comes first."""
    full(MONDAY)
    wait(homes[0], MONDAY, at=at)
    noon = at.replace(day=10, hour=12, minute=0)
    cancel(holder, MONDAY, at=noon)
    serve(MONDAY, noon)

    offer = offer_of(homes[0], MONDAY)
    assert offer.expires_at.astimezone(PARIS) == at.replace(day=11, hour=0, minute=0)
    assert offer.last_minute == at.replace(day=10, hour=23, minute=59)


def test_after_the_deadline_no_offer_is_made_and_the_line_ends_told_once(full, holder, homes, at):
    full(MONDAY, TUESDAY)
    wait(homes[0], MONDAY, TUESDAY, at=at)
    after = at.replace(day=11, hour=0, minute=0)

    assert sweep(at=after) == 2
    assert sweep(at=after + timedelta(minutes=1)) == 0

    assert states() + states(TUESDAY) == [EntryState.OVER] * 2
    notice = Notice.objects.get(user=homes[0].parent)
    assert "lundi 14\u00a0septembre" in notice.text
    assert "mardi 15\u00a0septembre" in notice.text
    assert not Offer.objects.exists()


def test_the_family_is_told_by_mail_whatever_it_prefers(full, holder, homes, at):
    full(MONDAY)
    wait(homes[0], MONDAY, at=at)
    cancel(holder, MONDAY, at=at)
    serve(MONDAY, at)

    mail = OutgoingMail.objects.filter(recipient=homes[0].parent.email).get()
    assert "jeudi 10\u00a0septembre 2026 à 21\u00a0h\u00a029" in mail.text
    assert str(offer_of(homes[0], MONDAY).key) in mail.text
    assert "sans votre accord" in mail.text


# The answer


def test_accepting_books_at_todays_price_with_a_receipt(full, holder, homes, at):
    full(MONDAY)
    wait(homes[0], MONDAY, at=at)
    cancel(holder, MONDAY, at=at)
    serve(MONDAY, at)

    receipt = accept(homes[0], MONDAY, at=at + timedelta(hours=1))

    booking = Booking.objects.booked().get(family=homes[0].family)
    assert (booking.day, booking.source, str(booking.unit_price)) == (MONDAY, BookingSource.WAITING, "4.30")
    assert [line.day for line in receipt.lines.all()] == [MONDAY]
    assert states() == [EntryState.BOOKED]
    assert OutgoingMail.objects.filter(reference=receipt.number).count() == 1
    assert AuditEntry.objects.filter(verb="accept_offer").count() == 1
    check_places()
    check_numbers("2026-09")


def test_accepting_twice_gives_the_same_receipt(full, holder, homes, at):
    full(MONDAY)
    wait(homes[0], MONDAY, at=at)
    cancel(holder, MONDAY, at=at)
    serve(MONDAY, at)

    first = accept(homes[0], MONDAY, at=at)

    assert accept(homes[0], MONDAY, at=at) == first
    assert Booking.objects.booked().filter(family=homes[0].family).count() == 1


def test_another_familys_offer_does_not_exist(full, holder, homes, at):
    full(MONDAY)
    wait(homes[0], MONDAY, at=at)
    cancel(holder, MONDAY, at=at)
    serve(MONDAY, at)
    key = offer_of(homes[0], MONDAY).key

    with pytest.raises(Offer.DoesNotExist):
        accept_offer(offer=key, family=homes[1].family, by=homes[1].parent, at=at)
    with pytest.raises(Offer.DoesNotExist):
        decline_offer(offer=key, family=homes[1].family, by=homes[1].parent, at=at)


def test_declining_offers_to_the_next_one(full, holder, homes, at):
    full(MONDAY)
    wait(homes[0], MONDAY, at=at)
    wait(homes[1], MONDAY, at=at)
    cancel(holder, MONDAY, at=at)
    serve(MONDAY, at)

    decline(homes[0], MONDAY, at=at)
    check_places()
    serve(MONDAY, at)

    assert states() == [EntryState.DECLINED, EntryState.OFFERED]
    with pytest.raises(OfferOver):
        accept(homes[0], MONDAY, at=at)
    check_places()


def test_an_offer_left_unanswered_goes_to_the_next_one_by_itself(full, holder, homes, at):
    full(MONDAY)
    wait(homes[0], MONDAY, at=at - timedelta(days=3))
    wait(homes[1], MONDAY, at=at - timedelta(days=3))
    cancel(holder, MONDAY, at=at - timedelta(days=2))
    serve(MONDAY, at - timedelta(days=2))

    with pytest.raises(OfferOver):
        accept(homes[0], MONDAY, at=at - timedelta(days=1))
    sweep(at=at - timedelta(days=1))

    assert states() == [EntryState.LAPSED, EntryState.OFFERED]
    titles = list(Notice.objects.filter(user=homes[0].parent).order_by("pk").values_list("title", flat=True))
    assert [title.partition("\u00a0")[0] for title in titles] == ["Place proposée", "Place proposée, délai passé"]
    check_places()


def test_the_last_in_line_declines_and_the_place_is_everybodys(full, holder, homes, at):
    full(MONDAY)
    wait(homes[0], MONDAY, at=at)
    cancel(holder, MONDAY, at=at)
    serve(MONDAY, at)
    decline(homes[0], MONDAY, at=at)

    change = change_draft(family=homes[1].family, add=homes[1].codes([MONDAY]), remove=[], by=homes[1].parent, at=at)

    assert change.changed == 1
    check_places()


def test_leaving_the_line(full, holder, homes, at):
    full(MONDAY)
    entries = wait(homes[0], MONDAY, at=at)
    wait(homes[1], MONDAY, at=at)

    assert leave_list(family=homes[0].family, entries=[entries[0].key], by=homes[0].parent, at=at) == 1
    assert leave_list(family=homes[1].family, entries=[entries[0].key], by=homes[1].parent, at=at) == 0
    cancel(holder, MONDAY, at=at)
    serve(MONDAY, at)

    assert states() == [EntryState.LEFT, EntryState.OFFERED]


def test_an_offered_place_is_answered_not_left(full, holder, homes, at):
    full(MONDAY)
    entries = wait(homes[0], MONDAY, at=at)
    cancel(holder, MONDAY, at=at)
    serve(MONDAY, at)

    with pytest.raises(WaitingRefused):
        leave_list(family=homes[0].family, entries=[entries[0].key], by=homes[0].parent, at=at)


# The order


def test_published_priorities_come_before_arrival(full, holder, homes, at):
    ListRule.objects.update(priorities=[Criterion.SIBLING])
    full(MONDAY)
    wait(homes[0], MONDAY, at=at)
    wide = priced_unit(activity__structure=homes[0].unit.activity.structure)
    brother = household(homes[0].unit, wide, children=2)
    book(brother, [MONDAY], child=1, unit=1)
    wait(brother, MONDAY, at=at + timedelta(minutes=5))

    cancel(holder, MONDAY, at=at)
    serve(MONDAY, at + timedelta(minutes=6))

    assert states() == [EntryState.WAITING, EntryState.OFFERED]
    assert entry_of(brother, MONDAY).met == [Criterion.SIBLING]


def test_the_order_is_kept_in_the_journal_with_the_offer(full, holder, homes, at):
    full(MONDAY)
    first = wait(homes[0], MONDAY, at=at)[0]
    wait(homes[1], MONDAY, at=at)
    cancel(holder, MONDAY, at=at)
    serve(MONDAY, at)

    line = AuditEntry.objects.get(verb="offer_place")
    assert line.after["entries"] == [first.pk]
    assert line.after["before"] == []


def test_the_rank_that_a_family_reads(full, homes, at):
    full(MONDAY)
    for rank, home in enumerate(homes):
        wait(home, MONDAY, at=at + timedelta(minutes=rank))

    assert [(each.rank, each.length) for each in my_entries(user=homes[2].parent, family=homes[2].family)] == [(3, 3)]
    assert [(each.rank, each.length) for each in my_entries(user=homes[0].parent, family=homes[0].family)] == [(1, 3)]


def test_who_no_longer_fulfils_the_conditions_is_passed_over_and_keeps_their_rank(full, holder, homes, at):
    full(MONDAY)
    wait(homes[0], MONDAY, at=at)
    wait(homes[1], MONDAY, at=at)
    homes[0].child.enrolments.update(starts_on=TUESDAY)
    cancel(holder, MONDAY, at=at)
    serve(MONDAY, at)

    assert states() == [EntryState.WAITING, EntryState.OFFERED]
    entry = entry_of(homes[0], MONDAY)
    assert "l’inscription commence le" in entry.passed_reason
    notice = Notice.objects.get(user=homes[0].parent)
    assert entry.passed_reason in notice.text
    assert "Vous gardez votre rang" in notice.text


def test_an_acceptance_asks_every_rule_again(full, holder, homes, at):
    full(MONDAY)
    wait(homes[0], MONDAY, at=at)
    cancel(holder, MONDAY, at=at)
    serve(MONDAY, at)
    homes[0].child.enrolments.update(starts_on=TUESDAY)

    with pytest.raises(OfferRefused) as refused:
        accept(homes[0], MONDAY, at=at)

    assert refused.value.refusal.rule is Rule.OUTSIDE_ENROLMENT
    assert offer_of(homes[0], MONDAY).state == OfferState.OPEN
    assert not Booking.objects.booked().filter(family=homes[0].family).exists()
    check_places()


def test_a_child_booked_otherwise_waits_no_more_and_its_offer_comes_back(full, holder, homes, pool, at):
    full(MONDAY)
    wait(homes[0], MONDAY, at=at)
    wait(homes[1], MONDAY, at=at)
    cancel(holder, MONDAY, at=at)
    serve(MONDAY, at)
    set_capacity(pool=pool, capacity=3, by=homes[0].parent, at=at)
    serve(MONDAY, at)
    accept(homes[1], MONDAY, at=at)
    change = change_draft(family=homes[0].family, add=homes[0].codes([MONDAY]), remove=[], by=homes[0].parent, at=at)
    confirm_basket(family=homes[0].family, key=change.draft.key, by=homes[0].parent, at=at)

    sweep(at=at)

    assert states() == [EntryState.SETTLED, EntryState.BOOKED]
    assert offer_of(homes[0], MONDAY).state == OfferState.WITHDRAWN
    assert Booking.objects.booked().filter(child=homes[0].child).count() == 1
    check_places()

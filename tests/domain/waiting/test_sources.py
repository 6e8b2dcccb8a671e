"""Siblings together, where places come from, the draft of the family, units that go together, and agents."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied

from portal.domain.audit.models import AuditEntry
from portal.domain.bookings.capacity import set_capacity
from portal.domain.bookings.expiry import release_lapsed_drafts
from portal.domain.bookings.models import Booking, DayPlaces, Receipt
from portal.domain.bookings.services import NothingToConfirm, change_draft, confirm_basket
from portal.domain.kernel.refusals import Rule
from portal.domain.waiting.enums import EntryState
from portal.domain.waiting.models import KeptPlaces, WaitingEntry
from portal.domain.waiting.services import (
    OfferRefused,
    WaitingRefused,
    join_list,
    offer_by_hand,
    serve_day,
)
from tests.domain.accounts.factories import UserFactory
from tests.domain.activities.factories import PlacePoolFactory, UnitRelationFactory
from tests.domain.bookings.conftest import MONDAY, TUESDAY
from tests.domain.bookings.factories import book, household, priced_unit
from tests.domain.bookings.invariants import check_drafts, check_places, check_relations
from tests.domain.waiting.conftest import cancel
from tests.domain.waiting.factories import (
    ListRuleFactory,
    accept,
    decline,
    offer_of,
    serve,
    wait,
)

pytestmark = pytest.mark.exigence("P41", "B2")


def states(day=MONDAY):
    rows = WaitingEntry.objects.filter(day=day).order_by("pk")
    return list(rows.values_list("state", flat=True))


# Siblings together


def test_siblings_together_wait_for_two_places(full, holder, homes, pool, at):
    set_capacity(pool=pool, capacity=2, by=holder.parent, at=at)
    other = household(holder.unit)
    book(holder, [MONDAY])
    book(other, [MONDAY])
    codes = [homes[0].code(MONDAY), homes[0].code(MONDAY, child=1)]
    join_list(family=homes[0].family, codes=codes, by=homes[0].parent, at=at, together=True)
    wait(homes[1], MONDAY, at=at + timedelta(minutes=1))

    cancel(holder, MONDAY, at=at)
    serve(MONDAY, at)
    assert states() == [EntryState.WAITING, EntryState.WAITING, EntryState.OFFERED]

    decline(homes[1], MONDAY, at=at)
    cancel(other, MONDAY, at=at)
    serve(MONDAY, at)
    assert states() == [EntryState.OFFERED, EntryState.OFFERED, EntryState.DECLINED]
    check_places()

    receipt = accept(homes[0], MONDAY, at=at)
    assert receipt.lines.count() == 2
    assert str(receipt.total) == "8.60"
    check_places()


def test_one_offer_for_two_is_accepted_whole_or_not_at_all(full, holder, homes, pool, at):
    set_capacity(pool=pool, capacity=2, by=holder.parent, at=at)
    book(holder, [MONDAY])
    other = household(holder.unit)
    book(other, [MONDAY])
    codes = [homes[0].code(MONDAY), homes[0].code(MONDAY, child=1)]
    join_list(family=homes[0].family, codes=codes, by=homes[0].parent, at=at, together=True)
    cancel(holder, MONDAY, at=at)
    cancel(other, MONDAY, at=at)
    serve(MONDAY, at)
    homes[0].children[1].enrolments.update(starts_on=TUESDAY)

    with pytest.raises(OfferRefused):
        accept(homes[0], MONDAY, at=at)

    assert not Booking.objects.booked().filter(family=homes[0].family).exists()


# Where places come from


def test_a_higher_capacity_is_for_the_line_first(full, holder, homes, pool, at):
    full(MONDAY)
    wait(homes[0], MONDAY, at=at)

    set_capacity(pool=pool, capacity=3, by=holder.parent, at=at)
    check_places()
    serve(MONDAY, at)

    assert states() == [EntryState.OFFERED]
    assert DayPlaces.objects.get(day=MONDAY).held == 1
    check_places()


def test_no_limit_any_more_serves_the_whole_line(full, holder, homes, pool, at):
    full(MONDAY)
    for home in homes:
        wait(home, MONDAY, at=at)

    set_capacity(pool=pool, capacity=None, by=holder.parent, at=at)
    serve(MONDAY, at)

    assert states() == [EntryState.OFFERED] * 3
    check_places()


def test_a_draft_that_lapses_gives_its_place_to_the_line(holder, homes, at):
    change_draft(family=holder.family, add=holder.codes([MONDAY]), remove=[], by=holder.parent, at=at)
    wait(homes[0], MONDAY, at=at)
    late = at + timedelta(minutes=30)

    release_lapsed_drafts(at=late)
    check_places()
    serve(MONDAY, late)

    assert states() == [EntryState.OFFERED]
    draft = change_draft(family=holder.family, add=holder.codes([TUESDAY]), remove=[], by=holder.parent, at=late)
    assert [each.refusal.rule for each in draft.left_out] == [Rule.FULL]
    check_places()
    check_drafts()


def test_moving_a_place_within_a_family_gives_nothing_to_the_line(full, holder, homes, at):
    full(MONDAY)
    wait(homes[0], MONDAY, at=at)
    change = change_draft(family=holder.family, add=[], remove=holder.codes([MONDAY]), by=holder.parent, at=at)
    assert change.changed == 1
    assert not KeptPlaces.objects.exists()


# The draft of the same family


def test_an_acceptance_grants_the_wish_of_the_draft(full, holder, homes, at):
    full(MONDAY)
    wait(homes[0], MONDAY, at=at)
    cancel(holder, MONDAY, at=at)
    serve(MONDAY, at)
    change_draft(family=homes[0].family, add=homes[0].codes([TUESDAY]), remove=[], by=homes[0].parent, at=at)
    draft = change_draft(family=homes[0].family, add=[], remove=[], by=homes[0].parent, at=at)
    version = draft.draft.version

    accept(homes[0], MONDAY, at=at)

    receipt = confirm_basket(family=homes[0].family, key=draft.draft.key, version=version, by=homes[0].parent, at=at)
    assert [line.day for line in receipt.lines.all()] == [TUESDAY]
    check_drafts()
    check_places()


# Units that go together


def test_an_offer_holds_and_books_what_goes_with_the_unit(calendar, at):
    kitchen, hall = PlacePoolFactory(capacity=1), PlacePoolFactory(capacity=1)
    meal = priced_unit(pools=[kitchen])
    lunch = priced_unit(pools=[hall], activity=meal.activity, code="pause")
    UnitRelationFactory(unit=meal, other=lunch)
    ListRuleFactory(activity=meal.activity)
    holder, home = household(meal, lunch), household(meal, lunch)
    change = change_draft(family=holder.family, add=holder.codes([MONDAY]), remove=[], by=holder.parent, at=at)
    confirm_basket(family=holder.family, key=change.draft.key, by=holder.parent, at=at)
    wait(home, MONDAY, at=at)
    cancel(holder, MONDAY, at=at)
    serve(MONDAY, at)

    assert offer_of(home, MONDAY).places.count() == 2
    check_places()
    accept(home, MONDAY, at=at)

    assert Booking.objects.booked().filter(family=home.family).count() == 2
    check_places()
    check_relations()


# Agents


def agent(*permissions):
    user = UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


def test_an_agent_offers_out_of_order_with_a_reason(full, homes, pool, at):
    full(MONDAY)
    wait(homes[0], MONDAY, at=at)
    second = wait(homes[1], MONDAY, at=at)[0]
    DayPlaces.objects.update(capacity=2)

    offer = offer_by_hand(entry=second.pk, reason="Naissance dans la famille", by=agent("offer_place"), at=at)

    assert offer.family == homes[1].family
    assert states() == [EntryState.WAITING, EntryState.OFFERED]
    line = AuditEntry.objects.get(verb="offer_place")
    assert line.after["reason"] == "Naissance dans la famille"
    assert len(line.after["before"]) == 1
    check_places()


def test_without_a_place_the_child_is_put_first(full, holder, homes, at):
    full(MONDAY)
    wait(homes[0], MONDAY, at=at)
    second = wait(homes[1], MONDAY, at=at)[0]

    assert offer_by_hand(entry=second.pk, reason="Situation d’urgence", by=agent("offer_place"), at=at) is None
    cancel(holder, MONDAY, at=at)
    serve(MONDAY, at)

    assert states() == [EntryState.WAITING, EntryState.OFFERED]


def test_a_reason_is_asked(full, homes, at):
    full(MONDAY)
    entry = wait(homes[0], MONDAY, at=at)[0]

    with pytest.raises(WaitingRefused):
        offer_by_hand(entry=entry.pk, reason="  ", by=agent("offer_place"), at=at)


def test_without_the_permission_no_agent_offers(full, homes, at):
    full(MONDAY)
    entry = wait(homes[0], MONDAY, at=at)[0]

    with pytest.raises(PermissionDenied):
        offer_by_hand(entry=entry.pk, reason="Urgence", by=agent(), at=at)


def test_nothing_is_written_by_a_refused_validation(full, holder, homes, at):
    full(MONDAY)
    wait(homes[0], MONDAY, at=at)

    with pytest.raises(NothingToConfirm):
        confirm_basket(family=homes[0].family, key="x", by=homes[0].parent, at=at)

    assert Receipt.objects.count() == 0
    assert serve_day(day=MONDAY, at=at) == 0

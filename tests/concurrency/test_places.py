"""Places under fire: real threads, real connections, real commits.

First the race, shown with the lock taken away, so that the tests below mean something; then the lock.
"""

import time
from datetime import timedelta

import pytest
from django.db import IntegrityError, connections

from portal.domain.activities.enums import EnrolmentMode
from portal.domain.bookings import confirm as confirm_module
from portal.domain.bookings import places
from portal.domain.bookings.models import Basket, BasketLine, Booking, DayPlaces, Receipt
from portal.domain.bookings.services import (
    NothingToConfirm,
    change_draft,
    confirm_basket,
    discard_draft,
    enrol_and_book,
    release_lapsed_drafts,
    resume_draft,
)
from portal.domain.enrolments.models import Enrolment
from portal.domain.enrolments.services import EnrolmentRefused
from portal.domain.kernel.refusals import Rule
from portal.domain.mails.models import OutgoingMail
from portal.domain.procedures.services import open_procedure
from tests.domain.activities.factories import PlacePoolFactory
from tests.domain.bookings.conftest import AT, MONDAY, NEXT_MONDAY, TUESDAY
from tests.domain.bookings.factories import DayPlacesFactory, household, join, priced_unit, weekdays
from tests.domain.bookings.invariants import check_drafts, check_numbers, check_places
from tests.harness.races import run_together, successes

PLACES, FAMILIES = 4, 12
LATER = AT + timedelta(minutes=5)
OVER = AT + timedelta(hours=1)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


@pytest.fixture
def pool(transactional_db):
    return PlacePoolFactory(capacity=PLACES)


@pytest.fixture
def canteen(pool):
    return priced_unit(pools=[pool])


@pytest.fixture
def homes(canteen):
    return [household(canteen) for _ in range(FAMILIES)]


def tick(home, *days, at=AT, by=None, child=0):
    return change_draft(family=home.family, add=home.codes(days, child=child), remove=[], by=by or home.parent, at=at)


def key_of(home):
    return str(Basket.objects.values_list("key", flat=True).get(family=home.family))


def confirm(home, *, key="", at=LATER, by=None):
    return confirm_basket(family=home.family, key=key or key_of(home), by=by or home.parent, at=at)


def no_error(results):
    """Nobody meets an error page: a refusal is an answer, an exception is not."""
    assert successes(results) == results, [result for result in results if isinstance(result, BaseException)]


# The race


def test_counting_then_writing_sells_one_place_to_everybody(pool):
    """Without lock nor wall, as many portals do: everybody counts, then everybody writes."""
    row = DayPlacesFactory(pool=pool)

    def take_a_place():
        seen = DayPlaces.objects.get(pk=row.pk)
        time.sleep(0.05)
        if seen.taken < 1:
            DayPlaces.objects.filter(pk=row.pk).update(taken=seen.taken + 1)
            return "booked"
        return "full"

    results = run_together(*[take_a_place] * FAMILIES)
    row.refresh_from_db()
    assert results.count("booked") > 1  # one place was to be sold
    assert row.taken < results.count("booked")  # and the count does not even know


@pytest.mark.exigence("B1")
def test_without_the_lock_only_the_wall_of_the_database_is_left(homes, monkeypatch):
    def read_without_lock(keys):
        rows = DayPlaces.objects.filter(day__in=[day for _, day in keys])
        free = {(row.pool_id, row.day): row.capacity - row.taken - row.held for row in rows}
        time.sleep(0.1)
        return free

    tick(homes[0], MONDAY)
    monkeypatch.setattr(places, "_lock_rows", read_without_lock)
    results = run_together(*[lambda home=home: tick(home, MONDAY) for home in homes[1:]])
    broken = [result for result in results if isinstance(result, IntegrityError)]
    assert broken  # families would see an error page
    assert all("day_places_never_overbooked" in str(error) for error in broken)
    check_places()  # but nobody was overbooked


# The lock


@pytest.mark.exigence("B1", "P40", "P57")
def test_with_the_lock_exactly_the_places_are_held(homes):
    results = run_together(*[lambda home=home: tick(home, MONDAY) for home in homes])
    no_error(results)
    assert sum(result.changed for result in results) == PLACES
    left = [each for result in results for each in result.left_out]
    assert [each.refusal.rule for each in left] == [Rule.FULL] * (FAMILIES - PLACES)
    check_places()


@pytest.mark.exigence("B1", "P40")
def test_a_hundred_clicks_on_all_the_buttons(homes):
    """From the first tick to the receipt, everybody on the same days, without waiting for each other."""

    def whole_journey(home):
        tick(home, MONDAY, TUESDAY, NEXT_MONDAY)
        try:
            return confirm(home)
        except (NothingToConfirm, Basket.DoesNotExist):
            return None  # everything was full: said, nothing written

    results = run_together(*[lambda home=home: whole_journey(home) for home in homes])
    no_error(results)
    for day in (MONDAY, TUESDAY, NEXT_MONDAY):
        assert Booking.objects.booked().filter(day=day).count() == PLACES
    check_places()
    check_drafts()
    check_numbers("2026-09")


@pytest.mark.exigence("B1")
def test_lapsed_drafts_validated_at_once_share_what_is_left(homes):
    """Nothing is held any more: the places go to who validates first, the others are told."""
    for start in range(0, FAMILIES, PLACES):
        for home in homes[start : start + PLACES]:
            tick(home, MONDAY)
        release_lapsed_drafts(at=OVER)
    results = run_together(*[lambda home=home: confirm(home, at=OVER) for home in homes])
    receipts = successes(results)
    refused = [result for result in results if isinstance(result, NothingToConfirm)]
    assert (len(receipts), len(refused)) == (PLACES, FAMILIES - PLACES)
    assert all(each.left_out[0].refusal.rule is Rule.FULL for each in refused)
    check_places()
    check_numbers("2026-09")


def test_a_unit_of_two_pools_takes_both_or_none(homes, canteen, pool):
    kitchen = PlacePoolFactory(capacity=PLACES - 1)
    canteen.pools.add(kitchen)
    results = run_together(*[lambda home=home: tick(home, MONDAY) for home in homes])
    no_error(results)
    assert sum(result.changed for result in results) == PLACES - 1
    check_places()


def test_days_asked_in_opposite_orders_never_block_each_other(homes):
    days = weekdays(MONDAY, MONDAY + timedelta(weeks=6), 1, 2, 4, 5)

    def back_and_forth(home, order):
        for _ in range(3):
            change_draft(family=home.family, add=home.codes(order), remove=[], by=home.parent, at=AT)
            change_draft(family=home.family, add=[], remove=home.codes(order), by=home.parent, at=AT)

    results = run_together(
        lambda: back_and_forth(homes[0], days),
        lambda: back_and_forth(homes[1], days[::-1]),
        lambda: back_and_forth(homes[2], days[5:] + days[:5]),
    )
    no_error(results)
    assert not Basket.objects.exists()
    check_places()


def test_everything_at_once_never_blocks(homes):
    """Ticks, validations, releases, discards and resumptions on the same days."""
    days = [MONDAY, TUESDAY, NEXT_MONDAY]
    for home in homes[:PLACES]:
        tick(home, *days)

    def busy(home, position):
        order = days[position % 3 :] + days[: position % 3]
        for attempt in range(2):
            tick(home, *order, at=OVER)
            resume_draft(family=home.family, by=home.parent, at=OVER)
            if (position + attempt) % 3 == 0:
                discard_draft(family=home.family, by=home.parent, at=OVER)

    def sweep():
        return [release_lapsed_drafts(at=OVER) for _ in range(10)]

    results = run_together(
        *[lambda home=home, position=position: busy(home, position) for position, home in enumerate(homes)], sweep
    )
    no_error(results)
    check_places()
    check_drafts()


# One draft, two parents


@pytest.mark.exigence("C9", "B3")
def test_two_parents_who_begin_at_once_share_one_draft(canteen):
    home = household(canteen, parents=2)
    mother, father = home.parent, home.others[0]
    results = run_together(
        lambda: tick(home, MONDAY, by=mother),
        lambda: tick(home, TUESDAY, by=father),
        lambda: tick(home, TUESDAY, NEXT_MONDAY, by=mother),
    )
    no_error(results)
    basket = Basket.objects.get()
    assert sorted(basket.lines.values_list("day", flat=True)) == [MONDAY, TUESDAY, NEXT_MONDAY]
    assert basket.version in (2, 3)  # the third may find Tuesday already there
    check_places()


@pytest.mark.exigence("P52", "C9", "P60")
def test_two_parents_who_validate_at_once_get_the_same_receipt(canteen):
    home = household(canteen, parents=2)
    tick(home, MONDAY, TUESDAY)
    key = key_of(home)
    results = run_together(
        *[lambda by=by: confirm(home, key=key, by=by) for by in (home.parent, home.others[0], home.parent)]
    )
    no_error(results)
    assert len({receipt.pk for receipt in results}) == 1
    assert (Receipt.objects.count(), Booking.objects.count(), OutgoingMail.objects.count()) == (1, 2, 1)
    check_places()


def test_ticking_while_the_other_parent_validates_loses_nothing(canteen):
    home = household(canteen, parents=2)
    tick(home, MONDAY)
    key = key_of(home)
    results = run_together(lambda: confirm(home, key=key), lambda: tick(home, TUESDAY, by=home.others[0], at=LATER))
    no_error(results)
    wished = set(BasketLine.objects.values_list("day", flat=True))
    booked = set(Booking.objects.values_list("day", flat=True))
    assert (wished | booked, wished & booked) == ({MONDAY, TUESDAY}, set())
    check_places()
    check_drafts()


@pytest.mark.exigence("B3")
@pytest.mark.parametrize("limited", [True, False])
def test_two_households_book_the_same_day_of_their_child_once(canteen, limited):
    unit = canteen if limited else priced_unit(activity__name="Étude")
    homes = [household(unit), household(unit, enrolled=False)]
    join(homes[1].family, homes[0].child)
    homes[1].children[0] = homes[0].child
    for home in homes:
        tick(home, MONDAY, TUESDAY)
    results = run_together(*[lambda home=home: confirm(home) for home in homes])
    receipts = successes(results)
    assert len(receipts) == 1
    (refused,) = [result for result in results if isinstance(result, NothingToConfirm)]
    assert {each.refusal.rule for each in refused.left_out} == {Rule.ALREADY_BOOKED}
    assert Booking.objects.count() == 2
    check_places()


def test_a_draft_validated_while_it_is_released_keeps_its_counts_right(homes):
    for home in homes[:PLACES]:
        tick(home, MONDAY, TUESDAY)
    results = run_together(
        *[lambda home=home: confirm(home, at=OVER) for home in homes[:PLACES]],
        *[lambda: release_lapsed_drafts(at=OVER)] * 3,
    )
    no_error(results)
    assert Booking.objects.count() == 2 * PLACES
    check_places()
    check_numbers("2026-09")


# Numbers


@pytest.mark.exigence("P60")
def test_receipts_are_numbered_without_gap_when_nothing_else_makes_them_wait():
    """No places to share: only the counter stands between them."""
    unlimited = priced_unit(activity__name="Étude")
    homes = [household(unlimited) for _ in range(FAMILIES)]
    for home in homes:
        tick(home, MONDAY)
    results = run_together(*[lambda home=home: confirm(home) for home in homes])
    no_error(results)
    assert Receipt.objects.count() == FAMILIES
    check_numbers("2026-09")


@pytest.mark.exigence("P60")
def test_a_validation_that_fails_gives_its_number_back(monkeypatch):
    unlimited = priced_unit(activity__name="Étude")
    homes = [household(unlimited) for _ in range(FAMILIES)]
    for home in homes:
        tick(home, MONDAY)
    unlucky = {home.family.pk for home in homes[::3]}

    def write_or_break(**values):
        if values["family"].pk in unlucky:
            raise RuntimeError("the power went off")
        return open_procedure(**values)

    monkeypatch.setattr(confirm_module, "open_procedure", write_or_break)
    results = run_together(*[lambda home=home: confirm(home) for home in homes])
    assert len(successes(results)) == FAMILIES - len(unlucky)
    check_numbers("2026-09")
    # Nothing was lost: the drafts of the others are still there, and can be validated again.
    monkeypatch.undo()
    for home in homes[::3]:
        confirm(home)
    check_numbers("2026-09")
    assert Booking.objects.count() == FAMILIES


# Whole years


def test_whole_years_booked_at_once_share_the_places(canteen, pool):
    canteen.activity.enrolment_mode = EnrolmentMode.WHOLE_YEAR
    canteen.activity.save()
    homes = [household(canteen, enrolled=False) for _ in range(PLACES + 2)]

    def enrol(home):
        return enrol_and_book(
            family=home.family,
            child=home.child,
            activity=canteen.activity,
            starts_on=MONDAY,
            pattern={},
            by=home.parent,
            at=AT,
        )

    results = run_together(*[lambda home=home: enrol(home) for home in homes])
    no_error(results)
    full = [result for result in results if result.left_out]
    assert len(full) == 2
    assert {each.refusal.rule for result in full for each in result.left_out} == {Rule.FULL}
    check_places()


def test_two_parents_who_enrol_the_same_child_at_once(canteen):
    canteen.activity.enrolment_mode = EnrolmentMode.WHOLE_YEAR
    canteen.activity.save()
    home = household(canteen, parents=2, enrolled=False)
    results = run_together(
        *[
            lambda by=by: enrol_and_book(
                family=home.family,
                child=home.child,
                activity=canteen.activity,
                starts_on=MONDAY,
                pattern={},
                by=by,
                at=AT,
            )
            for by in (home.parent, home.others[0])
        ]
    )
    (outcome,) = successes(results)
    (refused,) = [result for result in results if isinstance(result, EnrolmentRefused)]
    assert refused.refusal.rule is Rule.ALREADY_ENROLLED
    assert (Enrolment.objects.count(), Booking.objects.count()) == (1, outcome.booked)
    check_places()


def test_the_connections_of_a_race_are_really_several(transactional_db):
    def backend():
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            return cursor.fetchone()[0]

    assert len(set(run_together(*[backend] * 4))) == 4

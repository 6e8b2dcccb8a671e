"""Changing the regular week from a day on: every day to come follows it, but for those changed by hand."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.domain.activities.enums import EnrolmentMode
from portal.domain.activities.models import Activity
from portal.domain.audit.models import AuditEntry
from portal.domain.bookings.models import Basket, BasketWeek, Booking
from portal.domain.bookings.services import (
    UnknownCell,
    WeekRefused,
    change_draft,
    change_week,
    confirm_basket,
    discard_draft,
    enrol_and_book,
    plan_week,
)
from portal.domain.enrolments.enums import EnrolmentState
from portal.domain.enrolments.models import RegularWeek
from portal.domain.enrolments.weeks import load_weeks
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.refusals import Rule
from tests.domain.activities.factories import ActivityFactory, BookingLimitFactory, PlacePoolFactory
from tests.domain.bookings.conftest import AT, MONDAY, NEXT_MONDAY
from tests.domain.bookings.factories import household, priced_unit
from tests.domain.bookings.invariants import check_places

pytestmark = [pytest.mark.django_db]

LAST = date(2026, 10, 16)
SCHOOL = frozenset({1, 2, 4, 5})


@pytest.fixture
def canteen(calendar):
    """Six weeks of canteen, booked by week, until Thursday of the week before."""
    activity = ActivityFactory(ends_on=LAST, enrolment_mode=EnrolmentMode.PATTERN)
    return priced_unit(activity=activity, pools=[PlacePoolFactory(capacity=40)])


def enrolled(canteen, *week, at=AT):
    home = household(canteen, enrolled=False)
    enrol_and_book(
        family=home.family,
        child=home.child,
        activity=canteen.activity,
        starts_on=date(2026, 9, 9),
        pattern={canteen.pk: frozenset(week)},
        by=home.parent,
        at=at,
    )
    return home


def asked(home, *week, starts_on=NEXT_MONDAY, **more):
    enrolment = home.child.enrolments.select_related("activity").get()
    return {
        "family": home.family,
        "enrolment": enrolment,
        "starts_on": starts_on,
        "pattern": {home.unit.pk: frozenset(week)},
        "by": home.parent,
        "at": AT,
        **more,
    }


def confirm(home, at=AT):
    basket = Basket.objects.filter(family=home.family).first()
    return confirm_basket(family=home.family, key=str(basket.key), by=home.parent, at=at) if basket else None


def by_hand(home, add=(), remove=()):
    change_draft(family=home.family, add=home.codes(add), remove=home.codes(remove), by=home.parent, at=AT)
    return confirm(home)


def booked(home):
    return set(Booking.objects.booked().filter(child=home.child).values_list("day", flat=True))


@pytest.mark.exigence("B13")
def test_the_days_to_come_follow_the_new_week_once_the_draft_is_validated(canteen):
    home = enrolled(canteen, 1, 2)
    before = booked(home)
    change = change_week(**asked(home, 2, 4))
    assert (change.left_out, change.changed) == ((), 8)
    assert booked(home) == before
    assert not RegularWeek.objects.exists()
    confirm(home)
    after = booked(home)
    assert {day for day in after if day < NEXT_MONDAY} == {day for day in before if day < NEXT_MONDAY}
    assert {day.isoweekday() for day in after if day >= NEXT_MONDAY} == {2, 4}
    weeks = load_weeks([home.child.enrolments.get()])[home.child.enrolments.get().pk]
    assert weeks.on(NEXT_MONDAY - timedelta(days=1)) == {canteen.pk: frozenset({1, 2})}
    assert weeks.on(NEXT_MONDAY) == weeks.last == {canteen.pk: frozenset({2, 4})}
    assert AuditEntry.objects.get(verb="change_week").after == {
        "starts_on": "2026-09-21",
        "week": {str(canteen.pk): [2, 4]},
    }
    check_places()


@pytest.mark.exigence("B13")
def test_days_changed_by_hand_stay_unless_the_family_says_otherwise(canteen):
    home = enrolled(canteen, 1, 2)
    added, removed = date(2026, 9, 24), date(2026, 9, 28)
    by_hand(home, add=[added], remove=[removed])
    plan = plan_week(**asked(home, 1, 5))
    assert [each.day for each in plan.kept] == [added, removed]
    assert added not in {each.day for each in plan.cancelling}
    change_week(**asked(home, 1, 5))
    confirm(home)
    assert added in booked(home)
    assert removed not in booked(home)
    change_week(**asked(home, 1, 5, exceptions_too=True))
    confirm(home)
    assert {day.isoweekday() for day in booked(home) if day >= NEXT_MONDAY} == {1, 5}
    assert removed in booked(home)


def test_the_plan_says_what_the_change_does_and_what_it_costs(canteen):
    home = enrolled(canteen, 1, 2)
    plan = plan_week(**asked(home, 2, 4, 5))
    assert not Basket.objects.exists()
    assert {each.day.isoweekday() for each in plan.booking} == {4, 5}
    assert {each.day.isoweekday() for each in plan.cancelling} == {1}
    assert plan.amount == Decimal("4.30") * (len(plan.booking) - len(plan.cancelling))
    change = change_week(**asked(home, 2, 4, 5))
    assert change.changed == len(plan.booking) + len(plan.cancelling)


def test_a_day_past_its_deadline_never_moves_and_says_so(canteen):
    home = enrolled(canteen, 4, at=AT - timedelta(days=7))
    closed = date(2026, 9, 10)
    assert closed in booked(home)
    change = change_week(**asked(home, 5, starts_on=closed))
    assert {(each.day, each.refusal.rule) for each in change.left_out} == {
        (closed, Rule.DEADLINE_PASSED),
        (date(2026, 9, 11), Rule.DEADLINE_PASSED),
    }
    confirm(home)
    assert closed in booked(home)
    assert date(2026, 9, 11) not in booked(home)


def test_a_full_day_is_left_out_with_its_reason(canteen):
    pool = canteen.pools.get()
    pool.capacity = 1
    pool.save()
    enrolled(canteen, 4)
    home = enrolled(canteen, 1)
    change = change_week(**asked(home, 1, 4))
    assert {each.refusal.rule for each in change.left_out} == {Rule.FULL}
    check_places()


def test_a_discarded_draft_leaves_the_week_as_it_was(canteen):
    home = enrolled(canteen, 1)
    change_week(**asked(home, 2))
    assert BasketWeek.objects.count() == 1
    discard_draft(family=home.family, by=home.parent, at=AT)
    assert not BasketWeek.objects.exists()
    assert not RegularWeek.objects.exists()


def test_asked_again_before_the_validation_the_last_week_counts(canteen):
    home = enrolled(canteen, 1)
    change_week(**asked(home, 2))
    change_week(**asked(home, 4))
    confirm(home)
    assert {day.isoweekday() for day in booked(home) if day >= NEXT_MONDAY} == {4}
    assert load_weeks([home.child.enrolments.get()])[home.child.enrolments.get().pk].last == {
        canteen.pk: frozenset({4})
    }


def test_going_back_to_the_week_in_force_empties_the_draft(canteen):
    home = enrolled(canteen, 1)
    before = booked(home)
    change_week(**asked(home, 2))
    change_week(**asked(home, 1))
    assert not Basket.objects.exists()
    assert booked(home) == before


def test_a_day_chosen_by_hand_in_the_same_draft_stays(canteen):
    home = enrolled(canteen, 1)
    chosen = date(2026, 9, 25)
    change_draft(family=home.family, add=home.codes([chosen]), remove=[], by=home.parent, at=AT)
    change_week(**asked(home, 2))
    change_week(**asked(home, 4))
    confirm(home)
    assert {day.isoweekday() for day in booked(home) if day >= NEXT_MONDAY and day != chosen} == {4}
    assert chosen in booked(home)


def test_a_week_that_moves_no_day_takes_effect_at_once(canteen):
    home = enrolled(canteen, 1)
    change = change_week(**asked(home, 1))
    assert (change.changed, Basket.objects.exists()) == (0, False)
    assert RegularWeek.objects.get().starts_on == NEXT_MONDAY


def test_a_week_without_days_gives_everything_back(canteen):
    home = enrolled(canteen, 1, 2)
    change_week(**asked(home))
    confirm(home)
    assert {day for day in booked(home) if day >= NEXT_MONDAY} == set()
    week = load_weeks([home.child.enrolments.get()])[home.child.enrolments.get().pk]
    assert week.last == {}
    assert week.changed


def test_an_earlier_change_replaces_the_weeks_that_were_to_follow(canteen):
    home = enrolled(canteen, 1)
    change_week(**asked(home, 2, starts_on=date(2026, 10, 5)))
    confirm(home)
    change_week(**asked(home, 4, starts_on=NEXT_MONDAY))
    confirm(home)
    assert [each.starts_on for each in RegularWeek.objects.all()] == [NEXT_MONDAY]
    assert {day.isoweekday() for day in booked(home) if day >= NEXT_MONDAY} == {4}


@pytest.mark.parametrize("day", [date(2026, 9, 8), date(2026, 10, 17)])
def test_a_day_out_of_the_enrolment_is_refused(canteen, day):
    home = enrolled(canteen, 1)
    with pytest.raises(WeekRefused) as refused:
        change_week(**asked(home, 2, starts_on=day))
    assert refused.value.field == "starts_on"
    assert not Basket.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"enrolment_mode": EnrolmentMode.OPEN},
        {"enrolment_mode": EnrolmentMode.WHOLE_YEAR},
        {"editable_by_families": False},
    ],
)
def test_what_has_no_week_of_its_own_is_refused(canteen, change):
    home = enrolled(canteen, 1)
    Activity.objects.update(**change)
    with pytest.raises(WeekRefused):
        change_week(**asked(home, 2))


def test_a_request_that_waits_has_no_week_to_change(canteen):
    home = enrolled(canteen, 1)
    home.child.enrolments.update(state=EnrolmentState.REQUESTED)
    with pytest.raises(WeekRefused):
        change_week(**asked(home, 2))


def test_another_family_changes_nothing(canteen):
    home, other = enrolled(canteen, 1), enrolled(canteen, 1)
    with pytest.raises(UnknownCell):
        change_week(**asked(home, 2, family=other.family, by=other.parent))
    with pytest.raises(UnknownCell):
        change_week(**asked(home, 2, by=other.parent))
    assert not Basket.objects.exists()


WEEK = st.frozensets(st.sampled_from(sorted(SCHOOL)))
DAYS = st.sampled_from(sorted(day for day in DateRange(MONDAY, LAST) if day.isoweekday() in SCHOOL))


@pytest.mark.exigence("B13")
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    old=WEEK,
    new=WEEK,
    touched=st.frozensets(DAYS, max_size=6),
    starts_on=st.sampled_from(sorted(DateRange(date(2026, 9, 10), date(2026, 10, 12)))),
    exceptions_too=st.booleans(),
)
def test_every_day_that_may_change_becomes_what_the_week_says(canteen, old, new, touched, starts_on, exceptions_too):
    """Against the rule written once more, by hand: days closed, before, or changed by hand stay as they were."""
    with transaction.atomic():
        home = enrolled(canteen, *old)
        there = booked(home)
        if touched:
            by_hand(home, add=touched - there, remove=touched & there)
        before = booked(home)
        change_week(**asked(home, *new, starts_on=starts_on, exceptions_too=exceptions_too))
        confirm(home)
        after = booked(home)
        for day in DateRange(date(2026, 9, 9), LAST):
            if day.isoweekday() not in SCHOOL:
                assert day not in after
            elif day < MONDAY or day < starts_on or (day in touched and not exceptions_too):
                assert (day in after) == (day in before), day
            else:
                assert (day in after) == (day.isoweekday() in new), day
        check_places()
        transaction.set_rollback(True)


def test_a_week_beyond_a_limit_leaves_the_days_too_many_out(canteen):
    home = enrolled(canteen, 1)
    BookingLimitFactory(activity=canteen.activity)
    plan = plan_week(**asked(home, 1, 2, 4, starts_on=NEXT_MONDAY))
    change = change_week(**asked(home, 1, 2, 4, starts_on=NEXT_MONDAY))
    assert {each.day.isoweekday() for each in plan.booking} == {2}
    assert {(each.day.isoweekday(), each.refusal.rule) for each in change.left_out} == {(4, Rule.WEEK_LIMIT)}
    assert [each.day for each in change.left_out] == [each.day for each in plan.left_out]
    # What the new week gives back makes room for what it takes: two other days, and none is left out.
    assert change_week(**asked(home, 2, 5, starts_on=NEXT_MONDAY)).left_out == ()

"""What comes: the next deadlines, and what the children do on a day."""

from datetime import date, datetime, time, timedelta

import pytest

from portal.domain.bookings.queries import day_summary, next_deadlines
from portal.domain.families.models import FamilyMember
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.clock import PARIS
from tests.domain.bookings.conftest import AT, FRIDAY, MONDAY, NEXT_MONDAY
from tests.domain.bookings.factories import BookingFactory, book, household, join, priced_unit
from tests.domain.enrolments.factories import EnrolmentFactory

pytestmark = pytest.mark.django_db


def coming(home, at=AT, limit=3):
    return next_deadlines(family=home.family, user=home.parent, at=at, limit=limit)


@pytest.mark.exigence("V22", "C3")
def test_the_next_deadlines_come_in_order_with_their_days(home, calendar):
    first, second, third = coming(home)
    assert (first.closes_at, first.range) == (
        datetime(2026, 9, 10, 23, 59, tzinfo=PARIS),
        DateRange(MONDAY, FRIDAY),
    )
    assert (first.labels, first.children, first.may_book, first.may_cancel) == (
        ("Cantine",),
        ("Hugo", "Léna"),
        True,
        True,
    )
    assert second.days[0] == NEXT_MONDAY
    assert third.closes_at.day == 24


@pytest.mark.exigence("C3")
def test_a_deadline_gone_is_not_announced(home):
    friday = datetime(2026, 9, 11, tzinfo=PARIS)
    assert coming(home, friday, limit=1)[0].closes_at == datetime(2026, 9, 17, 23, 59, tzinfo=PARIS)


def test_holidays_are_jumped_over(home, calendar):
    at = datetime(2026, 10, 9, 8, tzinfo=PARIS)
    (deadline,) = coming(home, at, limit=1)
    # From Monday 12 to Friday 16 closed on the 8th; then two weeks of holidays.
    assert (deadline.closes_at.date(), deadline.days[0]) == (date(2026, 10, 29), date(2026, 11, 2))


def test_a_far_limit_for_near_days_is_found_in_its_place(home, calendar):
    christmas = priced_unit(
        activity__short_name="Noël",
        activity__service_days="holidays",
        activity__booking_deadline={"kind": "fixed", "day": "2026-09-12"},
        activity__cancellation_deadline={"kind": "never"},
        weekdays=[1, 2, 3, 4, 5],
    )
    EnrolmentFactory(child=home.child, family=home.family, activity=christmas.activity)
    first, second, *_ = coming(home)
    assert first.labels == ("Cantine",)
    assert (second.labels, second.children, second.may_book, second.may_cancel) == (
        ("Noël",),
        ("Hugo",),
        True,
        False,
    )


def test_only_what_the_person_may_change(home, canteen):
    home.children[1].enrolments.update(state="requested")
    assert coming(home)[0].children == ("Hugo",)
    FamilyMember.objects.update(can_book=False)
    assert coming(home) == ()


def test_nothing_to_announce(home, canteen):
    canteen.activity.booking_deadline = canteen.activity.cancellation_deadline = {"kind": "always"}
    canteen.activity.save()
    assert coming(home) == ()
    assert coming(home, datetime(2027, 7, 10, tzinfo=PARIS)) == ()


@pytest.mark.exigence("C3")
def test_what_is_announced_is_what_is_enforced(home, calendar):
    for deadline in coming(home, limit=20):
        assert coming(home, deadline.closes_at + timedelta(seconds=59))[0] == deadline
        after = coming(home, deadline.closes_at + timedelta(minutes=1))
        assert not after or after[0].closes_at > deadline.closes_at


def test_the_day_of_each_child(home, canteen):
    club = priced_unit(
        activity=canteen.activity, code="soir", name="Accueil du soir", starts_at=time(16, 30), ends_at=time(18, 30)
    )
    home.units.append(club)
    book(home, [MONDAY], unit=1)
    book(home, [MONDAY])
    BookingFactory(
        child=home.children[1],
        unit=canteen,
        day=MONDAY,
        enrolment=home.children[1].enrolments.get(),
        cancelled=True,
    )
    hugo, lena = day_summary(family=home.family, user=home.parent, day=MONDAY)
    assert [(entry.label, entry.starts_at) for entry in hugo.entries] == [
        ("Cantine, repas", time(11, 30)),
        ("Cantine, accueil du soir", time(16, 30)),
    ]
    assert (lena.child.first_name, list(lena.entries)) == ("Léna", [])


@pytest.mark.exigence("B3")
def test_the_day_is_the_childs_whoever_booked(home, canteen, django_assert_num_queries):
    other = household(canteen, enrolled=False)
    join(other.family, home.child)
    book(home, [MONDAY])
    with django_assert_num_queries(2):
        days = day_summary(family=other.family, user=other.parent, day=MONDAY)
    assert [(each.child.pk, len(each.entries)) for each in days] == [
        (other.child.pk, 0),
        (home.child.pk, 1),
    ]
    assert days[1].entries[0].label == "Cantine"

"""The deadline announced is the deadline enforced: any rule, over two years of calendar, without a database."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.domain.activities.deadlines import Deadline
from portal.domain.activities.opening import Holiday, Offer, ServiceCalendar
from portal.domain.activities.school_calendar import public_holidays, school_holidays
from portal.domain.bookings.codes import CellKey
from portal.domain.bookings.context import (
    BookableUnit,
    BookingContext,
    FamilyChild,
    LiveBooking,
    LiveEnrolment,
    ServiceContact,
)
from portal.domain.bookings.enums import Wish
from portal.domain.bookings.policy import why_not
from portal.domain.bookings.upcoming import upcoming_deadlines
from portal.domain.kernel import english, french
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.clock import PARIS, paris_date, shift
from tests.domain.activities.test_deadlines_properties import LOOK_BACK, TWO_YEARS, any_rule, instants

FREE, BOOKED, UNIT = 1, 2, 7
CALENDAR = ServiceCalendar(
    public_holidays={named.day: named.name for named in public_holidays("", LOOK_BACK)},
    holidays=tuple(Holiday(each.name, each.days) for each in school_holidays("A", LOOK_BACK).periods),
)


def a_context(booking: Deadline, cancellation: Deadline, days: DateRange) -> BookingContext:
    """One child who has booked nothing, one who has booked every day, in one unit served on school days."""
    unit = BookableUnit(
        offer=Offer(
            UNIT, 3, 5, TWO_YEARS.first, TWO_YEARS.last, "school", frozenset({1, 2, 4, 5}), booking, cancellation
        ),
        name="Repas",
        label="Cantine",
        activity_name="Cantine",
        activity_short_name="Cantine",
        shown=True,
        editable=True,
        pools={},
        service=ServiceContact("Enfance"),
        rank=(0,),
    )
    children = {
        pk: FamilyChild(pk, name, "Vuillet", date(2017, 3, 1), "CM1", may_book=True)
        for pk, name in ((FREE, "Hugo"), (BOOKED, "Léna"))
    }
    priced: Any = SimpleNamespace(price=lambda _unit, _day, _who: SimpleNamespace(amount=Decimal("4.30")))
    return BookingContext(
        family_id=1,
        children=children,
        units={UNIT: unit},
        enrolments={
            (pk, 3): LiveEnrolment(pk, pk, 3, accepted=True, starts_on=TWO_YEARS.first, ends_on=TWO_YEARS.last)
            for pk in children
        },
        calendar=CALENDAR,
        prices=priced,
        booked={CellKey(BOOKED, UNIT, day): LiveBooking(1, BOOKED, 1, 1, Decimal(4)) for day in days},
    )


def may(context: BookingContext, wish: Wish, day: date, at: datetime) -> bool:
    child = FREE if wish is Wish.ADD else BOOKED
    return why_not(context, wish=wish, child_id=child, unit_id=UNIT, day=day, at=at) is None


@pytest.mark.exigence("C3")
@settings(max_examples=60, deadline=None)
@given(any_rule, any_rule, st.one_of(instants, st.just(datetime(2026, 10, 24, 12, tzinfo=PARIS))))
def test_the_deadline_announced_is_the_deadline_enforced(
    booking: Deadline, cancellation: Deadline, at: datetime
) -> None:
    days = DateRange(paris_date(at), paris_date(at) + timedelta(days=45))
    context = a_context(booking, cancellation, days)
    announced = upcoming_deadlines(context, days=days, at=at)

    for deadline in announced:
        last_second = shift(deadline.closes_at, timedelta(seconds=59))
        too_late = shift(deadline.closes_at, timedelta(minutes=1))
        ending = {
            wish: {
                day
                for day in deadline.days
                if may(context, wish, day, last_second) and not may(context, wish, day, too_late)
            }
            for wish in Wish
        }
        assert ending[Wish.ADD] or not deadline.may_book
        assert ending[Wish.REMOVE] or not deadline.may_cancel
        assert set().union(*ending.values()) == set(deadline.days)
    # Nothing that closes before an announced instant is forgotten.
    said_days = {(day, deadline.closes_at) for deadline in announced for day in deadline.days}
    for day in CALENDAR.served_days(context.units[UNIT].offer, days):
        for wish in Wish:
            window = context.window(context.units[UNIT], wish, day)
            if may(context, wish, day, at) and window.last_shown is not None:
                (closes_at,) = {
                    instant
                    for said, instant in said_days
                    if said == day
                    and not may(context, wish, day, shift(instant, timedelta(minutes=1)))
                    and may(context, wish, day, shift(instant, timedelta(seconds=59)))
                }
                assert closes_at >= at - timedelta(minutes=1)


@pytest.mark.parametrize(
    ("left", "shown", "english_words"),
    [
        (timedelta(days=1, hours=26), "dans 3 jours", "in 3 days"),
        (timedelta(days=1, hours=2), "dans 2 jours", "in 2 days"),
        (timedelta(hours=23), "demain", "tomorrow"),
        (timedelta(hours=1, minutes=25), "dans 1 h 25", "in 1 h 25"),
        (timedelta(minutes=12, seconds=59), "dans 12 min", "in 12 min"),
        (timedelta(seconds=1), "dans moins d’une minute", "in less than a minute"),
        (timedelta(seconds=-59), "dans moins d’une minute", "in less than a minute"),
        (timedelta(minutes=-1), "passée", "over"),
    ],
)
def test_how_far_a_last_minute_is(left: timedelta, shown: str, english_words: str) -> None:
    now = datetime(2026, 9, 8, 22, tzinfo=PARIS)
    if left < timedelta(hours=2):
        now = datetime(2026, 9, 8, 10, tzinfo=PARIS)
    assert french.ahead(now + left, now=now).replace("\u00a0", " ") == shown
    assert english.ahead(now + left, now=now).replace("\u00a0", " ") == english_words

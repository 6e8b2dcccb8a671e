"""Booking after the deadline, with a surcharge said before it is asked for; never cancelling, never without a word."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.activities.deadlines import DayOfMonth, DaysBefore, State, WeekdayBefore
from portal.domain.activities.enums import LateKind
from portal.domain.activities.late import LatePath, is_late
from portal.domain.activities.opening import ServiceCalendar
from portal.domain.activities.queries import offer_of, rules_sentence
from portal.domain.bookings.enums import Wish
from portal.domain.bookings.explain import explain_cell
from portal.domain.bookings.grid import load_planning
from portal.domain.bookings.models import Booking, ReceiptLine
from portal.domain.bookings.services import change_draft, change_period, confirm_basket
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.clock import PARIS
from portal.domain.kernel.refusals import Rule
from tests.domain.bookings.conftest import AT, MONDAY, NEXT_MONDAY, THURSDAY, TUESDAY
from tests.domain.bookings.factories import book
from tests.domain.bookings.test_policy import alter, ask

pytestmark = pytest.mark.exigence("P16")

NBSP = "\u00a0"
#: Friday 11 September: the week of the 14th closed on Thursday evening; the day before at noon is the late deadline.
LATE = datetime(2026, 9, 11, 9, 0, tzinfo=PARIS)
DAY_BEFORE = {"kind": "days_before", "days": 1, "hour": "12:00"}


@pytest.fixture
def late(home):
    """A surcharge of 2,00 €, until the day before at noon."""
    alter(home.unit.activity, late_booking_deadline=DAY_BEFORE, late_kind=LateKind.AMOUNT, late_value=Decimal("2.00"))
    return home


@pytest.fixture
def twenty_percent(late):
    alter(late.unit.activity, late_kind=LateKind.PERCENT, late_value=Decimal(20))
    return late


def cell(home, day, *, at=LATE):
    planning = load_planning(family=home.family, user=home.parent, days=DateRange(day, day), at=at)
    return next(row for row in planning.rows if row.child.pk == home.child.pk).cells[day]


def tick(home, *days, at=LATE):
    return change_draft(family=home.family, add=home.codes(days), remove=[], by=home.parent, at=at)


def confirm(home, *, at=LATE, key=""):
    draft_key = key or str(home.family.basket.key)
    return confirm_basket(family=home.family, key=draft_key, by=home.parent, at=at)


@pytest.mark.django_db
class TestInTheBooks:
    def test_in_time_nothing_changes(self, late):
        assert (cell(late, MONDAY, at=AT).editable, cell(late, MONDAY, at=AT).surcharge) == (True, 0)

    def test_after_the_deadline_the_cell_says_what_it_costs_more(self, late):
        assert (cell(late, TUESDAY).editable, cell(late, TUESDAY).surcharge) == (True, Decimal("2.00"))

    def test_the_draft_the_receipt_and_the_booking_hold_the_surcharge_and_explain_it(self, late):
        change = tick(late, TUESDAY)
        assert [(line.amount, line.surcharge) for line in change.draft.lines] == [(Decimal("6.30"), Decimal("2.00"))]
        receipt = confirm(late)
        assert receipt.total == Decimal("6.30")
        assert ReceiptLine.objects.get().surcharge == Decimal("2.00")
        booking = Booking.objects.get()
        assert (booking.unit_price, booking.surcharge) == (Decimal("6.30"), Decimal("2.00"))
        assert booking.explanation[-1] == (f"Réservation en retard, après le délai{NBSP}: supplément de 2,00{NBSP}€.")

    def test_a_part_of_the_price_is_rounded_once_to_the_cent(self, twenty_percent):
        assert cell(twenty_percent, TUESDAY).surcharge == Decimal("0.86")
        tick(twenty_percent, TUESDAY)
        confirm(twenty_percent)
        assert f"0,86{NBSP}€, soit 20{NBSP}% du prix" in Booking.objects.get().explanation[-1]

    def test_after_the_second_deadline_the_day_is_closed_since_that_instant(self, late):
        at = datetime(2026, 9, 14, 12, 1, tzinfo=PARIS)
        refusal = ask(late, TUESDAY, at=at)
        assert refusal.rule is Rule.DEADLINE_PASSED
        assert refusal.since == datetime(2026, 9, 14, 12, 0, tzinfo=PARIS)
        assert ask(late, TUESDAY, at=datetime(2026, 9, 14, 12, 0, 59, tzinfo=PARIS)) is None

    def test_a_day_is_never_cancelled_late(self, late):
        book(late, [TUESDAY])
        assert ask(late, TUESDAY, wish=Wish.REMOVE, at=LATE).rule is Rule.DEADLINE_PASSED

    def test_an_enrolment_books_no_late_day_by_itself(self, late):
        assert ask(late, TUESDAY, at=LATE, enrolling=True).rule is Rule.DEADLINE_PASSED

    def test_a_whole_period_leaves_late_days_out_and_says_how_to_book_them(self, late):
        change = change_period(
            family=late.family,
            sense=Wish.ADD,
            children=[late.child.pk],
            activity=late.unit.activity_id,
            unit=None,
            days=DateRange(TUESDAY, NEXT_MONDAY),
            weekdays=frozenset({1, 2, 4}),
            by=late.parent,
            at=LATE,
        )
        assert [line.day for line in change.draft.lines] == [NEXT_MONDAY]
        assert {(left.day, left.refusal.rule) for left in change.left_out} == {
            (TUESDAY, Rule.LATE_PRICE),
            (THURSDAY, Rule.LATE_PRICE),
        }

    def test_a_day_chosen_in_time_and_validated_late_is_not_charged_more_in_silence(self, late):
        at = datetime(2026, 9, 10, 23, 55, tzinfo=PARIS)
        tick(late, TUESDAY, NEXT_MONDAY, at=at)
        receipt = confirm(late, at=at + timedelta(minutes=10))
        assert receipt.total == Decimal("4.30")
        assert [each["day"] for each in receipt.left_out] == [TUESDAY.isoformat()]
        assert f"supplément de 2,00{NBSP}€" in receipt.left_out[0]["reason"]

    def test_nor_when_the_draft_had_lapsed_meanwhile(self, late):
        at = datetime(2026, 9, 10, 23, 55, tzinfo=PARIS)
        tick(late, TUESDAY, NEXT_MONDAY, at=at)
        assert confirm(late, at=at + timedelta(hours=9)).total == Decimal("4.30")

    def test_a_surcharge_accepted_stands_while_the_late_path_is_open(self, late):
        tick(late, TUESDAY)
        assert confirm(late, at=LATE + timedelta(hours=9)).total == Decimal("6.30")

    def test_why_tells_the_late_rule_between_booking_and_cancelling(self, late):
        told = explain_cell(family=late.family, user=late.parent, code=late.code(TUESDAY), at=LATE)
        assert [rule.open for rule in told.rules] == [False, True, False]
        assert told.rules[1].sentence.startswith(
            f"Après ce délai, avec un supplément de 2,00{NBSP}€{NBSP}: les jours se réservent"
        )
        assert (told.price, "supplément" in told.price_explanation[-1]) == (Decimal("6.30"), True)

    def test_the_rules_of_the_enrolment_page_tell_it_too(self, late):
        assert "avec un supplément de" in rules_sentence(offer_of(late.unit))

    @pytest.mark.parametrize(
        "values",
        [
            {"late_booking_deadline": DAY_BEFORE},
            {"late_kind": "amount", "late_value": Decimal(2)},
            {"late_booking_deadline": DAY_BEFORE, "late_kind": "amount", "late_value": Decimal(0)},
            {"late_booking_deadline": DAY_BEFORE, "late_kind": "percent", "late_value": Decimal(101)},
        ],
    )
    def test_half_a_late_path_is_refused_by_postgresql(self, home, values):
        with pytest.raises(IntegrityError, match="activity_late_is_whole"):
            alter(home.unit.activity, **values)


# What is shown is what is enforced, whatever the rules

CALENDAR = ServiceCalendar(public_holidays={}, holidays=(), closures=())
rules = st.one_of(
    st.builds(DaysBefore, st.integers(0, 15), hour=st.builds(time, st.integers(0, 23))),
    st.builds(WeekdayBefore, st.integers(1, 7), weeks=st.integers(1, 3)),
    st.builds(DayOfMonth, st.integers(1, 28), months=st.integers(1, 2)),
)


@given(
    ordinary=rules,
    late=rules,
    day=st.dates(date(2026, 9, 1), date(2028, 7, 1)),
    minutes=st.integers(-60 * 24 * 90, 60 * 24 * 5),
)
def test_a_day_is_late_from_the_end_of_the_one_deadline_to_the_end_of_the_other(ordinary, late, day, minutes):
    at = datetime.combine(day, time(), tzinfo=PARIS) + timedelta(minutes=minutes)
    window = ordinary.window(day, CALENDAR)
    path = LatePath(late, LateKind.AMOUNT, Decimal(2))
    found = path.window(day, CALENDAR, ordinary=window)
    expected = window.state(at) is State.CLOSED and late.window(day, CALENDAR).state(at) is State.OPEN
    assert is_late(found, at) is expected
    if found is not None:
        assert found.opens == window.closes
        assert found.last_shown == late.window(day, CALENDAR).last_shown

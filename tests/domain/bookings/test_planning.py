"""What the planning shows: every state of a cell, the costs, the deadlines of the weeks."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from portal.domain.bookings.planning import Shown, Was
from portal.domain.bookings.queries import load_draft, load_planning
from portal.domain.bookings.services import change_draft
from portal.domain.families.models import FamilyMember
from portal.domain.kernel.calendar import DateRange, month_range
from portal.domain.kernel.clock import PARIS
from portal.domain.kernel.refusals import Rule
from tests.domain.accounts.factories import UserFactory
from tests.domain.activities.factories import ClosureFactory, PlacePoolFactory
from tests.domain.bookings.conftest import AT, FRIDAY, MONDAY, NEXT_MONDAY, THURSDAY, TUESDAY
from tests.domain.bookings.factories import BookingFactory, book, household, join, priced_unit
from tests.domain.enrolments.factories import EnrolmentFactory

SEPTEMBER = month_range(2026, 9)
WEEK = DateRange(MONDAY, date(2026, 9, 20))

pytestmark = pytest.mark.django_db


def planning(home, days=SEPTEMBER, at=AT, user=None, **filters):
    return load_planning(family=home.family, user=user or home.parent, days=days, at=at, **filters)


def cell(home, day, *, child=0, at=AT):
    shown = planning(home, DateRange(day, day), at)
    return next(row for row in shown.rows if row.child.pk == home.children[child].pk).cells[day]


def state(found):
    return (found.was, found.shown, found.editable, found.checked, found.refusal and found.refusal.rule)


@pytest.mark.exigence("P1", "P8", "P24", "P65")
def test_the_lines_follow_the_children_then_the_activities(canteen):
    home = household(canteen, children=2)
    club = priced_unit(activity__short_name="Accueil du soir", activity__order=2, price="2.10")
    EnrolmentFactory(child=home.children[1], family=home.family, activity=club.activity)
    shown = planning(home)
    assert [(row.child.first_name, row.label, row.unit_price) for row in shown.rows] == [
        ("Hugo", "Cantine", Decimal("4.30")),
        ("Léna", "Cantine", Decimal("4.30")),
        ("Léna", "Accueil du soir", Decimal("2.10")),
    ]
    assert [(child.first_name, child.age, child.level) for child in shown.children] == [
        ("Hugo", 8, "CM1"),
        ("Léna", 8, "CM1"),
    ]
    assert (shown.rows[0].rate_label, shown.rows[0].enrolment_id) == (
        "à l’unité",
        home.child.enrolments.get().pk,
    )


@pytest.mark.exigence("P10", "P11")
def test_children_and_activities_can_be_masked(canteen):
    home = household(canteen, children=2)
    club = priced_unit(activity__short_name="Accueil du soir")
    EnrolmentFactory(child=home.children[1], family=home.family, activity=club.activity)
    only_child = planning(home, children={home.children[1].pk})
    assert [row.label for row in only_child.rows] == ["Cantine", "Accueil du soir"]
    assert [child.first_name for child in only_child.children] == ["Léna"]
    only_activity = planning(home, activities={canteen.activity_id})
    assert [row.child.first_name for row in only_activity.rows] == ["Hugo", "Léna"]


@pytest.mark.exigence("P24", "P36")
def test_a_free_cell_a_booked_one_and_a_cancelled_one(home):
    book(home, [TUESDAY])
    BookingFactory(
        child=home.child, unit=home.unit, day=THURSDAY, enrolment=home.child.enrolments.get(), cancelled=True
    )
    assert state(cell(home, MONDAY)) == (Was.FREE, Shown.FREE, True, False, None)
    assert state(cell(home, TUESDAY)) == (Was.BOOKED, Shown.BOOKED, True, True, None)
    assert state(cell(home, THURSDAY)) == (Was.CANCELLED, Shown.CANCELLED, True, False, None)


@pytest.mark.exigence("P25", "P43")
def test_pending_cells_say_what_they_become(home):
    book(home, [TUESDAY])
    change_draft(family=home.family, add=[home.code(MONDAY)], remove=[home.code(TUESDAY)], by=home.parent, at=AT)
    assert state(cell(home, MONDAY)) == (Was.FREE, Shown.ADDING, True, True, None)
    assert state(cell(home, TUESDAY)) == (Was.BOOKED, Shown.REMOVING, True, False, None)
    # A wish overtaken by the deadline says so, and may still be taken back.
    friday = datetime(2026, 9, 11, tzinfo=PARIS)
    assert state(cell(home, MONDAY, at=friday)) == (Was.FREE, Shown.ADDING, True, True, Rule.DEADLINE_PASSED)


@pytest.mark.exigence("P14", "P68", "C2")
def test_a_cell_that_cannot_change_says_why(home, canteen, calendar):
    ClosureFactory(starts_on=NEXT_MONDAY, ends_on=NEXT_MONDAY)
    late = date(2026, 9, 11)
    book(home, [late])
    assert state(cell(home, late)) == (Was.BOOKED, Shown.BOOKED, False, True, Rule.DEADLINE_PASSED)
    assert state(cell(home, late, child=1)) == (
        Was.FREE,
        Shown.NOT_PLANNED,
        False,
        False,
        Rule.DEADLINE_PASSED,
    )
    assert state(cell(home, NEXT_MONDAY)) == (Was.FREE, Shown.CLOSED, False, False, Rule.CLOSED_DAY)
    assert state(cell(home, date(2026, 10, 19))) == (Was.FREE, Shown.CLOSED, False, False, Rule.SCHOOL_HOLIDAY)
    for _ in range(2):
        book(household(canteen), [MONDAY])
    assert state(cell(home, MONDAY)) == (Was.FREE, Shown.FULL, False, False, Rule.FULL)


def test_a_weekday_never_served_is_a_dot(home):
    centre = priced_unit(activity__short_name="Mercredi", weekdays=[3], activity__order=5)
    EnrolmentFactory(child=home.child, family=home.family, activity=centre.activity)
    rows = planning(home, WEEK).rows
    assert state(rows[0].cells[date(2026, 9, 16)]) == (Was.FREE, Shown.NOT_OFFERED, False, False, None)
    assert rows[1].cells[date(2026, 9, 16)].shown is Shown.FREE


def test_the_columns_are_the_days_that_some_line_serves(home, calendar):
    assert [day.day for day in sorted(planning(home, WEEK).served_days)] == [14, 15, 17, 18]
    # Holidays keep their columns: a closed cell is never just absent.
    holidays = planning(home, DateRange(date(2026, 10, 19), date(2026, 10, 25)))
    assert [day.day for day in sorted(holidays.served_days)] == [19, 20, 22, 23]


@pytest.mark.exigence("P35", "P36")
def test_costs_are_those_of_the_bookings_not_of_the_tariff(home, canteen):
    book(home, [MONDAY], price="3.90")
    book(home, [TUESDAY, date(2026, 10, 5)])
    change_draft(family=home.family, add=[home.code(FRIDAY)], remove=[home.code(MONDAY)], by=home.parent, at=AT)
    shown = planning(home)
    row = shown.rows[0]
    assert (row.count, row.cost, row.count_after, row.cost_after) == (2, Decimal("8.20"), 2, Decimal("8.60"))
    assert (shown.cost, shown.cost_after) == (Decimal("8.20"), Decimal("8.60"))


@pytest.mark.exigence("B3")
def test_the_days_of_the_other_household_are_seen_and_not_paid(home, canteen):
    other = household(canteen, enrolled=False)
    join(other.family, home.child)
    book(home, [MONDAY])
    seen = planning(other, WEEK)
    row = next(row for row in seen.rows if row.child.pk == home.child.pk)
    assert (row.count, row.cost) == (0, Decimal("0.00"))
    assert state(row.cells[MONDAY]) == (Was.BOOKED, Shown.BOOKED, False, True, Rule.NO_RIGHT)


@pytest.mark.exigence("P38")
def test_nothing_manages_a_period_without_enrolment(home):
    assert planning(home, month_range(2026, 7)).rows == ()


def test_bookings_of_an_enrolment_that_ended_are_still_shown(home):
    book(home, [MONDAY])
    enrolment = home.child.enrolments.get()
    enrolment.state = "cancelled"
    enrolment.save()
    row = planning(home).rows[0]
    assert (row.enrolment_id, row.count, row.cells[MONDAY].editable) == (enrolment.pk, 1, True)
    assert row.cells[TUESDAY].refusal.rule is Rule.NOT_ENROLLED


@pytest.mark.exigence("P39")
def test_an_activity_may_be_hidden(home, canteen):
    canteen.activity.shown_on_planning = False
    canteen.activity.save()
    assert planning(home).rows == ()


def test_who_may_not_see_sees_nothing(home):
    assert planning(home, user=UserFactory()).rows == ()
    FamilyMember.objects.update(can_see=False, can_book=False, can_edit=False, can_pay=False)
    assert planning(home).children == ()


# Deadlines of the weeks


@pytest.mark.exigence("P20", "V22")
def test_each_week_says_when_it_closes(home):
    deadlines = planning(home).deadlines
    assert [(each.week_start.day, each.closes_at, each.passed) for each in deadlines[:3]] == [
        (31, datetime(2026, 8, 27, 23, 59, tzinfo=PARIS), True),
        (7, datetime(2026, 9, 3, 23, 59, tzinfo=PARIS), True),
        (14, datetime(2026, 9, 10, 23, 59, tzinfo=PARIS), False),
    ]
    assert (deadlines[2].labels, deadlines[2].days) == (("Cantine",), DateRange(MONDAY, FRIDAY))


def test_a_week_has_one_deadline_for_each_instant(home):
    club = priced_unit(
        activity__short_name="Accueil du soir",
        activity__booking_deadline={"kind": "days_before", "days": 1},
        activity__cancellation_deadline={"kind": "always"},
        weekdays=[1, 2],
    )
    EnrolmentFactory(child=home.child, family=home.family, activity=club.activity)
    assert [(each.closes_at.day, each.labels, each.days) for each in planning(home, WEEK).deadlines] == [
        (10, ("Cantine",), DateRange(MONDAY, FRIDAY)),
        (13, ("Accueil du soir (réserver)",), DateRange(MONDAY, MONDAY)),
        (14, ("Accueil du soir (réserver)",), DateRange(TUESDAY, TUESDAY)),
    ]


def test_a_week_of_holidays_has_no_deadline(home, calendar):
    assert planning(home, DateRange(date(2026, 10, 19), date(2026, 10, 25))).deadlines == ()


def test_what_is_never_changed_on_line_is_closed_without_instant(home, canteen):
    canteen.activity.booking_deadline = canteen.activity.cancellation_deadline = {"kind": "never"}
    canteen.activity.save()
    (deadline,) = planning(home, WEEK).deadlines
    assert (deadline.closes_at, deadline.passed) == (None, True)


# The draft seen from another month


def test_the_draft_is_whole_whatever_is_shown(home):
    change_draft(
        family=home.family,
        add=[home.code(MONDAY), home.code(date(2026, 11, 2))],
        remove=[],
        by=home.parent,
        at=AT,
    )
    october = planning(home, month_range(2026, 10))
    assert [line.day.month for line in october.draft.lines] == [9, 11]
    assert october.draft == load_draft(family=home.family, user=home.parent, at=AT)
    assert (october.cost_after, october.draft.amount) == (Decimal("0.00"), Decimal("8.60"))


def test_of_two_waiting_lines_the_first_asked_gets_the_last_place(canteen):
    home = household(canteen, children=2)
    change_draft(family=home.family, add=[home.code(MONDAY)], remove=[], by=home.parent, at=AT)
    later = AT + timedelta(minutes=1)
    change_draft(family=home.family, add=[home.code(MONDAY, child=1)], remove=[], by=home.parent, at=later)
    over = AT + timedelta(hours=1)
    rival = household(canteen)
    change_draft(family=rival.family, add=[rival.code(MONDAY)], remove=[], by=rival.parent, at=over)
    draft = load_draft(family=home.family, at=over)
    assert [(line.child_name, line.refusal and line.refusal.rule) for line in draft.lines] == [
        ("Hugo", None),
        ("Léna", Rule.FULL),
    ]
    assert draft.count == 1


def test_an_unlimited_pool_never_fills():
    home = household(priced_unit(pools=[PlacePoolFactory(unlimited=True)]))
    for _ in range(3):
        book(household(home.unit), [MONDAY])
    assert cell(home, MONDAY).shown is Shown.FREE

"""Whole periods: the same weekdays for several children, with what is left aside said once."""

from datetime import date, datetime, timedelta

import pytest

from portal.domain.bookings.codes import UnknownCell
from portal.domain.bookings.enums import Wish
from portal.domain.bookings.services import change_period
from portal.domain.families.models import FamilyMember
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.clock import PARIS
from portal.domain.kernel.refusals import Rule
from tests.domain.activities.factories import ClosureFactory, PlacePoolFactory
from tests.domain.bookings.conftest import AT, FRIDAY, MONDAY, NEXT_MONDAY, THURSDAY, TUESDAY
from tests.domain.bookings.factories import book, household, priced_unit
from tests.domain.enrolments.factories import EnrolmentFactory

SEPTEMBER = DateRange(date(2026, 9, 14), date(2026, 9, 30))
MONDAYS, ALL = frozenset({1}), frozenset(range(1, 8))

pytestmark = pytest.mark.django_db


@pytest.fixture
def pool(db):
    return PlacePoolFactory(capacity=40)


def change(home, sense, *, days=SEPTEMBER, weekdays=MONDAYS, children=None, unit=0, at=AT, **options):
    thing = home.units[unit] if unit is not None else None
    return change_period(
        family=home.family,
        sense=sense,
        children=[child.pk for child in home.children] if children is None else children,
        days=days,
        weekdays=weekdays,
        by=home.parent,
        at=at,
        **{
            "activity": thing and thing.activity_id,
            "unit": thing and thing.pk,
            **options,
        },
    )


@pytest.mark.exigence("P27", "P28", "P30")
def test_every_monday_for_both_children(home):
    outcome = change(home, Wish.ADD)
    assert (outcome.changed, outcome.left_out) == (6, ())
    assert [(line.child_name, line.day.day) for line in outcome.draft.lines] == [
        (name, day) for day in (14, 21, 28) for name in ("Hugo", "Léna")
    ]


def test_a_whole_year_at_once(home, calendar):
    outcome = change(
        home, Wish.ADD, days=DateRange(date(2026, 9, 2), date(2027, 7, 2)), weekdays=ALL, children=[home.child.pk]
    )
    assert outcome.changed == 132
    assert {left.refusal.rule for left in outcome.left_out} == {
        Rule.DEADLINE_PASSED,
        Rule.SCHOOL_HOLIDAY,
        Rule.PUBLIC_HOLIDAY,
    }


@pytest.mark.exigence("P27")
def test_closed_days_are_left_out_with_their_reason(home):
    ClosureFactory(starts_on=NEXT_MONDAY, ends_on=NEXT_MONDAY)
    outcome = change(home, Wish.ADD, children=[home.child.pk])
    assert (outcome.changed, [left.day for left in outcome.left_out]) == (2, [NEXT_MONDAY])


def test_before_the_opening_and_after_the_end_are_said_once(home, canteen):
    days = DateRange(date(2026, 6, 1), date(2027, 8, 31))
    outcome = change(home, Wish.ADD, days=days, children=[home.child.pk])
    once = [left for left in outcome.left_out if not left.code]
    assert [(left.refusal.rule, left.day) for left in once] == [
        (Rule.BEFORE_OPENING, days.first),
        (Rule.AFTER_END, days.last),
    ]


def test_a_child_without_enrolment_is_said_once(home):
    home.children[1].enrolments.all().delete()
    outcome = change(home, Wish.ADD)
    (left,) = outcome.left_out
    assert (outcome.changed, left.child_name, left.refusal.rule) == (3, "Léna", Rule.NOT_ENROLLED)


def test_somebody_who_may_only_look_is_told_once_for_each_child(home):
    FamilyMember.objects.update(can_book=False)
    outcome = change(home, Wish.ADD, weekdays=ALL)
    assert [left.refusal.rule for left in outcome.left_out] == [Rule.NO_RIGHT, Rule.NO_RIGHT]


def test_a_weekday_that_is_never_served_is_said_once(home):
    outcome = change(home, Wish.ADD, weekdays=frozenset({3}), children=[home.child.pk])
    assert [left.refusal.rule for left in outcome.left_out] == [Rule.NOT_OFFERED]


@pytest.mark.exigence("P29", "P58")
def test_giving_back_a_period_of_all_activities_takes_the_wishes_back_too(home, canteen, pool):
    club = priced_unit(activity__short_name="Accueil du soir", price="2.10")
    EnrolmentFactory(child=home.child, family=home.family, activity=club.activity)
    home.units.append(club)
    book(home, [MONDAY, TUESDAY])
    book(home, [MONDAY], unit=1)
    change(home, Wish.ADD, children=[home.child.pk], days=DateRange(NEXT_MONDAY, NEXT_MONDAY))
    outcome = change(home, Wish.REMOVE, unit=None)
    assert [(line.wish, line.label, line.day) for line in outcome.draft.lines] == [
        (Wish.REMOVE, "Cantine", MONDAY),
        (Wish.REMOVE, "Accueil du soir", MONDAY),
    ]
    assert (outcome.changed, outcome.left_out) == (3, ())


def test_giving_back_respects_the_deadline(home):
    book(home, [THURSDAY, FRIDAY, NEXT_MONDAY])
    outcome = change(home, Wish.REMOVE, weekdays=ALL, at=datetime(2026, 9, 11, tzinfo=PARIS))
    assert [line.day for line in outcome.draft.lines] == [NEXT_MONDAY]
    assert [left.day for left in outcome.left_out] == [THURSDAY, FRIDAY]


def test_the_same_period_asked_for_again_takes_a_cancellation_back(home):
    book(home, [MONDAY])
    change(home, Wish.REMOVE, children=[home.child.pk])
    outcome = change(home, Wish.ADD, children=[home.child.pk], days=DateRange(MONDAY, MONDAY))
    assert (outcome.changed, outcome.draft.is_empty) == (1, True)


def test_foreign_children_activities_and_units_are_unknown(home, canteen):
    stranger = household(priced_unit(activity__name="Judo"))
    for options in (
        {"children": [stranger.child.pk]},
        {"activity": 999_999, "unit": None},
        {"unit": None, "activity": canteen.activity_id, "children": [home.child.pk, 0]},
    ):
        for sense in Wish:
            with pytest.raises(UnknownCell):
                change(home, sense, **options)
    with pytest.raises(UnknownCell):
        change_period(
            family=home.family,
            sense=Wish.ADD,
            children=[home.child.pk],
            activity=canteen.activity_id,
            unit=stranger.unit.pk,
            days=SEPTEMBER,
            weekdays=ALL,
            by=home.parent,
            at=AT,
        )


def test_a_reservation_names_its_activity(home):
    with pytest.raises(ValueError, match="activity"):
        change(home, Wish.ADD, unit=None)


def test_an_absurd_period_is_cut_before_it_is_read(home):
    outcome = change(home, Wish.ADD, days=DateRange(date(1900, 1, 1), date(2999, 12, 31)), children=[home.child.pk])
    assert outcome.changed > 30
    assert len(outcome.left_out) < 10
    far = change(home, Wish.REMOVE, days=DateRange(date(2999, 1, 1), date(2999, 12, 31)))
    assert far.changed == 0


def test_full_days_go_to_the_first_children_of_the_list(home, canteen, pool):
    pool.capacity = 1
    pool.save()
    outcome = change(home, Wish.ADD, days=DateRange(MONDAY, MONDAY + timedelta(days=1)))
    assert [(line.child_name, line.day) for line in outcome.draft.lines] == [("Hugo", MONDAY)]
    assert [left.child_name for left in outcome.left_out] == ["Léna"]

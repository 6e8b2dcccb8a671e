"""Units tied together, set apart, or one needing another: the draft, the reasons, the validation, the enrolment."""

from datetime import time, timedelta

import pytest

from portal.domain.activities.enums import EnrolmentMode
from portal.domain.activities.models import CalendarSettings
from portal.domain.bookings.enums import Wish
from portal.domain.bookings.models import Basket, BasketLine, Booking
from portal.domain.bookings.planning import Shown
from portal.domain.bookings.queries import explain_cell, load_draft, load_planning
from portal.domain.bookings.services import (
    change_draft,
    change_period,
    confirm_basket,
    enrol_and_book,
    remove_line,
    resume_draft,
)
from portal.domain.kernel.calendar import DateRange, month_range
from portal.domain.kernel.refusals import Rule
from tests.domain.activities.factories import PlacePoolFactory, UnitRelationFactory
from tests.domain.bookings.conftest import AT, MONDAY, NEXT_MONDAY, TUESDAY
from tests.domain.bookings.factories import book, household, join, priced_unit
from tests.domain.bookings.invariants import check_places, check_relations

pytestmark = pytest.mark.django_db


@pytest.fixture
def kitchen():
    return PlacePoolFactory(capacity=1)


@pytest.fixture
def hall():
    return PlacePoolFactory(capacity=1)


@pytest.fixture
def midday(kitchen, hall):
    """A meal (0) that goes with a lunch break (1)."""
    meal = priced_unit(pools=[kitchen], price="5.15")
    lunch = priced_unit(pools=[hall], activity=meal.activity, code="pause", name="Temps méridien", price="0.30")
    UnitRelationFactory(unit=lunch, other=meal)
    return household(meal, lunch)


@pytest.fixture
def formulas(hall):
    """Two formulas (0, 1) of one place, and a bus (2) that needs one of them."""
    first = priced_unit(pools=[hall], name="Avec repas", price="10.40")
    second = priced_unit(pools=[hall], activity=first.activity, code="sans", name="Sans repas", price="5.20")
    bus = priced_unit(activity__short_name="Bus", code="bus", name="Bus", price="1.00")
    UnitRelationFactory(unit=first, other=second, exclusive=True)
    UnitRelationFactory(unit=bus, other=first, dependent=True)
    UnitRelationFactory(unit=bus, other=second, dependent=True)
    return household(first, second, bus)


def press(home, add=(), remove=(), at=AT, by=None):
    return change_draft(
        family=home.family,
        add=[home.code(day, unit=unit) for unit, day in add],
        remove=[home.code(day, unit=unit) for unit, day in remove],
        by=by or home.parent,
        at=at,
    )


def wishes(home):
    return {
        (home.units.index(line.unit), line.day, line.wish)
        for line in BasketLine.objects.filter(basket__family=home.family).select_related("unit")
    }


def confirm(home, at=AT):
    key = Basket.objects.values_list("key", flat=True).get(family=home.family)
    return confirm_basket(family=home.family, key=str(key), by=home.parent, at=at)


def booked(home):
    return {
        (home.units.index(booking.unit), booking.day)
        for booking in Booking.objects.booked().filter(child=home.child).select_related("unit")
    }


def cell(home, unit, day):
    planning = load_planning(family=home.family, user=home.parent, days=month_range(2026, 9), at=AT)
    (row,) = [row for row in planning.rows if row.unit_id == home.units[unit].pk]
    return row.cells[day]


def sentence(change):
    (left,) = change.left_out
    return plain(left.refusal.sentence)


def plain(text):
    return text.replace("\u00a0", " ")


def followed(change):
    return [plain(each.sentence) for each in change.followed]


# Together


@pytest.mark.exigence("P33")
def test_ticking_a_meal_ticks_its_lunch_break_and_unticking_takes_both_away(midday):
    change = press(midday, add=[(0, MONDAY)])
    assert wishes(midday) == {(0, MONDAY, "add"), (1, MONDAY, "add")}
    assert followed(change) == ["ajout de « Temps méridien », qui va avec « Repas »."]
    assert change.draft.amount == BasketLine.objects.get(unit=midday.units[0]).unit_price + (
        BasketLine.objects.get(unit=midday.units[1]).unit_price
    )
    check_places()
    receipt = confirm(midday)
    assert receipt.lines.count() == 2
    press(midday, remove=[(1, MONDAY)])
    assert wishes(midday) == {(0, MONDAY, "remove"), (1, MONDAY, "remove")}
    press(midday, add=[(0, MONDAY)])
    assert not Basket.objects.exists()
    check_places()


@pytest.mark.exigence("P33")
def test_a_full_partner_refuses_the_whole_and_holds_nothing(midday, hall):
    other = household(*midday.units)
    book(other, [MONDAY], unit=1)
    change = press(midday, add=[(0, MONDAY), (0, TUESDAY)])
    assert wishes(midday) == {(0, TUESDAY, "add"), (1, TUESDAY, "add")}
    assert sentence(change).startswith("« Repas » se réserve avec « Temps méridien » : ce jour est complet")
    assert change.left_out[0].refusal.rule is Rule.FULL
    assert cell(midday, 0, MONDAY).shown is Shown.FULL
    check_places()


def test_a_partner_whose_deadline_has_passed_is_named(midday):
    lunch = midday.units[1]
    lunch.booking_deadline = {"kind": "days_before", "days": 10}
    lunch.save()
    change = press(midday, add=[(0, MONDAY)])
    assert change.left_out[0].refusal.rule is Rule.DEADLINE_PASSED
    assert sentence(change).startswith("« Repas » se réserve avec « Temps méridien » : ")
    assert cell(midday, 0, MONDAY).editable is False
    explained = explain_cell(family=midday.family, user=midday.parent, code=midday.code(MONDAY), at=AT)
    assert plain(explained.refusal.sentence) == sentence(change)


def test_taking_one_line_out_of_the_recap_takes_its_partner(midday):
    press(midday, add=[(0, MONDAY), (0, TUESDAY)])
    change = remove_line(family=midday.family, code=midday.code(MONDAY, unit=1), by=midday.parent, at=AT)
    assert wishes(midday) == {(0, TUESDAY, "add"), (1, TUESDAY, "add")}
    assert change.changed == 2


def test_a_whole_period_books_the_partner_of_each_day(midday):
    change = change_period(
        family=midday.family,
        sense=Wish.ADD,
        children=[midday.child.pk],
        activity=midday.unit.activity_id,
        unit=midday.unit.pk,
        days=DateRange(MONDAY, NEXT_MONDAY),
        weekdays=frozenset({1}),
        by=midday.parent,
        at=AT,
    )
    assert change.changed == 4
    assert wishes(midday) == {(unit, day, "add") for unit in (0, 1) for day in (MONDAY, NEXT_MONDAY)}


def test_a_lapsed_pair_comes_back_whole_or_not_at_all(midday):
    press(midday, add=[(0, MONDAY), (0, TUESDAY)])
    later = AT + timedelta(hours=1)
    other = household(*midday.units)
    change_draft(family=other.family, add=[other.code(MONDAY)], remove=[], by=other.parent, at=later)
    change = resume_draft(family=midday.family, by=midday.parent, at=later)
    assert wishes(midday) == {(0, TUESDAY, "add"), (1, TUESDAY, "add")}
    assert {each.day for each in change.left_out} == {MONDAY}
    assert len(change.left_out) == 2
    check_places()


# Apart


@pytest.mark.exigence("P34", "I45")
def test_choosing_a_formula_replaces_the_other_on_a_full_day_and_back_again(formulas):
    book(formulas, [MONDAY])
    free = cell(formulas, 1, MONDAY)
    assert free.editable
    explained = explain_cell(family=formulas.family, user=formulas.parent, code=formulas.code(MONDAY, unit=1), at=AT)
    assert (
        plain(explained.effect) == "Ce jour-là, Hugo a déjà « Avec repas ». Choisir « Sans repas » remplace ce choix."
    )
    change = press(formulas, add=[(1, MONDAY)])
    assert wishes(formulas) == {(0, MONDAY, "remove"), (1, MONDAY, "add")}
    assert followed(change) == ["« Sans repas » remplace « Avec repas »."]
    press(formulas, remove=[(1, MONDAY)])
    assert not Basket.objects.exists()  # ticking then unticking leaves nothing
    press(formulas, add=[(1, MONDAY)])
    receipt = confirm(formulas)
    assert str(receipt.total) == "-5.20"
    assert booked(formulas) == {(1, MONDAY)}
    check_places()


@pytest.mark.exigence("P34")
def test_a_formula_that_cannot_be_cancelled_any_more_is_not_replaced(formulas):
    activity = formulas.unit.activity
    activity.cancellation_deadline = {"kind": "days_before", "days": 10}
    activity.save()
    book(formulas, [MONDAY])
    change = press(formulas, add=[(1, MONDAY)])
    assert change.left_out[0].refusal.rule is Rule.EXCLUSIVE
    assert sentence(change).startswith("Ce jour-là, Hugo a déjà « Avec repas », au lieu de « Sans repas » : ")
    assert wishes(formulas) == set()


def test_two_formulas_ticked_in_one_form_keep_the_first(formulas):
    change = press(formulas, add=[(0, MONDAY), (1, MONDAY)])
    assert wishes(formulas) == {(0, MONDAY, "add")}
    assert sentence(change) == (
        "Ce jour-là, Hugo a déjà « Avec repas » : « Sans repas » vient à sa place, pas en plus."
    )


def test_a_formula_stays_when_the_one_that_was_to_replace_it_falls(formulas):
    """Without it the child would lose the day altogether."""
    formulas.units[1].pools.set([PlacePoolFactory(capacity=1)])
    book(formulas, [MONDAY])
    press(formulas, add=[(1, MONDAY), (0, TUESDAY)])
    later = AT + timedelta(hours=1)
    other = household(*formulas.units)
    change_draft(family=other.family, add=[other.code(MONDAY, unit=1)], remove=[], by=other.parent, at=later)
    receipt = confirm(formulas, at=later)
    assert booked(formulas) == {(0, MONDAY), (0, TUESDAY)}
    assert [each["rule"] for each in receipt.left_out] == ["full", "full"]
    check_places()


@pytest.mark.exigence("P34")
def test_the_other_household_chose_first(formulas, hall):
    type(hall).objects.filter(pk=hall.pk).update(capacity=2)
    other = household(*formulas.units)
    join(other.family, formulas.child)
    other.children[0] = formulas.child
    press(formulas, add=[(0, MONDAY), (0, TUESDAY)])
    press(other, add=[(1, TUESDAY)])
    confirm(other)
    draft = load_draft(family=formulas.family, at=AT, user=formulas.parent)
    assert [line.refusal.rule for line in draft.lines if line.refusal] == [Rule.EXCLUSIVE]
    confirm(formulas)
    assert booked(formulas) == {(0, MONDAY), (1, TUESDAY)}
    refused = press(formulas, add=[(0, TUESDAY)])
    assert "un autre foyer" in sentence(refused)


# One that needs another


def test_the_bus_needs_a_formula_and_goes_with_the_last_one(formulas):
    change = press(formulas, add=[(2, MONDAY)])
    assert sentence(change) == (
        "« Bus » ne se réserve qu’un jour où « Cantine, avec repas » ou « Cantine, sans repas » est réservé aussi."
    )
    assert cell(formulas, 2, MONDAY).editable  # both may be ticked in one form
    press(formulas, add=[(2, MONDAY), (0, MONDAY)])
    assert wishes(formulas) == {(0, MONDAY, "add"), (2, MONDAY, "add")}
    press(formulas, add=[(1, MONDAY)])
    assert wishes(formulas) == {(1, MONDAY, "add"), (2, MONDAY, "add")}
    confirm(formulas)
    change = press(formulas, remove=[(1, MONDAY)])
    assert wishes(formulas) == {(1, MONDAY, "remove"), (2, MONDAY, "remove")}
    assert followed(change) == ["retrait de « Bus », qui a besoin de « Cantine, sans repas »."]
    press(formulas, add=[(1, MONDAY)])
    assert wishes(formulas) == set()


def test_what_is_needed_stays_while_what_needs_it_cannot_be_cancelled(formulas):
    book(formulas, [MONDAY])
    book(formulas, [MONDAY], unit=2)
    bus = formulas.units[2].activity
    bus.cancellation_deadline = {"kind": "never"}
    bus.save()
    change = press(formulas, remove=[(0, MONDAY)])
    assert sentence(change).startswith("« Bus » a besoin de « Cantine, avec repas » et reste réservé : ")
    assert cell(formulas, 0, MONDAY).editable is False


# Hours


def test_hours_that_overlap_are_refused_unless_the_town_or_the_unit_allows_it():
    meal = priced_unit(may_overlap=False)
    club = priced_unit(may_overlap=False, activity__short_name="Échecs", starts_at=time(13), ends_at=time(14))
    after = priced_unit(may_overlap=False, activity__short_name="Dessin", starts_at=time(13, 20), ends_at=time(14))
    home = household(meal, club, after)
    press(home, add=[(0, MONDAY)])
    change = press(home, add=[(1, MONDAY), (2, MONDAY)])
    assert wishes(home) == {(0, MONDAY, "add"), (2, MONDAY, "add")}
    assert sentence(change) == (
        "Ce jour-là, Hugo a déjà « Cantine », de 11 h 30 à 13 h 20 : les horaires se chevauchent."
    )
    assert cell(home, 1, MONDAY).refusal.rule is Rule.OVERLAPPING
    settings, _ = CalendarSettings.objects.get_or_create(single=True)
    CalendarSettings.objects.filter(pk=settings.pk).update(allow_overlaps=True)
    assert press(home, add=[(1, MONDAY)]).changed == 1
    CalendarSettings.objects.update(allow_overlaps=False)
    assert press(home, add=[(1, TUESDAY)]).changed == 1
    assert press(home, add=[(0, TUESDAY)]).changed == 0
    type(club).objects.filter(pk=club.pk).update(may_overlap=True)
    assert press(home, add=[(0, TUESDAY)]).changed == 1


# An enrolment that books its week


@pytest.mark.exigence("P33", "I45")
@pytest.mark.usefixtures("calendar")
def test_an_enrolment_books_the_partner_and_never_both_formulas(midday, kitchen, hall):
    for pool in (kitchen, hall):
        pool.capacity = 200
        pool.save()
    activity = midday.unit.activity
    activity.enrolment_mode = EnrolmentMode.PATTERN
    activity.save()
    evening = priced_unit(activity=activity, code="soir", name="Soir")
    UnitRelationFactory(unit=evening, other=midday.unit, exclusive=True)
    newcomer = household(midday.unit, enrolled=False)
    outcome = enrol_and_book(
        family=newcomer.family,
        child=newcomer.child,
        activity=activity,
        starts_on=NEXT_MONDAY,
        pattern={midday.unit.pk: frozenset({1}), evening.pk: frozenset({1, 2})},
        by=newcomer.parent,
        at=AT,
    )
    check_relations()
    check_places()
    units = Booking.objects.booked().filter(day=NEXT_MONDAY).values_list("unit", flat=True)
    assert {*units} == {midday.unit.pk, midday.units[1].pk}
    assert {each.refusal.rule for each in outcome.left_out} == {Rule.EXCLUSIVE}
    assert Booking.objects.filter(unit=evening).exists()

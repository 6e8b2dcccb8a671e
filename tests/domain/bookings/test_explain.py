"""« Pourquoi non ? » for one cell, and the effect of the draft on a month."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from portal.domain.bookings.codes import UnknownCell
from portal.domain.bookings.planning import Shown
from portal.domain.bookings.queries import explain_cell, month_effect
from portal.domain.bookings.services import change_draft
from portal.domain.kernel.clock import PARIS
from portal.domain.kernel.refusals import Rule, WayOutKind
from tests.domain.bookings.conftest import AT, FRIDAY, MONDAY, TUESDAY
from tests.domain.bookings.factories import BookingFactory, book, household

NBSP = "\u00a0"
RULE = f"Les jours se changent jusqu’au jeudi 23{NBSP}h{NBSP}59 de la semaine précédente."

pytestmark = pytest.mark.django_db


def explain(home, day=MONDAY, at=AT, **where):
    return explain_cell(family=home.family, user=home.parent, code=home.code(day, **where), at=at)


@pytest.mark.exigence("C2", "P14", "P15", "P22")
def test_a_day_past_its_deadline_is_explained_to_the_minute(home):
    late = date(2026, 9, 11)
    BookingFactory(
        child=home.child,
        unit=home.unit,
        day=late,
        enrolment=home.child.enrolments.get(),
        explanation=["Tarif « Repas enfant »."],
    )
    told = explain(home, late)
    assert (told.child.first_name, told.label, told.day, told.shown, told.editable) == (
        "Hugo",
        "Cantine",
        late,
        Shown.BOOKED,
        False,
    )
    assert told.refusal.rule is Rule.DEADLINE_PASSED
    (rule,) = told.rules
    assert (rule.sentence, rule.closes_at) == (RULE, datetime(2026, 9, 3, 23, 59, tzinfo=PARIS))
    assert rule.explanation == f"fermé depuis le jeudi 3{NBSP}septembre 2026 à 23{NBSP}h{NBSP}59"
    assert told.article == "règlement intérieur, article 5"
    assert (told.price, told.price_explanation) == (Decimal("4.30"), ("Tarif « Repas enfant ».",))
    assert told.service.phone == "01 99 00 12 34"
    assert [way.kind for way in told.ways_out] == [WayOutKind.CONTACT_SERVICE]


@pytest.mark.exigence("B1")
def test_a_full_day_says_its_places_and_both_ways_out(home, canteen):
    for _ in range(2):
        book(household(canteen), [MONDAY])
    told = explain(home)
    assert (told.places.capacity, told.places.left, told.refusal.rule) == (2, 0, Rule.FULL)
    assert [way.kind for way in told.ways_out] == [WayOutKind.CHOOSE_OTHER_DAY, WayOutKind.CONTACT_SERVICE]


@pytest.mark.exigence("B1", "C3", "C1")
def test_an_open_day_says_its_places_its_price_and_until_when(home, canteen):
    book(household(canteen), [MONDAY])
    told = explain(home)
    assert (told.refusal, told.editable) == (None, True)
    assert (told.places.capacity, told.places.left) == (2, 1)
    assert explain(home, TUESDAY).places.left == 2
    assert told.price == Decimal("4.30")
    assert told.price_explanation[0].startswith(f"Tarif «{NBSP}Repas enfant{NBSP}»")
    assert told.rules[0].explanation == f"ouvert jusqu’au jeudi 10{NBSP}septembre 2026 à 23{NBSP}h{NBSP}59"


@pytest.mark.exigence("P21")
def test_two_rules_when_booking_and_cancelling_close_apart(home, canteen):
    canteen.activity.cancellation_deadline = {"kind": "never"}
    canteen.activity.save()
    booking, cancelling = explain(home).rules
    assert booking.sentence.startswith("Les jours se réservent jusqu’au jeudi")
    assert cancelling.closes_at is None


def test_a_weekday_never_served_is_explained_too(home):
    told = explain(home, date(2026, 9, 16))
    assert (told.shown, told.refusal.rule) == (Shown.NOT_OFFERED, Rule.NOT_OFFERED)


def test_the_price_of_a_pending_line_is_the_one_fixed_on_it(home, canteen):
    change_draft(family=home.family, add=[home.code(MONDAY)], remove=[], by=home.parent, at=AT)
    canteen.tariff_link.tariff.versions.update(unit_price=Decimal("9.99"))
    assert explain(home).price == Decimal("4.30")


def test_a_day_without_price_says_none(home, canteen):
    canteen.tariff_link.tariff.versions.update(valid_from=date(2030, 1, 1))
    told = explain(home)
    assert (told.price, told.price_explanation, told.refusal.rule) == (None, (), Rule.NO_PRICE)


def test_cells_out_of_reach_are_unknown(home, canteen):
    stranger = household(canteen)
    for code in (stranger.code(MONDAY), "1.1", f"{home.child.pk}.999999.2026-09-14"):
        with pytest.raises(UnknownCell):
            explain_cell(family=home.family, user=home.parent, code=code, at=AT)


@pytest.mark.exigence("P44", "P53", "P71")
def test_the_effect_is_given_month_by_month_before_and_after(home):
    book(home, [MONDAY, TUESDAY])
    book(home, [FRIDAY], child=1, price="3.90")
    change_draft(
        family=home.family,
        add=[home.code(date(2026, 10, 5)), home.code(date(2026, 10, 6))],
        remove=[home.code(TUESDAY)],
        by=home.parent,
        at=AT,
    )
    september, october = month_effect(family=home.family, user=home.parent, at=AT)
    (row,) = september.rows
    assert (row.child_name, row.label) == ("Hugo", "Cantine")
    assert str(row.before) == f"2{NBSP}×{NBSP}4,30{NBSP}€ = 8,60{NBSP}€"
    assert str(row.after) == f"1{NBSP}×{NBSP}4,30{NBSP}€ = 4,30{NBSP}€"
    assert (september.before, september.after) == (Decimal("12.50"), Decimal("8.20"))
    assert (october.month, october.before, october.after) == (
        date(2026, 10, 1),
        Decimal("0.00"),
        Decimal("8.60"),
    )
    assert str(october.rows[0].before) == f"0,00{NBSP}€"


def test_what_would_fall_out_has_no_effect(home):
    change_draft(family=home.family, add=[home.code(MONDAY)], remove=[], by=home.parent, at=AT)
    friday = datetime(2026, 9, 11, tzinfo=PARIS)
    assert month_effect(family=home.family, user=home.parent, at=friday) == ()


def test_without_draft_there_is_no_effect(home, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert month_effect(family=home.family, user=home.parent, at=AT) == ()

"""Whoever the family is and whatever the grid: one price from the enrolment page to the books, to the cent."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.domain.bookings.models import Booking
from portal.domain.bookings.queries import explain_cell, load_draft, load_planning
from portal.domain.bookings.services import change_draft, confirm_basket
from portal.domain.families.enums import Regime
from portal.domain.families.models import Family
from portal.domain.kernel.calendar import DateRange
from portal.domain.pricing.queries import quote_children
from portal.domain.tariffs.engine.data import grid_to_data
from portal.domain.tariffs.models import TariffVersion
from portal.domain.tariffs.queries import load_price_book
from tests.domain.bookings.conftest import AT, MONDAY
from tests.domain.bookings.factories import household, priced_unit, version_of
from tests.domain.pricing.factories import (
    BY_QUOTIENT,
    HouseholdFiguresFactory,
    MembershipFactory,
    MembershipKindFactory,
    ResidencePolicyFactory,
    flat,
    set_grid,
)
from tests.domain.quotients.factories import QuotientFactory
from tests.domain.tariffs.strategies import euros, grids

pytestmark = pytest.mark.django_db

TOWNS = ["Les Rousses", "Prémanon", "Morez"]


@pytest.fixture
def canteen():
    return priced_unit()


@pytest.mark.exigence("C1", "F17", "I22", "P35", "P49", "P63")
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    grid=grids(),
    quotient=st.none() | euros(3000),
    income=st.none() | euros(8000),
    town=st.sampled_from(TOWNS),
    regime=st.sampled_from(Regime),
    births=st.lists(st.dates(date(2013, 1, 1), date(2024, 1, 1)), min_size=1, max_size=3),
    member=st.none() | st.sampled_from(["a", "b", "c"]),
)
def test_the_price_is_the_same_from_the_enrolment_page_to_the_books(
    canteen, grid, quotient, income, town, regime, births, member
):
    with transaction.atomic():
        ResidencePolicyFactory()
        TariffVersion.objects.filter(tariff__unit_links__unit=canteen).update(unit_price=None, grid=grid_to_data(grid))
        home = household(canteen, children=len(births), town=town)
        Family.objects.filter(pk=home.family.pk).update(regime=regime)
        for child, birth in zip(home.children, births, strict=True):
            child.birth_date = birth
            child.save()
        if quotient is not None:
            QuotientFactory(family=home.family, accepted=True, value=quotient)
        if income is not None:
            HouseholdFiguresFactory(family=home.family, income=income, disabled=1)
        if member is not None:
            MembershipFactory(kind=MembershipKindFactory(code=member), child=home.child)
        prices = everywhere(home)
        assert len({*prices.values()}) == 1, prices
        booking = Booking.objects.get(child=home.child)
        assert booking.explanation
        transaction.set_rollback(True)


def everywhere(home):
    """The price of one Monday of the first child, by the place that says it."""
    family, user, code = home.family, home.parent, home.code(MONDAY)
    (quoted,) = quote_children(family=family, children=[home.child], activity=home.unit.activity, day=MONDAY)
    planning = load_planning(family=family, user=user, days=DateRange(MONDAY, MONDAY), at=AT)
    row = next(row for row in planning.rows if row.child.pk == home.child.pk)
    why = explain_cell(family=family, user=user, code=code, at=AT)
    (line,) = change_draft(family=family, add=[code], remove=[], by=user, at=AT).draft.lines
    draft = load_draft(family=family, user=user, at=AT)
    receipt = confirm_basket(family=family, key=draft.key, version=draft.version, by=user, at=AT)
    booked = explain_cell(family=family, user=user, code=code, at=AT)
    return {
        "enrolment": quoted.quotes[0].price.amount,
        "planning": row.unit_price,
        "why": why.price,
        "basket": line.amount,
        "draft": draft.amount,
        "receipt": receipt.total,
        "books": Booking.objects.get(child=home.child).unit_price,
        "why, booked": booked.price,
    }


@pytest.mark.exigence("C1")
def test_the_books_keep_the_bracket_and_the_quotient_in_words(canteen):
    set_grid(canteen, grid=BY_QUOTIENT)
    home = household(canteen)
    QuotientFactory(family=home.family, accepted=True, value=Decimal(842))
    assert {*everywhere(home).values()} == {Decimal("3.00")}
    kept = " ".join(Booking.objects.get().explanation)
    assert "Quotient familial\u00a0: 842" in kept
    assert "Tranche de 600 à moins de 1\u202f000" in kept


@pytest.mark.exigence("F17")
def test_a_quotient_given_later_changes_days_booked_later_only(canteen):
    set_grid(canteen, grid=BY_QUOTIENT)
    home = household(canteen)
    assert {*everywhere(home).values()} == {Decimal("4.30")}
    QuotientFactory(family=home.family, accepted=True, value=Decimal(500))
    assert Booking.objects.get().unit_price == Decimal("4.30")
    tuesday = home.code(date(2026, 9, 15))
    (line,) = change_draft(family=home.family, add=[tuesday], remove=[], by=home.parent, at=AT).draft.lines
    assert line.amount == Decimal("2.00")


def test_a_line_keeps_its_price_while_the_draft_lives(canteen):
    set_grid(canteen, grid=BY_QUOTIENT)
    home = household(canteen)
    change_draft(family=home.family, add=[home.code(MONDAY)], remove=[], by=home.parent, at=AT)
    QuotientFactory(family=home.family, accepted=True, value=Decimal(500))
    draft = load_draft(family=home.family, user=home.parent, at=AT)
    confirm_basket(family=home.family, key=draft.key, version=draft.version, by=home.parent, at=AT)
    assert Booking.objects.get().unit_price == Decimal("4.30")


def test_a_family_without_quotient_is_told_that_one_would_help(canteen):
    set_grid(canteen, grid=BY_QUOTIENT)
    home = household(canteen)
    told = explain_cell(family=home.family, user=home.parent, code=home.code(MONDAY), at=AT)
    assert (told.price, told.lacks_knowledge) == (Decimal("4.30"), True)
    QuotientFactory(family=home.family, accepted=True, value=Decimal(0))
    told = explain_cell(family=home.family, user=home.parent, code=home.code(MONDAY), at=AT)
    assert (told.price, told.lacks_knowledge) == (Decimal("2.00"), False)


@pytest.mark.exigence("P44")
def test_children_booked_together_count_for_one_another(canteen):
    set_grid(canteen, grid={"parts": [flat("3.00", ranks={"low": 2}, counted="present"), flat("4.30")]})
    home = household(canteen, children=2)
    home.children[1].birth_date = date(2019, 1, 1)
    home.children[1].save()
    codes = [home.code(MONDAY, child=child) for child in (0, 1)]
    draft = change_draft(family=home.family, add=codes, remove=[], by=home.parent, at=AT).draft
    assert [line.amount for line in draft.lines] == [Decimal("4.30"), Decimal("3.00")]
    assert draft.amount == Decimal("7.30")


def test_the_price_and_the_quotient_of_another_household_are_not_told(canteen):
    set_grid(canteen, grid=BY_QUOTIENT)
    home = household(canteen)
    QuotientFactory(family=home.family, accepted=True, value=Decimal(300))
    everywhere(home)
    other = household(canteen, enrolled=False)
    other.children[0].links.all().delete()
    home.child.links.create(family=other.family, order=1)
    told = explain_cell(family=other.family, user=other.parent, code=home.code(MONDAY), at=AT)
    assert (told.price, told.price_explanation, told.helped.lines) == (None, (), ())


def test_a_booked_version_stays_the_one_of_its_price(canteen):
    home = household(canteen)
    assert load_price_book([canteen]).facts() == frozenset()
    everywhere(home)
    assert Booking.objects.get().tariff_version_id == version_of(canteen).pk

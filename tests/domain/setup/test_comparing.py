"""Two grids over a month of bookings: what a naive calculation gives, in a bounded number of queries."""

from collections import defaultdict
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.domain.bookings.models import Booking
from portal.domain.kernel.calendar import DateRange
from portal.domain.quotients.queries import quotient_on
from portal.domain.setup.comparing import as_they_are, compare_grids
from portal.domain.tariffs.engine import Situation, price_with
from portal.domain.tariffs.engine.data import flat_data, grid_from_data
from portal.domain.tariffs.engine.situations import Residence
from portal.domain.tariffs.facts import quotient_fact
from tests.domain.bookings.factories import book, household, priced_unit
from tests.domain.quotients.factories import QuotientFactory
from tests.domain.tariffs.test_published import HALF_HOURS, WAVRIN

pytestmark = [pytest.mark.django_db, pytest.mark.exigence("C16")]

SEPTEMBER = DateRange(date(2026, 9, 1), date(2026, 9, 30))
BEFORE = grid_from_data(flat_data(Decimal("4.30")), valid_from=date(2015, 9, 1))
AFTER = grid_from_data(WAVRIN, valid_from=date(2027, 1, 1))


@pytest.fixture
def unit():
    return priced_unit(price="4.30")


def town(unit, values):
    """A household per value of quotient (None: unknown), each with a few days booked."""
    homes = []
    for rank, value in enumerate(values):
        home = household(unit)
        if value is not None:
            QuotientFactory(family=home.family, accepted=True, value=Decimal(value))
        # The first day comes before the quotient is valid: 2 September.
        book(home, [date(2026, 9, day) for day in (1, 3, 4, 7)[: rank + 1]])
        homes.append(home)
    return homes


def test_a_comparison_is_the_sum_of_each_booking_priced_alone(unit):
    homes = town(unit, ["300", "842", "5000", None])
    book(homes[0], [date(2026, 10, 1)])
    other = household(priced_unit(price="2.00"))
    book(other, [date(2026, 9, 3)])

    found = compare_grids(tariff=unit.tariff_link.tariff, before=BEFORE, after=AFTER, month=SEPTEMBER)

    naive = defaultdict(lambda: [Decimal(0), Decimal(0), 0])
    for booking in Booking.objects.filter(unit=unit, day__month=9):
        answer = quotient_on(booking.family, booking.day)
        situation = Situation(quotient=quotient_fact(answer))
        for index, grid in enumerate((BEFORE, AFTER)):
            naive[booking.family_id][index] += price_with(grid, booking.day, situation).amount
        naive[booking.family_id][2] += 1
    assert {each.family: [each.before, each.after, each.uses] for each in found.families} == dict(naive)
    assert (found.uses, found.more + found.less + found.same) == (10, 4)
    assert (found.before, found.after) == tuple(sum(each[index] for each in naive.values()) for index in (0, 1))
    assert [abs(each.change) for each in found.families] == sorted(
        (abs(each.change) for each in found.families), reverse=True
    )


def test_as_many_queries_whatever_the_number_of_families(unit):
    tariff = unit.tariff_link.tariff
    town(unit, ["300"])
    with CaptureQueriesContext(connection) as few:
        assert len(compare_grids(tariff=tariff, before=BEFORE, after=AFTER, month=SEPTEMBER).families) == 1
    town(unit, ["200", "400", None, "600"])
    with CaptureQueriesContext(connection) as many:
        assert len(compare_grids(tariff=tariff, before=BEFORE, after=AFTER, month=SEPTEMBER).families) == 5
    assert len(many) == len(few)


def test_brothers_and_sisters_count_as_they_do_when_they_book(unit):
    """Wavrin: 3,42 € for the second child under 308 €, against 3,77 € for the first."""
    home = household(unit, children=2)
    QuotientFactory(family=home.family, accepted=True, value=Decimal(300))
    book(home, [date(2026, 9, 3)], child=0)
    book(home, [date(2026, 9, 3)], child=1)

    (found,) = compare_grids(tariff=unit.tariff_link.tariff, before=BEFORE, after=AFTER, month=SEPTEMBER).families

    assert found.after == Decimal("3.77") + Decimal("3.42")


def test_other_facts_come_from_whoever_knows_them(unit):
    town(unit, ["300", "842"])

    tariff = unit.tariff_link.tariff

    def outside(uses):
        known = as_they_are(tariff, BEFORE, AFTER)(uses)
        return lambda use: replace(known(use), residence=Residence.OUTSIDE)

    found = compare_grids(tariff=tariff, before=BEFORE, after=AFTER, month=SEPTEMBER, situate=outside)
    # Before 2 September no quotient is known: the highest price, as for everybody else.
    assert {each.uses: each.after for each in found.families} == {1: Decimal(17), 2: Decimal(17) + Decimal(15)}


def test_a_price_by_the_month_counts_once_for_each_child(unit):
    homes = town(unit, [None, None, None])
    monthly = grid_from_data(flat_data(Decimal("60.00")) | {"counting": {"per": "month"}}, valid_from=date(2027, 1, 1))
    found = compare_grids(
        tariff=unit.tariff_link.tariff, before=monthly, after=grid_from_data(HALF_HOURS, valid_from=date(2027, 1, 1)),
        month=SEPTEMBER,
    )  # fmt: skip
    assert {each.before for each in found.families} == {Decimal("60.00")}
    assert len(found.families) == len(homes)


def test_a_month_without_bookings_compares_nothing(unit):
    found = compare_grids(tariff=unit.tariff_link.tariff, before=BEFORE, after=AFTER, month=SEPTEMBER)
    assert (found.uses, found.families, found.change) == (0, (), Decimal(0))

"""The simulator and the enrolment page answer the same, and days are counted on the calendar."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.domain.activities.models import Activity, Unit
from portal.domain.kernel.calendar import Week
from portal.domain.kernel.school_year import SchoolYear
from portal.domain.tariffs.engine import Quotient, Situation
from portal.domain.tariffs.engine.data import grid_to_data
from portal.domain.tariffs.engine.grids import Grid, Per, Unknown
from portal.domain.tariffs.engine.situations import Regime, Residence, Siblings
from portal.domain.tariffs.models import TariffVersion
from portal.domain.tariffs.queries import quote_activity
from tariffs_simulator.counting import holidays_of
from tariffs_simulator.entry import ChildEntry, Entry, Way
from tariffs_simulator.estimating import Estimate, birth_date, estimate
from tariffs_simulator.offer import load_priced
from tests.domain.tariffs.strategies import euros, grids

YEAR = SchoolYear(2026)
TODAY = date(2026, 9, 8)
SCHOOL_WEEK = frozenset({1, 2, 4, 5})


def priced_entry(entry: Entry, *activities: Activity, quotient: Quotient | None = None) -> Estimate:
    """What an entry costs, as the page computes it."""
    priced = load_priced(activities, year=YEAR, today=TODAY)
    holidays = holidays_of(priced.calendar, [unit.offer for unit in priced.units], YEAR)
    return estimate(entry, priced, holidays, quotient_on=lambda day: quotient or Quotient(), births={}, language="fr")


@pytest.mark.exigence("V9", "C1")
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    grid=grids(),
    quotient=st.none() | euros(2000),
    residence=st.sampled_from(Residence),
    regime=st.sampled_from(Regime),
    age=st.integers(2, 14),
    members=st.frozensets(st.sampled_from(["a", "b", "c"])),
)
def test_the_enrolment_page_answers_the_same_to_the_cent(
    meal: Unit,
    grid: Grid,
    quotient: Decimal | None,
    residence: Residence,
    regime: Regime,
    age: int,
    members: frozenset[str],
) -> None:
    data = grid_to_data(grid)
    if grid.without.kind is not Unknown.HIGHEST:
        data["without_quotient"]["number"] = str(grid.without.number)
    TariffVersion.objects.filter(tariff__unit_links__unit=meal).update(unit_price=None, grid=data)
    known = Quotient() if quotient is None else Quotient.of(quotient)
    one = ChildEntry(days={meal.pk: SCHOOL_WEEK}, age=age)
    entry = Entry(Way.KNOWN, (one,), residence=residence, regime=regime, memberships=members)

    line = priced_entry(entry, meal.activity, quotient=known).lines[0]

    [quoted] = quote_activity(
        activity=meal.activity,
        day=TODAY,
        situation=Situation(
            quotient=known,
            residence=residence,
            regime=regime,
            birth_date=birth_date(one, YEAR, None),
            memberships=members,
            household=Siblings(1, 1),
            minutes=line.unit.usual_minutes if grid.counting.per is Per.TIME else None,
        ),
    )
    assert line.price is not None
    assert quoted.price is not None
    assert line.price.amount == quoted.price.amount
    assert line.price.steps == quoted.price.steps
    assert line.price.explanation == quoted.price.explanation


def test_every_day_of_the_year_is_counted_at_its_own_price(meal: Unit, leisure: Unit) -> None:
    """138 meals would be 4,33 × a week: the calendar has 137, and the tariff changes on 1 January."""
    TariffVersion.objects.filter(tariff__unit_links__unit=meal).update(unit_price=Decimal("4.30"), grid=None)
    TariffVersion.objects.create(
        tariff=meal.tariff_link.tariff, valid_from=date(2027, 1, 1), unit_price=Decimal("4.50")
    )
    entry = Entry(Way.HIDDEN, (ChildEntry(days={meal.pk: SCHOOL_WEEK}),))

    found = priced_entry(entry, meal.activity)

    line = found.lines[0]
    priced = load_priced([meal.activity], year=YEAR, today=TODAY)
    open_days = list(priced.calendar.served_days(priced.units[0].offer, YEAR.range))
    before = [day for day in open_days if day < date(2027, 1, 1)]
    assert line.days == len(open_days)
    assert line.year == len(before) * Decimal("4.30") + (len(open_days) - len(before)) * Decimal("4.50")
    assert found.school_week == Decimal("17.20")
    assert found.holiday_week == 0
    assert sum(found.months.values()) == found.year
    assert found.months[date(2026, 9, 1)] == len([day for day in open_days if day.month == 9]) * Decimal("4.30")
    assert date(2026, 8, 1) not in found.months
    # A closed day (10 May) and All Saints are not counted.
    assert date(2027, 5, 10) not in open_days
    assert date(2026, 10, 20) not in open_days


def test_holidays_count_the_weeks_that_were_asked_and_no_public_holiday(leisure: Unit) -> None:
    days = ChildEntry(days={leisure.pk: frozenset({1, 2, 3, 4, 5})})
    priced = load_priced([leisure.activity], year=YEAR, today=TODAY)
    holidays = holidays_of(priced.calendar, [priced.units[0].offer], YEAR)
    christmas = next(each for each in holidays if each.name == "Vacances de Noël")

    none = priced_entry(Entry(Way.HIDDEN, (days,)), leisure.activity)
    both = priced_entry(Entry(Way.HIDDEN, (days,), holidays={christmas.key: 2}), leisure.activity)

    assert none.year == 0
    assert none.months == {}
    assert none.holiday_week == both.holiday_week == Decimal("52.00")
    assert christmas.weeks == (Week(2026, 52), Week(2026, 53))
    # Five days a week, without Christmas and New Year’s Day.
    assert both.lines[0].days == 8
    assert both.year == Decimal("83.20")


def test_the_second_child_pays_its_own_price_among_those_of_the_same_tariff(meal: Unit) -> None:
    eldest, other = ChildEntry(days={meal.pk: SCHOOL_WEEK}), ChildEntry()
    youngest = ChildEntry(days={meal.pk: frozenset({1})})

    found = priced_entry(Entry(Way.KNOWN, (eldest, other, youngest)), meal.activity, quotient=Quotient.of(842))

    assert [(line.child, line.lowest) for line in found.lines] == [(0, Decimal("3.60")), (2, Decimal("3.24"))]
    assert found.of_child(2).school_week == Decimal("3.24")
    assert found.school_week == 4 * Decimal("3.60") + Decimal("3.24")


def test_a_tariff_by_the_month_is_paid_once_a_month(meal: Unit) -> None:
    grid = {"parts": [{"method": {"kind": "flat", "price": "30.00"}}], "counting": {"per": "month"}}
    TariffVersion.objects.filter(tariff__unit_links__unit=meal).update(unit_price=None, grid=grid)

    found = priced_entry(Entry(Way.HIDDEN, (ChildEntry(days={meal.pk: frozenset({1})}),)), meal.activity)

    assert set(found.months.values()) == {Decimal("30.00")}
    assert found.year == len(found.months) * Decimal("30.00")
    assert found.school_week == 0
    assert found.lines[0].by_month
    assert found.lines[0].lowest == Decimal("30.00")


def test_time_is_paid_as_long_as_it_lasts(meal: Unit) -> None:
    grid = {
        "parts": [{"method": {"kind": "flat", "price": "2.00"}}],
        "counting": {"per": "time", "minutes": 60, "step": 30},
    }
    TariffVersion.objects.filter(tariff__unit_links__unit=meal).update(unit_price=None, grid=grid)
    monday = {meal.pk: frozenset({1})}

    usual = priced_entry(Entry(Way.HIDDEN, (ChildEntry(days=monday),)), meal.activity)
    longer = priced_entry(Entry(Way.HIDDEN, (ChildEntry(days=monday, minutes={meal.pk: 135}),)), meal.activity)

    # From 11 h 45 to 13 h 30: two hours once rounded up to the half hour.
    assert usual.lines[0].lowest == Decimal("4.00")
    assert longer.lines[0].lowest == Decimal("5.00")


def test_an_age_holds_for_the_whole_school_year() -> None:
    born = birth_date(ChildEntry(age=6), YEAR, None)

    assert born == date(2020, 8, 1)
    # The true date of birth is used when it says the same age; another age was typed on purpose.
    assert birth_date(ChildEntry(age=6), YEAR, date(2020, 3, 12)) == date(2020, 3, 12)
    assert birth_date(ChildEntry(age=7), YEAR, date(2020, 3, 12)) == date(2019, 8, 1)
    assert birth_date(ChildEntry(), YEAR, date(2020, 3, 12)) is None

"""Who the family is on a day: only what the grids look at is read, in a constant number of queries."""

from datetime import date
from decimal import Decimal

import pytest

from portal.domain.activities.enums import EnrolmentMode
from portal.domain.enrolments.models import PatternDay
from portal.domain.families.enums import Regime as FamilyRegime
from portal.domain.families.models import Family
from portal.domain.health.enums import DocumentKind, DocumentState
from portal.domain.health.models import HealthDocument
from portal.domain.pricing.enums import Residence as Ruled
from portal.domain.pricing.situations import load_many, load_situations
from portal.domain.tariffs.engine.situations import Knowledge, Regime, Residence, Siblings
from portal.domain.tariffs.queries import ANYBODY, load_price_book
from tests.domain.bookings.factories import household, join, priced_unit
from tests.domain.families.factories import FamilyFactory
from tests.domain.pricing.factories import (
    BY_QUOTIENT,
    RECORDED_AT,
    HouseholdFiguresFactory,
    MembershipFactory,
    MembershipKindFactory,
    ResidencePolicyFactory,
    ResidenceRulingFactory,
    flat,
    set_grid,
)
from tests.domain.quotients.factories import QuotientFactory

pytestmark = pytest.mark.django_db

DAY = date(2026, 9, 14)
#: Looks at everything at once.
CURIOUS = {
    "parts": [
        flat("1.00", residences=["outside"], regimes=["msa"], ages={"low": 3}, schools=["x"], levels=["CP"]),
        flat("1.10", ranks={"low": 2}, counted="household", regular=True, own_meal=True),
        flat("1.20", ranks={"low": 2}, counted="enrolled", members=["jeunes"]),
        flat("1.30", ranks={"low": 2}, counted="present", quotients={"low": "0", "high": "500"}),
        {"method": {"kind": "flat", "price": "4.30"}},
    ]
}


@pytest.fixture
def canteen():
    return priced_unit()


def situations(home, *units, present=()):
    units = units or tuple(home.units)
    book = load_price_book(units)
    return load_situations(family=home.family.pk, book=book, units=[unit.pk for unit in units], present=present)


def situation(home, *, child=0, day=DAY, unit=0, present=()):
    return situations(home, present=present).of(home.children[child].pk, home.units[unit].pk, day)


def test_a_town_of_flat_prices_is_asked_nothing(canteen, django_assert_num_queries):
    home = household(canteen, children=3)
    book = load_price_book([canteen])
    with django_assert_num_queries(0):
        found = load_situations(family=home.family.pk, book=book, units=[canteen.pk])
        assert found.of(home.child.pk, canteen.pk, DAY) is ANYBODY


def test_what_is_read_does_not_grow_with_families_children_and_days(canteen, django_assert_num_queries):
    MembershipKindFactory()
    ResidencePolicyFactory()
    set_grid(canteen, grid=CURIOUS)
    homes = [household(canteen, children=1)]
    book = load_price_book([canteen])

    def read():
        found = load_many(families=[home.family.pk for home in homes], book=book, units=[canteen.pk])
        for home in homes:
            for child in home.children:
                for day in range(1, 29):
                    found[home.family.pk].of(child.pk, canteen.pk, DAY.replace(day=day))

    # One each for children, quotients, policy, rulings, addresses, memberships, schools, who is enrolled, units,
    # enrolments and meals; two for the regular weeks.
    with django_assert_num_queries(13):
        read()
    homes += [household(canteen, children=3), household(canteen, children=2)]
    with django_assert_num_queries(13):
        read()


def test_the_same_facts_are_the_same_object(canteen):
    set_grid(canteen, grid=BY_QUOTIENT)
    home = household(canteen, children=2)
    QuotientFactory(family=home.family, accepted=True, value=Decimal(842))
    found = situations(home)
    first = found.of(home.children[0].pk, canteen.pk, DAY)
    assert found.of(home.children[1].pk, canteen.pk, date(2026, 9, 15)) is first


@pytest.mark.exigence("F17", "B6")
def test_the_quotient_is_that_of_the_day_of_the_service(canteen):
    set_grid(canteen, grid=BY_QUOTIENT)
    home = household(canteen)
    QuotientFactory(
        family=home.family,
        accepted=True,
        value=Decimal(500),
        valid_from=date(2026, 9, 1),
        valid_until=date(2026, 9, 14),
    )
    QuotientFactory(
        family=home.family,
        accepted=True,
        value=Decimal(900),
        valid_from=date(2026, 9, 15),
        valid_until=date(2026, 9, 20),
    )
    assert situation(home).quotient.value == 500
    assert situation(home, day=date(2026, 9, 15)).quotient.value == 900
    after = situation(home, day=date(2026, 9, 21)).quotient
    assert (after.value, after.knowledge, after.last) == (None, Knowledge.EXPIRED, Decimal(900))


def test_a_zero_quotient_is_known(canteen):
    set_grid(canteen, grid=BY_QUOTIENT)
    home = household(canteen)
    QuotientFactory(family=home.family, accepted=True, value=Decimal(0))
    assert situation(home).quotient.value == 0


def test_the_residence_is_that_of_the_address_unless_an_agent_ruled(canteen):
    set_grid(canteen, grid={"parts": [flat("6.00", residences=["outside"]), flat("4.30")]})
    home = household(canteen, town="Morez", postcode="39400")
    assert situation(home).residence is Residence.TOWN  # no policy
    ResidencePolicyFactory()
    assert situation(home).residence is Residence.OUTSIDE
    ResidenceRulingFactory(family=home.family, residence=Ruled.AREA, valid_from=DAY, valid_until=date(2026, 9, 20))
    assert situation(home).residence is Residence.AREA
    assert situation(home, day=date(2026, 9, 21)).residence is Residence.OUTSIDE


def test_separated_parents_are_priced_by_the_household_that_books(canteen):
    grid = {"parts": [flat("6.00", residences=["outside"]), brackets_("2.00", "4.30")]}
    set_grid(canteen, grid=grid)
    ResidencePolicyFactory()
    home = household(canteen)
    other = FamilyFactory(number="9001", town="Morez", postcode="39400")
    join(other, home.child)
    QuotientFactory(family=home.family, accepted=True, value=Decimal(300))
    book = load_price_book([canteen])
    found = load_many(families=[home.family.pk, other.pk], book=book, units=[canteen.pk])
    mine, theirs = (found[key].of(home.child.pk, canteen.pk, DAY) for key in (home.family.pk, other.pk))
    assert (mine.quotient.value, mine.residence) == (Decimal(300), Residence.TOWN)
    assert (theirs.quotient.value, theirs.residence) == (None, Residence.OUTSIDE)


def brackets_(low, high):
    rows = [{"high": "600", "prices": [low]}, {"low": "600", "prices": [high]}]
    return {"method": {"kind": "brackets", "rows": rows}}


def test_regime_school_level_and_age_come_from_the_dossier(canteen):
    when = {"regimes": ["msa"], "ages": {"low": 3}, "levels": ["CM1"], "schools": ["x"]}
    set_grid(canteen, grid={"parts": [flat("1.00", **when), flat("4.30")]})
    home = household(canteen)
    Family.objects.filter(pk=home.family.pk).update(regime=FamilyRegime.MSA)
    found = situation(home)
    assert (found.regime, found.level, found.birth_date) == (Regime.MSA, "CM1", home.child.birth_date)
    assert found.school == home.child.schoolings.get().school.code
    assert situation(home, day=date(2027, 9, 6)).level == ""  # nobody knows the next year yet


@pytest.mark.exigence("B27")
def test_a_membership_counts_on_its_days_for_its_child_or_the_whole_family(canteen):
    set_grid(canteen, grid={"parts": [flat("1.00", members=["jeunes", "foyer"]), flat("4.30")]})
    home = household(canteen, children=2)
    MembershipFactory(child=home.child, valid_until=date(2026, 9, 20))
    MembershipFactory(kind=MembershipKindFactory(code="foyer", holder="family"), family=home.family)
    assert situation(home).memberships == {"jeunes", "foyer"}
    assert situation(home, day=date(2026, 9, 21)).memberships == {"foyer"}
    assert situation(home, child=1).memberships == {"foyer"}


def test_brothers_and_sisters_by_household_by_enrolment_and_by_day(canteen):
    grid = {
        "parts": [
            flat("1.00", ranks={"low": 9}, counted="household"),
            flat("1.00", ranks={"low": 9}, counted="enrolled"),
            flat("1.00", ranks={"low": 9}, counted="present"),
            flat("4.30"),
        ]
    }
    set_grid(canteen, grid=grid)
    home = household(canteen, children=3)
    births = [date(2016, 1, 1), date(2018, 1, 1), date(2018, 1, 1)]
    for child, birth in zip(home.children, births, strict=True):
        child.birth_date = birth
        child.save()
    home.children[0].enrolments.update(ends_on=date(2026, 9, 10))
    there = [(home.children[2].pk, canteen.pk, DAY)]
    found = situation(home, child=1, present=there)
    assert found.household == Siblings(2, 3)
    assert found.enrolled == Siblings(1, 2)
    assert found.present == Siblings(1, 2)
    assert situation(home, child=2, present=there).present == Siblings(1, 1)
    assert situation(home, child=1, day=date(2026, 9, 15), present=there).present == Siblings(1, 1)


def test_those_enrolled_elsewhere_under_another_tariff_do_not_count(canteen):
    club = priced_unit(activity__short_name="Club")
    set_grid(canteen, club, grid={"parts": [flat("1.00", ranks={"low": 9}, counted="enrolled"), flat("4.30")]})
    home = household(canteen, club, children=2)
    home.children[1].enrolments.filter(activity=canteen.activity).delete()
    assert situation(home).enrolled == Siblings(1, 1)
    assert situation(home, unit=1).enrolled.of == 2


def test_a_week_asked_for_makes_days_regular(canteen):
    set_grid(canteen, grid={"parts": [flat("1.00", regular=True), flat("4.30")]})
    home = household(canteen)
    assert not situation(home).regular
    PatternDay.objects.create(enrolment=home.child.enrolments.get(), unit=canteen, weekday=1)
    assert situation(home).regular


def test_before_the_enrolment_days_are_regular_where_a_week_will_be_asked(canteen):
    set_grid(canteen, grid={"parts": [flat("1.00", regular=True), flat("4.30")]})
    home = household(canteen, enrolled=False)
    assert not situation(home).regular
    canteen.activity.enrolment_mode = EnrolmentMode.PATTERN
    canteen.activity.save()
    assert situation(home).regular


def test_the_resources_and_the_allowance_are_those_recorded_for_the_day(canteen):
    scale = {"method": {"kind": "effort", "reference": "income", "percentages": ["0.0619"], "highest": "5"}}
    set_grid(canteen, grid={"parts": [scale]})
    home = household(canteen)
    assert situation(home).income is None
    HouseholdFiguresFactory(family=home.family, valid_until=DAY)
    assert situation(home).income == Decimal("2400.00")
    assert situation(home, day=date(2026, 9, 15)).income is None


def test_a_meal_brought_is_known_by_an_accepted_plan_only(canteen):
    set_grid(canteen, grid={"parts": [flat("1.00", own_meal=True), flat("4.30")]})
    home = household(canteen)
    plan = HealthDocument.objects.create(
        child=home.child,
        family=home.family,
        kind=DocumentKind.CARE_PLAN,
        school_year=2026,
        valid_from=date(2026, 9, 1),
        valid_until=DAY,
        meal_brought=True,
        sent_at=RECORDED_AT,
        sent_by=home.parent,
    )
    assert not situation(home).own_meal
    plan.state, plan.decided_at, plan.decided_by = DocumentState.ACCEPTED, RECORDED_AT, home.parent
    plan.save()
    assert situation(home).own_meal
    assert not situation(home, day=date(2026, 9, 15)).own_meal

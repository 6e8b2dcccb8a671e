"""A school year set up once more: what is copied, what is not, twice is once, nobody enrols before it is said."""

from datetime import date, datetime
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.accounts.models import User
from portal.domain.activities.enums import LimitDays, RelationKind
from portal.domain.activities.models import Activity, Closure, EnrolmentWindow, Unit, UnitRelation
from portal.domain.audit.models import AuditEntry
from portal.domain.bookings.models import Booking
from portal.domain.bookings.services import enrol_and_book
from portal.domain.enrolments.queries import list_offers
from portal.domain.enrolments.services import EnrolmentRefused
from portal.domain.kernel.clock import PARIS
from portal.domain.kernel.refusals import Rule
from portal.domain.kernel.school_year import SchoolYear
from portal.domain.setup.copying import (
    CopyChanged,
    copy_activities,
    next_code,
    next_day,
    next_rule,
    next_words,
    plan_copy,
)
from tests.backoffice.halves import limit
from tests.domain.accounts.factories import UserFactory
from tests.domain.activities.factories import (
    ActivityFactory,
    BookingLimitFactory,
    ClosureFactory,
    PlacePoolFactory,
    StructureFactory,
    UnitFactory,
    UnitRelationFactory,
)
from tests.domain.bookings.conftest import AT, MONDAY
from tests.domain.bookings.factories import book, household, priced_unit
from tests.domain.families.factories import SchoolingFactory

pytestmark = [pytest.mark.django_db, pytest.mark.exigence("B34")]

PERIODS = {
    "kind": "periods",
    "periods": [
        {
            "label": "Noël 2026",
            "first": "2026-12-19",
            "last": "2027-01-03",
            "opens": "2026-11-16",
            "closes": "2026-12-04",
        }
    ],
}


@pytest.fixture
def agent(db: None) -> User:
    made = UserFactory(agent=True)
    made.user_permissions.set(Permission.objects.filter(codename="add_activity"))
    return User.objects.get(pk=made.pk)


@pytest.fixture
def canteen(db: None) -> Any:
    return priced_unit(
        pools=[PlacePoolFactory()],
        activity__code="cantine-2026",
        activity__enrolment_opens_at=datetime(2026, 6, 1, 9, tzinfo=PARIS),
        activity__cancellation_deadline=PERIODS,
    )


def copy(agent: User, *activities: Activity) -> list[Activity]:
    keys = [activity.pk for activity in activities]
    return copy_activities(activities=keys, expected=plan_copy(activities=keys, by=agent).digest, by=agent, at=AT)


def test_an_activity_is_set_up_for_the_next_year(canteen: Any, agent: User) -> None:
    source = canteen.activity
    EnrolmentWindow.objects.create(
        activity=source, label="Habitants 2026", opens_at=datetime(2026, 5, 4, 9, tzinfo=PARIS)
    )
    ClosureFactory(activity=source)
    book(household(canteen), [MONDAY])

    plan = plan_copy(activities=[source.pk], by=agent)
    (made,) = copy(agent, source)

    assert (made.code, made.name) == ("cantine-2027", "Restaurant scolaire 2027/2028")
    assert (made.starts_on, made.ends_on) == (date(2027, 9, 2), date(2028, 7, 2))
    assert made.enrolment_opens_at == datetime(2027, 6, 1, 9, tzinfo=PARIS)
    assert made.booking_deadline == source.booking_deadline
    (period,) = made.cancellation_deadline["periods"]
    assert (period["label"], period["first"], period["closes"]) == ("Noël 2027", "2027-12-19", "2027-12-04")
    unit = made.units.get()
    assert (unit.code, unit.weekdays, list(unit.pools.all())) == (
        canteen.code,
        canteen.weekdays,
        list(canteen.pools.all()),
    )
    assert unit.tariff_link.tariff == canteen.tariff_link.tariff
    window = made.enrolment_windows.get()
    assert (window.label, window.opens_at) == ("Habitants 2027", datetime(2027, 5, 4, 9, tzinfo=PARIS))
    assert not Closure.objects.filter(activity=made).exists()
    assert not Booking.objects.filter(unit=unit).exists()
    assert not made.is_offered
    said = " ".join(plan.copies[0].to_check)
    for words in ("2027", "juin 2027", "Noël 2027", "délai pour annuler"):
        assert words in said.replace("\u00a0", " ")
    entry = AuditEntry.objects.get(verb="copy_activity")
    assert (entry.target_key, entry.after["from"]) == (str(made.pk), "cantine-2026")


def test_numbers_of_days_are_copied_on_the_new_units(canteen: Any, agent: User) -> None:
    BookingLimitFactory(activity=canteen.activity, code="semaine", among=LimitDays.SHORT)
    limit = BookingLimitFactory(activity=canteen.activity, floor=True, units=[canteen])
    stale = plan_copy(activities=[canteen.activity_id], by=agent).digest
    limit.count = 3
    limit.save()
    with pytest.raises(CopyChanged):
        copy_activities(activities=[canteen.activity_id], expected=stale, by=agent, at=AT)
    (made,) = copy(agent, canteen.activity)
    first, second = made.limits.order_by("pk")
    assert (first.code, first.among, first.count, list(first.units.all())) == ("semaine", LimitDays.SHORT, 2, [])
    assert (second.sense, second.count, list(second.units.all())) == ("at_least", 3, [made.units.get()])


def test_nobody_enrols_before_an_agent_says_so(canteen: Any, agent: User) -> None:
    (made,) = copy(agent, canteen.activity)
    home = household(canteen)
    SchoolingFactory(child=home.child, school_year=2027, level="CM2")
    at = datetime(2027, 8, 20, 9, tzinfo=PARIS)

    def enrol() -> Any:
        return enrol_and_book(
            family=home.family,
            child=home.child,
            activity=Activity.objects.get(pk=made.pk),
            starts_on=date(2027, 9, 2),
            pattern={},
            by=home.parent,
            at=at,
        )

    offered = [
        offer.activity for each in list_offers(family=home.family, user=home.parent, at=at) for offer in each.offers
    ]
    assert made not in offered
    with pytest.raises(EnrolmentRefused) as refused:
        enrol()
    assert refused.value.refusal.rule is Rule.ENROLMENT_CLOSED
    Activity.objects.filter(pk=made.pk).update(is_offered=True)
    assert enrol().enrolment.activity == made


def test_copied_twice_it_is_copied_once(canteen: Any, agent: User) -> None:
    copy(agent, canteen.activity)
    plan = plan_copy(activities=[canteen.activity_id], by=agent)
    assert (plan.copies, plan.there) == ((), (canteen.activity,))
    assert copy(agent, canteen.activity) == []
    assert Activity.objects.filter(code="cantine-2027").count() == 1


def test_what_changed_since_it_was_read_is_read_again(canteen: Any, agent: User) -> None:
    before = plan_copy(activities=[canteen.activity_id], by=agent)
    UnitFactory(activity=canteen.activity, code="gouter", name="Goûter")
    with pytest.raises(CopyChanged):
        copy_activities(activities=[canteen.activity_id], expected=before.digest, by=agent, at=AT)
    assert not Activity.objects.filter(code="cantine-2027").exists()


def test_ties_between_units_are_copied_and_those_that_have_no_counterpart_are_said(agent: User) -> None:
    year = {"starts_on": date(2026, 9, 2), "ends_on": date(2027, 7, 2)}
    meal, bus = (UnitFactory(activity=ActivityFactory(code=code, **year)) for code in ("repas-2026", "bus-2026"))
    UnitRelationFactory(unit=bus, other=meal, dependent=True)

    alone = plan_copy(activities=[bus.activity_id], by=agent)
    assert (len(alone.relations), len(alone.copies[0].lost)) == (0, 1)
    copy(agent, meal.activity)
    later = plan_copy(activities=[bus.activity_id], by=agent)
    assert (len(later.relations), later.copies[0].lost) == (1, ())
    copy(agent, bus.activity)

    made = UnitRelation.objects.get(unit__activity__code="bus-2027")
    assert (made.kind, made.other.activity.code) == (RelationKind.DEPENDENT, "repas-2027")
    assert UnitRelation.objects.count() == 2


def test_a_whole_year_is_copied_at_once_with_its_ties(agent: User) -> None:
    meal, noon = (UnitFactory(activity=ActivityFactory(code=f"{code}-2026")) for code in ("repas", "midi"))
    UnitRelationFactory(unit=meal, other=noon)
    assert len(copy(agent, meal.activity, noon.activity)) == 2
    made = UnitRelation.objects.exclude(unit__in=[meal, noon]).get()
    assert {made.unit.activity.code, made.other.activity.code} == {"repas-2027", "midi-2027"}


def test_two_years_are_not_mixed_and_what_is_elsewhere_is_not_copied(canteen: Any, agent: User) -> None:
    old = ActivityFactory(starts_on=date(2025, 9, 1), ends_on=date(2026, 7, 3))
    with pytest.raises(ValueError, match="one school year"):
        plan_copy(activities=[canteen.activity_id, old.pk], by=agent)
    with pytest.raises(PermissionDenied):
        plan_copy(activities=[canteen.activity_id], by=UserFactory(agent=True))
    limit(agent, [StructureFactory()])
    with pytest.raises(PermissionDenied):
        plan_copy(activities=[canteen.activity_id], by=User.objects.get(pk=agent.pk))


def test_reading_does_not_depend_on_the_number_of_activities(agent: User) -> None:
    def measured(*activities: Activity) -> int:
        with CaptureQueriesContext(connection) as captured:
            plan_copy(activities=[activity.pk for activity in activities], by=agent)
        return len(captured)

    units = [UnitFactory(activity=ActivityFactory(code=f"a{rank}-2026")) for rank in range(6)]
    for one, other in zip(units[::2], units[1::2], strict=True):
        UnitRelationFactory(unit=one, other=other)
    measured(units[0].activity)  # the rights of the agent are read once
    assert measured(units[0].activity, units[1].activity) == measured(*[unit.activity for unit in units])


def test_words_and_codes_of_the_next_year() -> None:
    year = SchoolYear(2026)
    assert next_code("cantine-2026", year) == "cantine-2027"
    assert next_code("mercredis", year) == "mercredis-2027"
    assert next_words("ALSH 2026/2027", year) == "ALSH 2027/2028"
    assert next_words("Été 2027", year) == "Été 2028"
    assert next_day(date(2028, 2, 29)) == date(2029, 2, 28)
    assert next_rule({"kind": "fixed", "day": "2026-10-01"}) == {"kind": "fixed", "day": "2027-10-01"}
    assert next_rule({"kind": "day_of_month", "day": 20}) == {"kind": "day_of_month", "day": 20}
    assert Unit.objects.count() == 0


@given(st.dates(date(2000, 1, 1), date(2098, 12, 31)))
def test_a_day_moves_by_a_year_and_stays_in_its_month(day: date) -> None:
    moved = next_day(day)
    assert (moved.year, moved.month) == (day.year + 1, day.month)

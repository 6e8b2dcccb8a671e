"""Asking for an enrolment: what is written, and what is refused."""

from datetime import date, datetime

import pytest
from django.db import IntegrityError

from portal.domain.activities.enums import EnrolmentMode, ValidationMode
from portal.domain.audit.models import AuditEntry
from portal.domain.enrolments.enums import EnrolmentState
from portal.domain.enrolments.models import Enrolment
from portal.domain.enrolments.queries import list_offers
from portal.domain.enrolments.services import EnrolmentRefused, request_enrolment
from portal.domain.kernel.clock import PARIS
from portal.domain.kernel.refusals import Rule
from tests.domain.accounts.factories import UserFactory
from tests.domain.activities.factories import ActivityFactory, UnitFactory
from tests.domain.families.factories import ChildFactory, ChildLinkFactory, MemberFactory, SchoolingFactory

AT = datetime(2026, 9, 9, 10, 0, tzinfo=PARIS)
START = date(2026, 9, 14)

pytestmark = pytest.mark.django_db


@pytest.fixture
def parent():
    return UserFactory()


@pytest.fixture
def family(parent):
    return MemberFactory(adult__user=parent).family


@pytest.fixture
def child(family):
    return ChildLinkFactory(family=family).child


@pytest.fixture
def canteen():
    return UnitFactory(activity__enrolment_mode=EnrolmentMode.PATTERN).activity


def ask(family, child, activity, parent, **changes):
    return request_enrolment(
        **{
            "family": family,
            "child": child,
            "activity": activity,
            "starts_on": START,
            "pattern": {},
            "by": parent,
            "at": AT,
            **changes,
        }
    )


@pytest.mark.exigence("I9", "I33", "I37")
def test_a_pattern_enrolment_is_accepted_with_its_regular_week(family, child, canteen, parent):
    unit = canteen.units.get()
    enrolment = ask(family, child, canteen, parent, pattern={unit.pk: frozenset({1, 4})})
    assert (enrolment.state, enrolment.starts_on, enrolment.ends_on) == (
        EnrolmentState.ACCEPTED,
        START,
        canteen.ends_on,
    )
    assert sorted(enrolment.pattern_days.values_list("weekday", flat=True)) == [1, 4]
    entry = AuditEntry.objects.get(verb="request_enrolment")
    assert (entry.by, entry.family_key, entry.after["pattern"]) == (parent, family.pk, {"repas": [1, 4]})


def test_weekdays_that_the_unit_never_serves_are_dropped(family, child, canteen, parent):
    unit = canteen.units.get()
    enrolment = ask(family, child, canteen, parent, pattern={unit.pk: frozenset({1, 3, 7})})
    assert list(enrolment.pattern_days.values_list("weekday", flat=True)) == [1]


@pytest.mark.exigence("I34")
def test_an_open_activity_keeps_no_pattern(family, child, parent):
    unit = UnitFactory()
    enrolment = ask(family, child, unit.activity, parent, pattern={unit.pk: frozenset({1})})
    assert not enrolment.pattern_days.exists()


@pytest.mark.exigence("I40")
def test_a_whole_year_activity_takes_every_weekday_it_serves(family, child, parent):
    unit = UnitFactory(activity__enrolment_mode=EnrolmentMode.WHOLE_YEAR)
    enrolment = ask(family, child, unit.activity, parent)
    assert sorted(enrolment.pattern_days.values_list("weekday", flat=True)) == [1, 2, 4, 5]


@pytest.mark.exigence("I37")
def test_an_activity_validated_by_an_agent_leaves_a_request(family, child, parent):
    activity = ActivityFactory(validation_mode=ValidationMode.AGENT)
    enrolment = ask(family, child, activity, parent)
    assert (enrolment.state, enrolment.decided_at) == (EnrolmentState.REQUESTED, None)


def test_a_second_live_enrolment_is_refused_and_a_cancelled_one_does_not_count(family, child, canteen, parent):
    first = ask(family, child, canteen, parent)
    with pytest.raises(EnrolmentRefused) as refused:
        ask(family, child, canteen, parent)
    assert refused.value.refusal.rule == Rule.ALREADY_ENROLLED
    Enrolment.objects.filter(pk=first.pk).update(state=EnrolmentState.CANCELLED)
    assert ask(family, child, canteen, parent).pk != first.pk


def test_the_database_itself_refuses_two_live_enrolments(family, child, canteen, parent):
    first = ask(family, child, canteen, parent)
    first.pk = None
    with pytest.raises(IntegrityError, match="enrolment_one_live_per_child"):
        first.save(force_insert=True)


def test_a_stranger_s_child_and_a_relative_without_the_right_are_refused(family, child, canteen, parent):
    with pytest.raises(EnrolmentRefused) as refused:
        ask(family, ChildFactory(), canteen, parent)
    assert refused.value.refusal.rule == Rule.NO_RIGHT
    grandmother = MemberFactory(family=family, relative=True, adult__user=UserFactory()).adult.user
    with pytest.raises(EnrolmentRefused) as refused:
        ask(family, child, canteen, grandmother)
    assert refused.value.refusal.rule == Rule.NO_RIGHT
    assert not Enrolment.objects.exists()


@pytest.mark.exigence("I11", "I12", "I19")
def test_offers_are_those_of_the_child_s_age_level_and_time(family, child, parent):
    SchoolingFactory(child=child, level="CE2")
    open_to_him = UnitFactory(activity__levels=["CE2"]).activity
    UnitFactory(activity__levels=["PS"])
    UnitFactory(activity__starts_on=date(2025, 9, 1), activity__ends_on=date(2026, 7, 3))
    (found,) = list_offers(family=family, user=parent, at=AT)
    assert [offer.activity for offer in found.open_offers] == [open_to_him]
    assert [offer.refusal.rule for offer in found.offers if offer.refusal] == [Rule.LEVEL]


@pytest.mark.exigence("I3", "I8")
def test_an_activity_already_taken_is_listed_as_an_enrolment_not_as_an_offer(family, child, canteen, parent):
    enrolment = ask(family, child, canteen, parent)
    (found,) = list_offers(family=family, user=parent, at=AT)
    assert (found.enrolments, found.offers) == ((enrolment,), ())


def test_the_cost_of_the_list_does_not_grow(family, child, parent, django_assert_max_num_queries):
    for _ in range(3):
        ChildLinkFactory(family=family)
    for number in range(4):
        UnitFactory(activity__code=f"atelier-{number}")
    with django_assert_max_num_queries(10):
        list_offers(family=family, user=parent, at=AT)

"""Enrolments of a child in an activity, accepted and for its whole period unless said otherwise."""

from datetime import UTC, datetime

import factory

from portal.domain.enrolments.enums import EnrolmentState
from portal.domain.enrolments.models import Enrolment, PatternDay
from tests.domain.accounts.factories import UserFactory
from tests.domain.activities.factories import ActivityFactory, UnitFactory
from tests.domain.families.factories import ChildFactory, FamilyFactory


class EnrolmentFactory(factory.django.DjangoModelFactory[Enrolment]):
    """Traits: `requested` (an agent must decide), `cancelled`, `refused`."""

    class Meta:
        model = Enrolment

    class Params:
        requested = factory.Trait(state=EnrolmentState.REQUESTED, decided_at=None)
        cancelled = factory.Trait(state=EnrolmentState.CANCELLED)
        refused = factory.Trait(state=EnrolmentState.REFUSED)

    child = factory.SubFactory(ChildFactory)
    activity = factory.SubFactory(ActivityFactory)
    family = factory.SubFactory(FamilyFactory)
    state = EnrolmentState.ACCEPTED
    starts_on = factory.SelfAttribute("activity.starts_on")
    ends_on = factory.SelfAttribute("activity.ends_on")
    requested_at = datetime(2019, 6, 3, 8, tzinfo=UTC)
    requested_by = factory.SubFactory(UserFactory)
    decided_at = factory.SelfAttribute("requested_at")


class PatternDayFactory(factory.django.DjangoModelFactory[PatternDay]):
    """Mondays of the regular week."""

    class Meta:
        model = PatternDay

    enrolment = factory.SubFactory(EnrolmentFactory)
    unit = factory.SubFactory(UnitFactory, activity=factory.SelfAttribute("..enrolment.activity"))
    weekday = 1

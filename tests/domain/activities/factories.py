"""Activities as at Les Rousses: the canteen of 2026/2027, on the school days of four days a week."""

from datetime import date, time

import factory

from portal.domain.activities.enums import LimitDays, LimitSense, LimitSpan, RelationKind, ServiceDays
from portal.domain.activities.models import (
    Activity,
    ActivityType,
    BookingLimit,
    Closure,
    PlacePool,
    Service,
    Structure,
    Unit,
    UnitRelation,
)

THURSDAY_BEFORE = {"kind": "weekday_before", "weekday": 4}


class ServiceFactory(factory.django.DjangoModelFactory[Service]):
    class Meta:
        model = Service
        django_get_or_create = ("code",)

    code = "enfance"
    name = "Service Enfance"
    email = "enfance@les-rousses.example"
    phone = "01 99 00 12 34"


class StructureFactory(factory.django.DjangoModelFactory[Structure]):
    class Meta:
        model = Structure

    code = factory.Sequence(lambda number: f"structure-{number}")
    name = factory.Sequence(lambda number: f"Structure {number}")


class ActivityTypeFactory(factory.django.DjangoModelFactory[ActivityType]):
    class Meta:
        model = ActivityType
        django_get_or_create = ("code",)

    code = "restauration"
    name = "Restauration"


class ActivityFactory(factory.django.DjangoModelFactory[Activity]):
    """Served on school days from 2 September 2026 to 2 July 2027; changed until Thursday of the week before."""

    class Meta:
        model = Activity

    class Params:
        holidays = factory.Trait(service_days=ServiceDays.HOLIDAYS)
        every_day = factory.Trait(service_days=ServiceDays.ALL)
        without_deadline = factory.Trait(booking_deadline={"kind": "always"}, cancellation_deadline={"kind": "always"})

    code = factory.Sequence(lambda number: f"cantine-{number}")
    name = "Restaurant scolaire 2026/2027"
    short_name = "Cantine"
    service = factory.SubFactory(ServiceFactory)
    structure = factory.SubFactory(StructureFactory)
    type = factory.SubFactory(ActivityTypeFactory)
    starts_on = date(2026, 9, 2)
    ends_on = date(2027, 7, 2)
    booking_deadline = THURSDAY_BEFORE
    cancellation_deadline = THURSDAY_BEFORE
    rules_article = "règlement intérieur, article 5"


class UnitFactory(factory.django.DjangoModelFactory[Unit]):
    """A meal on Monday, Tuesday, Thursday and Friday, under the deadlines of its activity.

    Every unit of the tests lasts from 11 h 30 to 13 h 20, and may: `may_overlap=False` for those about hours.
    """

    class Meta:
        model = Unit
        skip_postgeneration_save = True

    activity = factory.SubFactory(ActivityFactory)
    code = "repas"
    name = "Repas"
    weekdays = [1, 2, 4, 5]
    starts_at = time(11, 30)
    ends_at = time(13, 20)
    may_overlap = True

    @factory.post_generation
    def pools(self, create: bool, extracted: list[PlacePool] | None) -> None:
        if create and extracted:
            self.pools.set(extracted)


class UnitRelationFactory(factory.django.DjangoModelFactory[UnitRelation]):
    """Two units booked together; traits `exclusive` and `dependent` (`unit` needs `other`)."""

    class Meta:
        model = UnitRelation

    class Params:
        exclusive = factory.Trait(kind=RelationKind.EXCLUSIVE)
        dependent = factory.Trait(kind=RelationKind.DEPENDENT)

    kind = RelationKind.SOLIDARY
    unit = factory.SubFactory(UnitFactory)
    other = factory.SubFactory(UnitFactory)


class BookingLimitFactory(factory.django.DjangoModelFactory[BookingLimit]):
    """Two days by week at most, in all the units of the activity unless `units` are given. Trait `floor`: at least."""

    class Meta:
        model = BookingLimit
        skip_postgeneration_save = True

    class Params:
        floor = factory.Trait(sense=LimitSense.AT_LEAST)

    activity = factory.SubFactory(ActivityFactory)
    code = factory.Sequence(lambda number: f"limite-{number}")
    sense = LimitSense.AT_MOST
    count = 2
    span = LimitSpan.WEEK
    among = LimitDays.ALL

    @factory.post_generation
    def units(self, create: bool, extracted: list[Unit] | None) -> None:
        if create and extracted:
            self.units.set(extracted)


class PlacePoolFactory(factory.django.DjangoModelFactory[PlacePool]):
    class Meta:
        model = PlacePool

    class Params:
        unlimited = factory.Trait(capacity=None)

    code = factory.Sequence(lambda number: f"places-{number}")
    name = "Places du restaurant"
    capacity = 40


class ClosureFactory(factory.django.DjangoModelFactory[Closure]):
    """The whole town closed on Friday 25 September 2026, unless a structure or an activity is given."""

    class Meta:
        model = Closure

    reason = "réunion d’équipe"
    starts_on = date(2026, 9, 25)
    ends_on = date(2026, 9, 25)

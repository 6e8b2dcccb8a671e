"""Whole households that book: the chain from the account to the booking, in one call."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import factory

from portal.domain.accounts.models import User
from portal.domain.activities.models import PlacePool, Unit
from portal.domain.bookings.codes import CellKey
from portal.domain.bookings.enums import BookingSource, BookingState
from portal.domain.bookings.models import Booking, DayPlaces
from portal.domain.families.models import Child, Family
from portal.domain.kernel.calendar import DateRange
from portal.domain.tariffs.models import UnitTariff
from tests.domain.accounts.factories import UserFactory
from tests.domain.activities.factories import UnitFactory
from tests.domain.enrolments.factories import EnrolmentFactory
from tests.domain.families.factories import (
    ChildFactory,
    ChildLinkFactory,
    FamilyFactory,
    MemberFactory,
    SchoolingFactory,
)
from tests.domain.tariffs.factories import UnitTariffFactory

FIRST_NAMES = ("Hugo", "Léna", "Noé", "Jade", "Tom", "Ava", "Nina", "Elio")


class DayPlacesFactory(factory.django.DjangoModelFactory[DayPlaces]):
    class Meta:
        model = DayPlaces

    pool = factory.SubFactory("tests.domain.activities.factories.PlacePoolFactory")
    day = date(2026, 9, 14)
    capacity = factory.SelfAttribute("pool.capacity")


class BookingFactory(factory.django.DjangoModelFactory[Booking]):
    """A booking in the books, without its places: `book` counts them. Trait `cancelled`."""

    class Meta:
        model = Booking

    class Params:
        cancelled = factory.Trait(
            state=BookingState.CANCELLED,
            cancelled_at=factory.SelfAttribute("booked_at"),
            cancelled_by=factory.SelfAttribute("booked_by"),
        )

    child = factory.SubFactory(ChildFactory)
    unit = factory.SubFactory(UnitFactory)
    day = date(2026, 9, 14)
    enrolment = factory.SubFactory(
        EnrolmentFactory, child=factory.SelfAttribute("..child"), activity=factory.SelfAttribute("..unit.activity")
    )
    family = factory.SelfAttribute("enrolment.family")
    state = BookingState.BOOKED
    source = BookingSource.BASKET
    tariff_version = factory.LazyAttribute(lambda booking: version_of(booking.unit))
    unit_price = factory.SelfAttribute("tariff_version.unit_price")
    booked_at = datetime(2019, 6, 3, 8, tzinfo=UTC)
    booked_by = factory.SubFactory(UserFactory)


@dataclass
class Household:
    """A family with its parents and children, enrolled in some units."""

    family: Family
    parent: User
    children: list[Child]
    units: list[Unit]
    others: list[User] = field(default_factory=list)

    @property
    def child(self) -> Child:
        return self.children[0]

    @property
    def unit(self) -> Unit:
        return self.units[0]

    def code(self, day: date, *, child: int = 0, unit: int = 0) -> str:
        """The code of a cell, children and units by their position."""
        return CellKey(self.children[child].pk, self.units[unit].pk, day).code

    def codes(self, days: Iterable[date], *, child: int = 0, unit: int = 0) -> list[str]:
        return [self.code(day, child=child, unit=unit) for day in days]


def version_of(unit: Unit) -> Any:
    """The last version of the unit's tariff."""
    link = UnitTariff.objects.filter(unit=unit).first() or UnitTariffFactory(unit=unit)
    return link.tariff.versions.order_by("-valid_from").first()


def priced_unit(*, price: str = "4.30", pools: Sequence[PlacePool] = (), **unit: Any) -> Unit:
    """A unit with its tariff and its pools."""
    made: Unit = UnitFactory(pools=list(pools), **unit)
    UnitTariffFactory(unit=made, price=price)
    return made


def household(
    *units: Unit, children: int = 1, parents: int = 1, enrolled: bool = True, level: str = "CM1", **family: Any
) -> Household:
    """A family whose children are enrolled in the activities of these units."""
    made = FamilyFactory(**family)
    users = [UserFactory() for _ in range(parents)]
    for position, user in enumerate(users):
        MemberFactory(family=made, adult__user=user, **({"parent": True} if position else {}))
    kids = [ChildFactory(first_name=name) for name in FIRST_NAMES[:children]]
    for position, child in enumerate(kids):
        ChildLinkFactory(family=made, child=child, order=position)
        SchoolingFactory(child=child, level=level)
        if enrolled:
            for activity in dict.fromkeys(unit.activity for unit in units):
                EnrolmentFactory(child=child, activity=activity, family=made, requested_by=users[0])
    return Household(made, users[0], kids, list(units), users[1:])


def join(family: Family, child: Child, **rights: bool) -> None:
    """One more household for a child."""
    ChildLinkFactory(family=family, child=child, order=9, **rights)


def book(home: Household, days: Iterable[date], *, child: int = 0, unit: int = 0, price: str = "") -> list[Booking]:
    """Bookings in the books with their places taken, as after a validation."""
    kid, thing = home.children[child], home.units[unit]
    enrolment = kid.enrolments.get(activity=thing.activity)
    version = version_of(thing)
    bookings = Booking.objects.bulk_create(
        Booking(
            child=kid,
            unit=thing,
            day=day,
            enrolment=enrolment,
            family=home.family,
            source=BookingSource.BASKET,
            tariff_version=version,
            unit_price=Decimal(price) if price else version.unit_price,
            booked_at=datetime(2019, 6, 3, 8, tzinfo=UTC),
            booked_by=home.parent,
        )
        for day in days
    )
    for pool in thing.pools.all():
        for booking in bookings:
            row, _ = DayPlaces.objects.get_or_create(pool=pool, day=booking.day, defaults={"capacity": pool.capacity})
            row.taken += 1
            row.save()
    return bookings


def weekdays(first: date, last: date, *iso: int) -> list[date]:
    """The days of a period on these ISO weekdays, Monday to Friday by default."""
    wanted = iso or (1, 2, 3, 4, 5)
    return [day for day in DateRange(first, last) if day.isoweekday() in wanted]

"""A family of Les Rousses in the real database: parents, children, canteen, after-school, Wednesdays."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from portal.domain.accounts.models import User
from portal.domain.activities.models import Activity, Unit
from portal.domain.bookings.enums import BookingSource
from portal.domain.bookings.models import Booking
from portal.domain.enrolments.enums import EnrolmentState
from portal.domain.enrolments.models import Enrolment
from portal.domain.families.models import Child, Family
from portal.domain.kernel.clock import PARIS
from portal.domain.tariffs.models import UnitTariff
from tests.domain.accounts.factories import UserFactory
from tests.domain.activities.factories import ActivityFactory, PlacePoolFactory, UnitFactory
from tests.domain.families.factories import (
    AdultFactory,
    ChildFactory,
    ChildLinkFactory,
    FamilyFactory,
    MemberFactory,
    SchoolingFactory,
)
from tests.domain.tariffs.factories import UnitTariffFactory

#: Wednesday evening: the week of 14 September still opens for 25 hours.
NOW = datetime(2026, 9, 9, 22, 40, tzinfo=PARIS)
_LONG_AGO = datetime(2026, 6, 1, 8, tzinfo=UTC)

SCHOOL_WEEK = [1, 2, 4, 5]


@dataclass
class Scene:
    """A family, its account, and helpers that write its enrolments and bookings."""

    family: Family = field(default_factory=FamilyFactory)
    user: User = field(default_factory=lambda: UserFactory(username="claire", first_name="Claire"))

    def __post_init__(self) -> None:
        MemberFactory(family=self.family, adult=AdultFactory(user=self.user, first_name="Claire"))

    def other_parent(self) -> User:
        """Another account of the same family."""
        user: User = UserFactory(username="marc", first_name="Marc")
        MemberFactory(family=self.family, adult=AdultFactory(user=user, first_name="Marc"), parent=True)
        return user

    def child(self, first_name: str = "Hugo", birth_date: date = date(2017, 3, 12), level: str = "CM1") -> Child:
        order = Child.objects.filter(links__family=self.family).count()
        child: Child = ChildFactory(first_name=first_name, birth_date=birth_date)
        ChildLinkFactory(family=self.family, child=child, order=order)
        SchoolingFactory(child=child, level=level, school_year=2026)
        return child

    def enrol(self, child: Child, *units: Unit) -> None:
        for activity in {unit.activity_id: unit.activity for unit in units}.values():
            Enrolment.objects.create(
                child=child,
                activity=activity,
                family=self.family,
                state=EnrolmentState.ACCEPTED,
                starts_on=activity.starts_on,
                ends_on=activity.ends_on,
                requested_at=_LONG_AGO,
                requested_by=self.user,
            )

    def book(self, child: Child, unit: Unit, days: Iterable[date]) -> None:
        version = UnitTariff.objects.get(unit=unit).tariff.versions.get()
        enrolment = Enrolment.objects.get(child=child, activity=unit.activity_id)
        Booking.objects.bulk_create(
            Booking(
                child=child,
                unit=unit,
                day=day,
                enrolment=enrolment,
                family=self.family,
                source=BookingSource.PATTERN,
                tariff_version=version,
                unit_price=version.unit_price,
                booked_at=_LONG_AGO,
                booked_by=self.user,
            )
            for day in days
        )


def make_unit(
    short_name: str = "Cantine",
    *,
    name: str = "Repas",
    weekdays: Iterable[int] = SCHOOL_WEEK,
    price: str = "4.30",
    order: int = 0,
    capacity: int | None = None,
    activity: Activity | None = None,
    **activity_values: object,
) -> Unit:
    """A unit of its own activity, with its price; `capacity` gives it a pool of places."""
    activity = activity or ActivityFactory(
        short_name=short_name, name=f"{short_name} 2026/2027", order=order, **activity_values
    )
    unit: Unit = UnitFactory(
        activity=activity,
        code=name.lower().replace(" ", "-"),
        name=name,
        weekdays=list(weekdays),
        order=order,
        pools=[PlacePoolFactory(capacity=capacity)] if capacity is not None else [],
    )
    UnitTariffFactory(unit=unit, price=price)
    return unit


def code(child: Child, unit: Unit, day: date) -> str:
    return f"{child.pk}.{unit.pk}.{day.isoformat()}"


def days_of(month: tuple[int, int], weekdays: Iterable[int], first: int = 1, last: int = 31) -> list[date]:
    """The days of a month on those ISO weekdays."""
    found = []
    for number in range(first, last + 1):
        try:
            day = date(*month, number)
        except ValueError:
            break
        if day.isoweekday() in set(weekdays):
            found.append(day)
    return found


def vuillet() -> Scene:
    """Three children over four activities, September partly booked: the family of the drawings."""
    scene = Scene()
    hugo = scene.child()
    lena = scene.child("Léna", date(2021, 2, 3), "GS")
    noe = scene.child("Noé", date(2023, 5, 6), "PS")
    canteen = make_unit(order=1)
    evening = make_unit("Accueil du soir", name="Soir", price="2.10", order=2)
    morning = make_unit("Accueil du matin", name="Matin", price="1.60", order=3, capacity=20)
    wednesday = ActivityFactory(short_name="Mercredi", name="Mercredi 2026/2027", order=4)
    with_meal = make_unit(activity=wednesday, name="Avec repas", weekdays=[3], price="10.40", order=1)
    without = make_unit(activity=wednesday, name="Sans repas", weekdays=[3], price="5.20", order=2)
    scene.enrol(hugo, canteen, evening)
    scene.enrol(lena, canteen, with_meal, without)
    scene.enrol(noe, canteen, morning)
    september = (2026, 9)
    scene.book(hugo, canteen, days_of(september, SCHOOL_WEEK, 2))
    scene.book(hugo, evening, days_of(september, [1, 4], 2))
    scene.book(lena, canteen, days_of(september, SCHOOL_WEEK, 2))
    scene.book(lena, with_meal, [date(2026, 9, 9)])
    scene.book(noe, canteen, days_of(september, SCHOOL_WEEK, 7))
    scene.book(noe, morning, days_of(september, [1], 7))
    return scene

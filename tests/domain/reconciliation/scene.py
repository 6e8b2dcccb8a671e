"""A small town where everything that is checked exists once, and is right: days booked, a week, a line, an absence, a
closure, a bus. Wednesday 9 September 2026, 21 h 30.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import Permission
from django.utils import timezone

from portal.domain.absences.models import Absence, AbsenceDay
from portal.domain.accounts.models import User
from portal.domain.activities.enums import EnrolmentMode
from portal.domain.activities.models import Unit
from portal.domain.activities.services import seed_calendar
from portal.domain.bookings.enums import BookingSource
from portal.domain.bookings.models import Basket, Booking, DayPlaces
from portal.domain.bookings.services import change_draft, confirm_basket
from portal.domain.closures.services import declare_closure, plan_closure
from portal.domain.enrolments.models import Enrolment
from portal.domain.kernel.clock import PARIS
from portal.domain.transport.models import StopChoice
from portal.domain.waiting.models import Offer, OfferPlace, WaitingEntry
from tests.domain.accounts.factories import UserFactory
from tests.domain.activities.factories import ActivityFactory, PlacePoolFactory, UnitRelationFactory
from tests.domain.bookings.factories import Household, household, priced_unit, version_of
from tests.domain.closures.conftest import closer, wanted
from tests.domain.enrolments.factories import PatternDayFactory
from tests.domain.transport.factories import bus_line

AT = datetime(2026, 9, 9, 21, 30, tzinfo=PARIS)
MONDAY, TUESDAY, THURSDAY, FRIDAY = date(2026, 9, 14), date(2026, 9, 15), date(2026, 9, 17), date(2026, 9, 18)
NEXT_MONDAY = date(2026, 9, 21)
WEEK_ENDS = date(2026, 10, 2)


@dataclass
class Scene:
    """The household that has everything, and what the faults are done to."""

    home: Household
    pool: int
    canteen: Unit
    lunch: Unit
    noon: Unit
    short: Unit
    long: Unit
    bus: Unit
    workshop: Unit
    weekly: Unit
    closed: Unit

    def booking(self, unit: Unit, day: date, *, child: int = 0) -> Booking:
        return Booking.objects.get(child=self.home.children[child], unit=unit, day=day)

    def add(self, unit: Unit, day: date, **values: Any) -> Booking:
        """A booking written beside every verb, as the habit of an enrolment would be."""
        kid = self.home.child
        version = version_of(unit)
        row: dict[str, Any] = {
            "child": kid,
            "unit": unit,
            "day": day,
            "enrolment": kid.enrolments.get(activity=unit.activity),
            "family": self.home.family,
            "source": BookingSource.PATTERN,
            "tariff_version": version,
            "unit_price": version.unit_price,
            "booked_at": AT - timedelta(days=2),
            "booked_by": self.home.parent,
        }
        return Booking.objects.create(**row | values)


def build() -> Scene:
    """The town, by its verbs wherever families would go through them."""
    seed_calendar(zone="A", from_year=2026, to_year=2027, by=UserFactory(), at=AT)
    pool = PlacePoolFactory(capacity=5)
    canteen = priced_unit(pools=[pool], may_overlap=False)
    lunch = priced_unit(activity__short_name="Pause")
    noon = priced_unit(activity=lunch.activity, code="midi")
    short = priced_unit(activity__short_name="Soir")
    long = priced_unit(activity=short.activity, code="long")
    bus = priced_unit(activity__short_name="Bus")
    workshop = priced_unit(activity__short_name="Atelier", may_overlap=False)
    weekly = priced_unit(
        activity=ActivityFactory(short_name="Études", enrolment_mode=EnrolmentMode.PATTERN, ends_on=WEEK_ENDS)
    )
    closed = priced_unit(activity__short_name="Musique")
    UnitRelationFactory(unit=lunch, other=noon)
    UnitRelationFactory(unit=short, other=long, exclusive=True)
    UnitRelationFactory(unit=bus, other=short, dependent=True)
    home = household(canteen, lunch, short, bus, workshop, weekly, closed, children=2)
    scene = Scene(home, pool.pk, canteen, lunch, noon, short, long, bus, workshop, weekly, closed)
    _stops(scene)
    _book(scene)
    _week(scene)
    _close(scene)
    _wait(scene)
    return scene


def _enrolment(scene: Scene, unit: Unit) -> Enrolment:
    return scene.home.child.enrolments.get(activity=unit.activity)


def _stops(scene: Scene) -> None:
    line = bus_line(scene.bus, weekdays=(1, 2, 4, 5))
    StopChoice.objects.create(
        enrolment=_enrolment(scene, scene.bus),
        line=line,
        outward=line.stops.get(code="marche"),
        since=date(2026, 9, 2),
        at=AT,
        by=scene.home.parent,
    )


def _book(scene: Scene) -> None:
    """Two children at the canteen, an evening and its bus: validated, then a draft begun again."""
    home = scene.home
    codes = [home.code(MONDAY), home.code(MONDAY, child=1), home.code(TUESDAY)]
    codes += [home.code(MONDAY, unit=2), home.code(MONDAY, unit=3), home.code(TUESDAY, unit=4)]
    change_draft(family=home.family, add=codes, remove=[], by=home.parent, at=AT - timedelta(days=1))
    basket = Basket.objects.get(family=home.family)
    confirm_basket(family=home.family, key=str(basket.key), by=home.parent, at=AT - timedelta(hours=23, minutes=50))
    change_draft(family=home.family, add=[home.code(THURSDAY)], remove=[home.code(TUESDAY)], by=home.parent, at=AT)


def _week(scene: Scene) -> None:
    """Mondays by habit; one of them declared absent, accepted, its place given back."""
    PatternDayFactory(enrolment=_enrolment(scene, scene.weekly), unit=scene.weekly, weekday=1)
    booked = [scene.add(scene.weekly, day) for day in (MONDAY, NEXT_MONDAY, date(2026, 9, 28))]
    decided = timezone.now().replace(year=2026, month=9, day=8)
    Booking.objects.filter(pk=booked[1].pk).update(place_given_back_at=decided)
    absence = Absence.objects.create(
        family=scene.home.family,
        child=scene.home.child,
        first_day=NEXT_MONDAY,
        last_day=NEXT_MONDAY,
        state="accepted",
        declared_at=decided,
        declared_by=scene.home.parent,
        decided_at=decided,
        decided_by=scene.home.parent,
    )
    AbsenceDay.objects.create(
        absence=absence,
        booking=booked[1],
        outcome="reduced",
        cause="excused",
        amount=Decimal("1.00"),
        decided_at=decided,
    )


def _close(scene: Scene) -> None:
    """A day that a closure cancelled, with its credit and its receipt."""
    scene.add(scene.closed, FRIDAY)
    agent = closer()
    asked = wanted(FRIDAY, activity=scene.closed.activity_id)
    plan = plan_closure(wanted=asked, by=agent, at=AT)
    declare_closure(wanted=asked, expected=plan.digest, by=agent, at=AT)


def _wait(scene: Scene) -> None:
    """One child waits for a day, the other has a place of it to answer."""
    home, day = scene.home, date(2026, 9, 24)
    entry: dict[str, Any] = {
        "family": home.family,
        "unit": scene.canteen,
        "day": day,
        "pools": [scene.pool],
        "joined_at": AT - timedelta(hours=5),
        "joined_by": home.parent,
        "changed_at": AT,
        "closes_at": datetime.combine(day - timedelta(days=7), time(0), tzinfo=PARIS),
    }
    WaitingEntry.objects.create(child=home.children[1], **entry)
    offer = Offer.objects.create(
        family=home.family,
        unit=scene.canteen,
        day=day,
        made_at=AT - timedelta(hours=1),
        made_by=home.parent,
        expires_at=AT + timedelta(hours=23),
    )
    OfferPlace.objects.create(offer=offer, child=home.child, unit=scene.canteen)
    WaitingEntry.objects.create(child=home.child, state="offered", offer=offer, **entry)
    DayPlaces.objects.create(pool_id=scene.pool, day=day, capacity=1, held=1)


def reconciler(username: str = "regie", **values: Any) -> User:
    """An agent who works on what was found."""
    agent = UserFactory(username=username, agent=True, **values)
    agent.user_permissions.set(
        Permission.objects.filter(content_type__app_label="reconciliation")
        | Permission.objects.filter(codename__in=["access_admin", "view_family", "view_booking", "view_placepool"])
    )
    return User.objects.get(pk=agent.pk)

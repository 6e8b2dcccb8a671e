"""The bus of a leisure centre: three stops in town, a round each Wednesday, out at noon and back in the evening."""

from datetime import time
from typing import Any

import factory
from django.contrib.auth.models import Permission

from portal.domain.accounts.models import User
from portal.domain.activities.models import Unit
from portal.domain.enrolments.models import Enrolment
from portal.domain.transport.models import BusLine, BusStop, LineUnit, StopTime
from tests.domain.accounts.factories import UserFactory
from tests.domain.activities.factories import ActivityFactory
from tests.domain.bookings.factories import Household, household, priced_unit

WEDNESDAY = 3
STOPS = (
    ("marche", "Place du Marché", time(11, 35), time(17, 50)),
    ("vignes", "Cité des Vignes", time(11, 45), time(17, 40)),
    ("moulin", "École du Moulin", time(11, 55), None),
)
CENTRE = ("centre", "Centre des Peupliers", time(12, 5), time(17, 15))


class BusLineFactory(factory.django.DjangoModelFactory[BusLine]):
    class Meta:
        model = BusLine

    code = factory.Sequence(lambda number: f"ligne-{number}")
    name = "Bus du mercredi"
    destination = "Centre des Peupliers"


class BusStopFactory(factory.django.DjangoModelFactory[BusStop]):
    class Meta:
        model = BusStop

    line = factory.SubFactory(BusLineFactory)
    code = factory.Sequence(lambda number: f"arret-{number}")
    name = factory.Sequence(lambda number: f"Arrêt {number}")
    order = factory.Sequence(int)


def bus_line(*units: Unit, weekdays: tuple[int, ...] = (WEDNESDAY,), **values: Any) -> BusLine:
    """A line with its three stops and its terminus, serving these units."""
    line: BusLine = BusLineFactory(**values)
    for code, name, outward, homeward in (*STOPS, CENTRE):
        stop = BusStopFactory(line=line, code=code, name=name, is_terminus=code == "centre")
        for weekday in weekdays:
            StopTime.objects.create(stop=stop, weekday=weekday, outward=outward, homeward=homeward)
    for unit in units:
        LineUnit.objects.create(line=line, unit=unit)
    return line


def bus_unit(*, weekdays: tuple[int, ...] = (WEDNESDAY,), deadline: Any = None, **options: Any) -> Unit:
    """The bus as it is booked: every day of the year, until the 20th of the month before unless said otherwise."""
    rule = deadline or {"kind": "day_of_month", "day": 20, "months": 1}
    activity = ActivityFactory(
        name="Bus du mercredi",
        short_name="Bus mercredi",
        every_day=True,
        booking_deadline=rule,
        cancellation_deadline=rule,
    )
    return priced_unit(price="1.00", activity=activity, code="bus", name="Bus", weekdays=list(weekdays), **options)


def rider(**options: Any) -> Household:
    """A family whose child is enrolled in the bus."""
    return household(bus_unit(), **options)


def enrolment_of(home: Household, *, child: int = 0) -> Enrolment:
    return Enrolment.objects.get(child=home.children[child], activity=home.unit.activity)


def stop(line: BusLine, code: str) -> BusStop:
    return line.stops.get(code=code)


def driver(username: str = "accompagnement", **values: Any) -> User:
    """An agent who may see who is at which stop, and change stops."""
    agent = UserFactory(username=username, agent=True, **values)
    agent.user_permissions.set(Permission.objects.filter(content_type__app_label="transport"))
    return User.objects.get(pk=agent.pk)

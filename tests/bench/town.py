"""Towns to measure: a database of their own, the profile of Les Rousses, as many sample families as asked.

The delivery of mails, a task of its own, is left out.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from unittest.mock import patch

from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from config import embedded
from portal.domain.activities.models import Unit
from portal.domain.activities.queries import load_calendar, offer_of
from portal.domain.bookings.models import Booking
from portal.domain.families.models import Family
from portal.domain.kernel.calendar import DateRange, month_range
from portal.domain.kernel.clock import paris_date
from portal.domain.mails.tasks import deliver
from tests.domain.bookings.factories import Household, book, household
from tests.domain.families.factories import FamilyFactory


@dataclass(frozen=True)
class Town:
    """A loaded town; `month` is the current one, `units` are those that a schoolchild has."""

    families: int
    bookings: int
    at: datetime
    month: DateRange
    units: list[Unit]


@contextmanager
def town(families: int) -> Iterator[Town]:
    """Load a town, and drop its database at the end."""
    embedded.ensure_started()
    connection.settings_dict["TEST"]["NAME"] = f"bench_portail_{os.getpid()}_{families}"
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        with patch.object(deliver, "apply_async", lambda *args, **kwargs: None):
            call_command("load_commune", "les-rousses", verbosity=0)
            call_command("sample_town", families=families, verbosity=0)
            # The families made here must not take a number of the sample's.
            FamilyFactory.reset_sequence(800_000, force=True)
            at = timezone.now()
            today = paris_date(at)
            yield Town(
                families=Family.objects.count(),
                bookings=Booking.objects.count(),
                at=at,
                month=month_range(today.year, today.month),
                units=list(
                    Unit.objects.filter(
                        activity__type__code__in=["restauration", "periscolaire"],
                        activity__starts_on__lte=today,
                        activity__ends_on__gte=today,
                    ).order_by("activity__order", "order")
                ),
            )
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


def full_month(place: Town, *, children: int) -> Household:
    """A family more, whose children have every unit of every served day of the month."""
    home = household(*place.units, children=children)
    for position, unit in enumerate(place.units):
        days = [day for day in place.month if day.isoweekday() in unit.weekdays]
        pools = list(unit.pools.all())
        unit.pools.clear()  # these bookings are for the eye: they take no place from anybody
        for child in range(children):
            book(home, days, child=child, unit=position)
        unit.pools.set(pools)
    return home


def school_days(place: Town, first: date, number: int) -> list[date]:
    """Days from `first` on that the canteen serves, whatever the holidays."""
    offer = offer_of(Unit.objects.select_related("activity").get(pk=place.units[0].pk))
    days = DateRange(first, offer.ends_on)
    return list(load_calendar(days).served_days(offer, days))[:number]


@dataclass(frozen=True)
class Timing:
    """The median duration of a call and the processor time that it takes here, in milliseconds.

    On a busy machine the first waits for others; the second is what Python costs, the database apart.
    """

    wall: float
    cpu: float

    def __str__(self) -> str:
        return f"{self.wall:7.2f} ms ({self.cpu:6.2f} ms of processor)"


def timed(call: Callable[[], Any], *, runs: int = 60, warm: int = 8) -> Timing:
    """Call it again and again."""
    for _ in range(warm):
        call()
    walls = []
    used = time.process_time()
    for _ in range(runs):
        begun = time.perf_counter()
        call()
        walls.append(time.perf_counter() - begun)
    return Timing(statistics.median(walls) * 1000, (time.process_time() - used) / runs * 1000)


def percentile(values: Sequence[float], share: float) -> float:
    """The value under which that share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def say(line: str = "") -> None:
    """A line of the report, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()

"""The days to come of a family, counted: what an agent reads at a glance."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Min, Q

from portal.domain.bookings.models import Booking
from portal.domain.families.models import Family

#: How many days are « le mois à venir », today included.
COMING_DAYS = 31


@dataclass(frozen=True, slots=True)
class Coming:
    """A child in an activity: how many bookings until the end of the coming month, the first day of them."""

    child: str
    activity: str
    count: int
    first: date


def coming_bookings(*, family: Family, today: date, limit: int, among: Q | None = None) -> Sequence[Coming]:
    """The bookings of the family's children, by whichever household, from today; one query. `among`: a condition."""
    rows = Booking.objects.booked().filter(
        among or Q(), child__links__family=family, day__gte=today, day__lt=today + timedelta(days=COMING_DAYS)
    )
    counted = (
        rows.values("child", "child__first_name", "unit__activity", "unit__activity__name")
        .annotate(days=Count("pk"), first=Min("day"))
        .order_by("child__first_name", "child", "unit__activity__name")
    )
    return [
        Coming(row["child__first_name"], row["unit__activity__name"], row["days"], row["first"])
        for row in counted[:limit]
    ]

"""A day that stays in the books and needs its place no more: the child was declared absent, others may come."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from portal.domain.accounts.models import User
from portal.domain.audit.services import record
from portal.domain.bookings.models import Booking
from portal.domain.bookings.places import lock_places, needed, save_places
from portal.domain.kernel.clock import paris_date


@transaction.atomic
def give_back_places(*, bookings: Collection[int], by: User, at: datetime) -> int:
    """Give back the places of those bookings (keys) that are still booked, still to come (after today) and still hold
    theirs; return how many.

    The bookings stay booked, at their price. The caller has locked their children, as whoever cancels or books for
    them does: places are locked here, last, once. Running twice gives back once.
    """
    still = Booking.objects.booked().filter(pk__in=bookings, day__gt=paris_date(at), place_given_back_at=None)
    rows = list(still.order_by("pk").prefetch_related("unit__pools"))
    cells = {row.pk: ([pool.pk for pool in row.unit.pools.all()], row.day) for row in rows}
    room = lock_places(needed(cells.values()))
    for pools, day in cells.values():
        room.cancel(pools, day)
    save_places(room)
    Booking.objects.filter(pk__in=cells).update(place_given_back_at=at)
    for row in rows:
        record(verb="give_back_place", target=row, by=by, at=at, family_key=row.family_id)
    return len(rows)

"""Changing how many places a pool has, with the days that already count them."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest, Least

from portal.domain.accounts.models import User
from portal.domain.activities.models import PlacePool
from portal.domain.audit.services import record
from portal.domain.bookings.models import DayPlaces
from portal.domain.bookings.places import NO_LIMIT, keep_for_the_line
from portal.domain.kernel import french
from portal.domain.kernel.clock import paris_date


@dataclass(frozen=True, slots=True)
class CrowdedDay:
    """A day on which more places are gone than the capacity asked for."""

    day: date
    gone: int


class CapacityTooLow(Exception):
    """Some days to come already have more places taken or held than that. `days` lists them, in order."""

    def __init__(self, days: list[CrowdedDay]) -> None:
        self.days = days
        first = days[0]
        others = f" et {french.plural(len(days) - 1, 'autre jour', 'autres jours')}" if len(days) > 1 else ""
        super().__init__(
            french.typography(
                f"{french.plural(first.gone, 'place déjà prise', 'places déjà prises')} "
                f"le {french.long_date(first.day)}{others} : "
                "choisissez une capacité plus haute, ou annulez d’abord des réservations."
            )
        )


@transaction.atomic
def set_capacity(*, pool: PlacePool, capacity: int | None, by: User, at: datetime) -> int:
    """Give the pool `capacity` places a day (None: no limit) from today on, and return how many days were changed.

    Days that nobody asked for yet have no row: they will be born with the new capacity. Past days keep theirs. Places
    that are added on a day for which families wait are theirs first, after those given beyond the capacity, which
    become ordinary ones.
    Raises CapacityTooLow; nothing is then written.
    """
    locked = PlacePool.objects.select_for_update(of=("self",), no_key=True).get(pk=pool.pk)
    rows = (
        DayPlaces.objects.select_for_update(of=("self",), no_key=True)
        .filter(pool=locked, day__gte=paris_date(at))
        .order_by("pool", "day")
    )
    days = list(rows.values_list("day", "capacity", "taken", "held", "extra"))
    crowded = [
        CrowdedDay(day, taken + held - extra)
        for day, _known, taken, held, extra in days
        if capacity is not None and taken + held - extra > capacity
    ]
    if crowded:
        raise CapacityTooLow(crowded)
    changed = [day for day, known, *_counts in days if known != capacity]
    over = Value(0) if capacity is None else Greatest(Value(0), F("taken") + F("held") - capacity)
    DayPlaces.objects.filter(pool=locked, day__in=changed).update(capacity=capacity, extra=Least(F("extra"), over))
    keep_for_the_line(
        {
            (locked.pk, day): added
            for day, known, _taken, _held, extra in days
            if known is not None and (added := (NO_LIMIT if capacity is None else capacity) - known - extra) > 0
        }
    )
    before, locked.capacity = locked.capacity, capacity
    locked.save(update_fields=["capacity"])
    pool.capacity = capacity
    if before != capacity:
        record(
            verb="set_capacity",
            target=locked,
            by=by,
            at=at,
            before={"capacity": before},
            after={"capacity": capacity, "days": len(changed)},
        )
    return len(changed)

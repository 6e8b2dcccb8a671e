"""What the counts of a day should be, by the rows that they count; and counting one day again.

`taken` is the live bookings that keep their place. `held` is said by whoever holds places: drafts here, and those who
register (`register_holding`).
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction

from portal.domain.accounts.models import User
from portal.domain.activities.models import PlacePool
from portal.domain.audit.services import record
from portal.domain.bookings.models import DayPlaces
from portal.domain.bookings.places import keep_for_the_line, lock_places
from portal.domain.kernel import french

#: Rows of (pool_id, day, places) between the days `first` and `last`; a pool and a day may come several times.
TAKEN = """
    SELECT link.placepool_id AS pool_id, booking.day, COUNT(*) AS places
      FROM bookings_booking AS booking
      JOIN activities_unit_pools AS link ON link.unit_id = booking.unit_id
     WHERE booking.state = 'booked' AND booking.place_given_back_at IS NULL
       AND booking.day BETWEEN %(first)s AND %(last)s
     GROUP BY link.placepool_id, booking.day
"""

_DRAFTS = """
    SELECT link.placepool_id, line.day, 1
      FROM bookings_basketline AS line
      JOIN activities_unit_pools AS link ON link.unit_id = line.unit_id
     WHERE line.holding AND line.day BETWEEN %(first)s AND %(last)s
"""

_HELD = """
    SELECT holding.pool_id, holding.day, SUM(holding.places) AS places
      FROM (every) AS holding (pool_id, day, places)
     GROUP BY holding.pool_id, holding.day
"""

_holdings: dict[str, str] = {"drafts": _DRAFTS}


def register_holding(code: str, query: str) -> None:
    """Say which places something holds: a query of the shape of `TAKEN`; the same code again replaces it."""
    _holdings[code] = query


def held() -> str:
    """The query of every place that is held, of the shape of `TAKEN`."""
    together = " UNION ALL ".join(_holdings[code] for code in sorted(_holdings))
    return _HELD.replace("every", together)


class RecountRefused(Exception):
    """There are more children than places: counting again would not be true. The message is French."""


@dataclass(frozen=True, slots=True)
class Recount:
    """The counts of a day, (taken, held), before and after."""

    before: tuple[int, int]
    after: tuple[int, int]


@transaction.atomic
def recount_day(*, pool: int, day: date, by: User, at: datetime) -> Recount:
    """Count the places of a pool on one day again, from the rows, under their lock; what comes back is for the line
    first.

    Run twice, the second changes nothing. Raises PlacePool.DoesNotExist, RecountRefused when the day has more children
    than places: nothing is then written.
    """
    known = PlacePool.objects.get(pk=pool)
    lock_places({(pool, day)})
    row = DayPlaces.objects.get(pool=known, day=day)
    before = (row.taken, row.held)
    after = (_counted(TAKEN, pool, day), _counted(held(), pool, day))
    if row.capacity is not None and sum(after) > row.capacity:
        raise RecountRefused(
            french.typography(
                f"{french.plural(sum(after), 'place prise ou retenue', 'places prises ou retenues')} le "
                f"{french.long_date(day)}, pour {french.plural(row.capacity, 'place')} : ajoutez des places, ou "
                f"annulez "
                "d’abord des réservations avec les familles."
            )
        )
    if before != after:
        row.taken, row.held = after
        row.save(update_fields=["taken", "held"])
        record(
            verb="recount_places",
            target=row,
            by=by,
            at=at,
            before={"day": day.isoformat(), "pool": known.name, "taken": before[0], "held": before[1]},
            after={"taken": after[0], "held": after[1]},
        )
    back = sum(before) - sum(after)
    if back > 0:
        keep_for_the_line({(pool, day): back})
    return Recount(before, after)


def _counted(query: str, pool: int, day: date) -> int:
    values: dict[str, Any] = {"first": day, "last": day, "pool": pool}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT COALESCE(SUM(places), 0) FROM ({query}) AS counted WHERE pool_id = %(pool)s",  # noqa: S608  # our own words
            values,
        )
        (places,) = cursor.fetchone()
    return int(places)

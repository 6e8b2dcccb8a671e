"""The days of the sample town: who comes when, within the places there are, sent to PostgreSQL by COPY.

A year of a large town is millions of rows: they are written as they are drawn, never kept, and counted on the way, so
that the places taken are exactly the bookings.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any

from django.db import connection

from portal.domain.activities.models import Unit
from portal.domain.bookings.enums import BookingSource, BookingState
from portal.domain.bookings.models import DayPlaces
from portal.domain.pricing.situations import Situations
from portal.domain.tariffs.queries import PriceBook

#: Rows of one COPY: what is drawn but not yet written stays small.
CHUNK = 50_000

_COPY = """
    COPY bookings_booking (
        child_id, unit_id, day, enrolment_id, family_id, state, source, tariff_version_id, unit_price, explanation,
        booked_at, booked_by_id, cancelled_at, cancelled_by_id
    ) FROM STDIN
"""

_SAVE_PLACES = """
    INSERT INTO bookings_dayplaces (pool_id, day, capacity, taken, held)
    SELECT pool.id, counted.day, pool.capacity, counted.taken, 0
      FROM unnest(%s::bigint[], %s::date[], %s::int[]) AS counted (pool_id, day, taken)
      JOIN activities_placepool AS pool ON pool.id = counted.pool_id
        ON CONFLICT (pool_id, day) DO UPDATE SET taken = EXCLUDED.taken
"""


@dataclass(frozen=True, slots=True)
class Guest:
    """A child enrolled in an activity, and who answers for the bookings."""

    child: int
    enrolment: int
    family: int
    account: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """A booking of these units, tied together, that is wished for: all are made when places remain, or none.

    Cancelled, they take no place.
    """

    guest: Guest
    units: tuple[int, ...]
    day: date
    booked_at: datetime
    cancelled_at: datetime | None = None


class Places:
    """The places taken so far, pool by pool and day by day."""

    def __init__(self, units: Iterable[Unit]) -> None:
        self._pools: dict[int, tuple[int, ...]] = {}
        self._capacity: dict[int, int | None] = {}
        for unit in units:
            pools = list(unit.pools.all())
            self._pools[unit.pk] = tuple(pool.pk for pool in pools)
            self._capacity |= {pool.pk: pool.capacity for pool in pools}
        self.taken: Counter[tuple[int, date]] = Counter()
        known = DayPlaces.objects.filter(pool__in=self._capacity)
        for pool, day, taken, held in known.values_list("pool", "day", "taken", "held"):
            self.taken[pool, day] = taken + held

    def take(self, units: Iterable[int], day: date) -> bool:
        """Take a place in each pool of these units, or in none."""
        wanted = Counter(pool for unit in units for pool in self._pools[unit])
        for pool, places in wanted.items():
            capacity = self._capacity[pool]
            if capacity is not None and self.taken[pool, day] + places > capacity:
                return False
        for pool, places in wanted.items():
            self.taken[pool, day] += places
        return True

    def save(self) -> None:
        """Write the counts of every day that has one."""
        counted = sorted(key for key, taken in self.taken.items() if taken)
        with connection.cursor() as cursor:
            cursor.execute(
                _SAVE_PLACES,
                [
                    [pool for pool, _ in counted],
                    [day for _, day in counted],
                    [self.taken[key] for key in counted],
                ],
            )


def copy_bookings(
    wanted: Iterable[Wanted],
    *,
    places: Places,
    prices: PriceBook,
    situations: Mapping[int, Situations],
    tell: Callable[[int], None],
) -> int:
    """Write what fits and return how many rows there are, cancelled ones included. `tell` hears the count go up.

    `situations` by key of family: who each is when it is priced.
    """
    written = 0
    rows = _rows(wanted, places=places, prices=prices, situations=situations)
    with connection.cursor() as cursor, _keys_of_our_own(cursor):
        while chunk := list(islice(rows, CHUNK)):
            with cursor.copy(_COPY) as copy:
                copy.write("".join(chunk))
            written += len(chunk)
            tell(written)
    return written


@contextmanager
def _keys_of_our_own(cursor: Any) -> Iterator[None]:
    """Spare PostgreSQL eight look-ups a row: every key comes from a row that this very transaction wrote.

    Only a superuser may say so; for another role the keys are checked with each chunk, so that memory stays small.
    Unique indexes and CHECK constraints hold in both cases.
    """
    cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    if not cursor.fetchone()[0]:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        yield
        return
    cursor.execute("SET LOCAL session_replication_role = replica")
    yield
    # After an error the transaction is lost, and the setting with it.
    cursor.execute("SET LOCAL session_replication_role = origin")


def _rows(
    wanted: Iterable[Wanted], *, places: Places, prices: PriceBook, situations: Mapping[int, Situations]
) -> Iterator[str]:
    """Lines of COPY's text format. The price of one situation on one day is written once."""
    tails: dict[tuple[int, date, int], str] = {}
    for wish in wanted:
        if wish.cancelled_at is None and not places.take(wish.units, wish.day):
            continue
        guest = wish.guest
        cancelled = "\\N\t\\N"
        state = BookingState.BOOKED.value
        if wish.cancelled_at is not None:
            state = BookingState.CANCELLED.value
            cancelled = f"{wish.cancelled_at.isoformat()}\t{guest.account}"
        for unit in wish.units:
            situation = situations[guest.family].of(guest.child, unit, wish.day)
            # The price book keeps each situation alive: its identity names it.
            key = (unit, wish.day, id(situation))
            if key not in tails:
                price = prices.price(unit, wish.day, situation)
                # A backslash of JSON is one more for COPY.
                steps = json.dumps(price.explanation, ensure_ascii=False).replace("\\", "\\\\")
                tails[key] = f"{price.version_key}\t{price.amount}\t{steps}"
            yield (
                f"{guest.child}\t{unit}\t{wish.day}\t{guest.enrolment}\t{guest.family}\t{state}\t"
                f"{BookingSource.PATTERN.value}\t{tails[key]}\t{wish.booked_at.isoformat()}\t{guest.account}\t"
                f"{cancelled}\n"
            )

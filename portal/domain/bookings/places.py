"""Taking and giving back places, under lock.

Five rules, for every verb that moves places:

1. Rows of `DayPlaces` are locked last, after the draft (or its family) and the children; only the receipt counter
   comes later. Nothing that waits holds what others need.
2. All the rows of a transaction are locked by one query, in (pool, day) order, once. Giving back locks too: an update
   of several rows would take them in any order.
3. Counts are read by the lock, and only those decide. What a page shows was true when it was read.
4. A cell takes a place in each of its unit's pools, or in none.
5. The CHECK of the table is the last wall: without the lock a race would end there, in an error.

Places that come back all come back here. Whoever keeps a line for them (`register_keeper`) is asked at once, under the
same lock, how many are for the line: those stay held, and nobody books them past it.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date
from types import MappingProxyType

from django.db import connection
from django.db.models import Q

from portal.domain.bookings.models import DayPlaces
from portal.domain.bookings.room import PlaceKey, Room

# A row is born empty, with the capacity of its pool, the first time somebody needs it. In order, so that two
# transactions that create rows never wait for each other in a ring; the pool is shared, so that an agent who changes
# its capacity meanwhile waits for the row, or the row for the new capacity.
_CREATE = """
    INSERT INTO bookings_dayplaces (pool_id, day, capacity, taken, held)
    SELECT pool.id, wanted.day, pool.capacity, 0, 0
      FROM unnest(%s::bigint[], %s::date[]) AS wanted (pool_id, day)
      JOIN activities_placepool AS pool ON pool.id = wanted.pool_id
     WHERE NOT EXISTS (
           SELECT 1 FROM bookings_dayplaces AS known
            WHERE known.pool_id = wanted.pool_id AND known.day = wanted.day)
     ORDER BY pool.id, wanted.day
       FOR SHARE OF pool
        ON CONFLICT (pool_id, day) DO NOTHING
"""

# Places beyond the capacity are granted by name (`Room.add_place`), never by being exceeded: the CHECK refuses that.
# They last as long as they are in use, so the next place that comes back takes one of them away.
_APPLY = """
    UPDATE bookings_dayplaces AS places
       SET taken = places.taken + change.taken, held = places.held + change.held,
           extra = LEAST(
               places.extra + change.extra,
               GREATEST(0, places.taken + change.taken + places.held + change.held - places.capacity)
           )
      FROM unnest(%s::bigint[], %s::date[], %s::int[], %s::int[], %s::int[])
           AS change (pool_id, day, taken, held, extra)
     WHERE places.pool_id = change.pool_id AND places.day = change.day
"""

_NOTHING: Mapping[PlaceKey, int] = MappingProxyType({})

Keeper = Callable[[Mapping[PlaceKey, int]], Mapping[PlaceKey, int]]
"""Places that come back, by (pool, day), all positive → those of them that are kept: they go on counting as held.

Called in the transaction that gives them back, its rows locked; it writes down what it keeps.
"""

_keepers: list[Keeper] = []

#: More places than any pool has: a limit was lifted.
NO_LIMIT = 1_000_000


def register_keeper(keeper: Keeper) -> None:
    """Say who is asked before places that come back are anybody's. The last one counts."""
    _keepers[:] = [keeper]


def needed(cells: Iterable[tuple[Collection[int], date]]) -> set[PlaceKey]:
    """The rows that these (pools, day) consume."""
    return {(pool, day) for pools, day in cells for pool in pools}


def lock_places(keys: Collection[PlaceKey]) -> Room:
    """Lock the rows of these (pool, day) and give their room: two queries, none without keys."""
    if not keys:
        return Room({})
    _create_missing(keys)
    return Room(_lock_rows(keys))


def save_places(room: Room, *, keeping: bool = True) -> None:
    """Write what was granted and given back since the lock, in one query at most.

    Places that come back are shown to the keeper first, who may keep them held for a line; `keeping` is false for the
    keeper's own verb, which has already asked the line.
    """
    moves = {key: (room.taken[key], room.held[key]) for key in room.taken.keys() | room.held.keys()}
    back = {key: places for key, (taken, held) in moves.items() if (places := -(taken + held) - room.beyond(key)) > 0}
    for key, places in _kept(back if keeping else {}).items():
        taken, held = moves[key]
        moves[key] = (taken, held + places)
    _apply(moves, room.extra)


def keep_for_the_line(back: Mapping[PlaceKey, int]) -> None:
    """Show the keeper places that come back otherwise than by a `Room`; the caller has locked their rows."""
    _apply({key: (0, places) for key, places in _kept(back).items()})


def _kept(back: Mapping[PlaceKey, int]) -> Mapping[PlaceKey, int]:
    return _keepers[0](back) if back and _keepers else {}


def _apply(moves: Mapping[PlaceKey, tuple[int, int]], extra: Mapping[PlaceKey, int] = _NOTHING) -> None:
    changed = sorted(key for key, move in moves.items() if any(move))
    if not changed:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _APPLY,
            [
                [pool for pool, _ in changed],
                [day for _, day in changed],
                [moves[key][0] for key in changed],
                [moves[key][1] for key in changed],
                [extra.get(key, 0) for key in changed],
            ],
        )


def _create_missing(keys: Collection[PlaceKey]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_CREATE, [[pool for pool, _ in keys], [day for _, day in keys]])


def _lock_rows(keys: Collection[PlaceKey]) -> dict[PlaceKey, int | None]:
    days: dict[int, list[date]] = defaultdict(list)
    for pool, day in keys:
        days[pool].append(day)
    wanted = Q()
    for pool in sorted(days):
        wanted |= Q(pool=pool, day__in=sorted(days[pool]))
    rows = (
        DayPlaces.objects.select_for_update(of=("self",), no_key=True)
        .filter(wanted)
        .order_by("pool", "day")
        .values_list("pool", "day", "capacity", "taken", "held")
    )
    return {
        (pool, day): None if capacity is None else capacity - taken - held for pool, day, capacity, taken, held in rows
    }

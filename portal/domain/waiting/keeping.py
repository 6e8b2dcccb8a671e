"""Places that come back where somebody waits are kept for the line, in the transaction that gives them back.

Between that instant and the one when the line is asked (`serving.serve_day`, once the transaction is committed) they
count as held: a booking finds the day full, and nobody goes past the line.
"""

from collections.abc import Mapping
from datetime import date

from django.db import connection, transaction

from portal.domain.bookings.room import PlaceKey
from portal.domain.waiting.tasks import serve_days

# As many as wait, less what is already kept. The rows of these days are locked: nobody joins or leaves meanwhile.
_KEEP = """
    INSERT INTO waiting_keptplaces (pool_id, day, places)
    SELECT back.pool_id, back.day, LEAST(back.places, line.length - COALESCE(kept.places, 0))
      FROM unnest(%s::bigint[], %s::date[], %s::int[]) AS back (pool_id, day, places)
      JOIN LATERAL (
           SELECT COUNT(*)::int AS length FROM waiting_waitingentry AS entry
            WHERE entry.state = 'waiting' AND entry.day = back.day AND entry.pools @> ARRAY[back.pool_id]
           ) AS line ON TRUE
      LEFT JOIN waiting_keptplaces AS kept ON kept.pool_id = back.pool_id AND kept.day = back.day
     WHERE line.length > COALESCE(kept.places, 0)
     ORDER BY back.pool_id, back.day
        ON CONFLICT (pool_id, day) DO UPDATE SET places = waiting_keptplaces.places + EXCLUDED.places
    RETURNING pool_id, day, places
"""

# What was kept before, to tell how many of the row are new.
_BEFORE = """
    SELECT kept.pool_id, kept.day, kept.places
      FROM waiting_keptplaces AS kept
      JOIN unnest(%s::bigint[], %s::date[]) AS back (pool_id, day)
        ON back.pool_id = kept.pool_id AND back.day = kept.day
"""


def keep(back: Mapping[PlaceKey, int]) -> Mapping[PlaceKey, int]:
    """How many of the places that come `back` are kept, by (pool, day); those days are served after the commit.

    One query where nobody waits.
    """
    if not _somebody_waits(back):
        return {}
    keys = sorted(back)
    pools, days = [pool for pool, _ in keys], [day for _, day in keys]
    with connection.cursor() as cursor:
        cursor.execute(_BEFORE, [pools, days])
        before = {(pool, day): places for pool, day, places in cursor.fetchall()}
        cursor.execute(_KEEP, [pools, days, [back[key] for key in keys]])
        kept = {(pool, day): places - before.get((pool, day), 0) for pool, day, places in cursor.fetchall()}
    if kept:
        serve_soon({day for _, day in kept})
    return kept


def _somebody_waits(back: Mapping[PlaceKey, int]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM waiting_waitingentry WHERE state = 'waiting' AND day = ANY(%s::date[]))",
            [sorted({day for _, day in back})],
        )
        (found,) = cursor.fetchone()
    return bool(found)


def serve_soon(days: set[date]) -> None:
    """Ask the lines of these days once this transaction is committed; the sweep of each minute does it otherwise."""
    names = [day.isoformat() for day in sorted(days)]
    transaction.on_commit(lambda: serve_days.delay(names), robust=True)

"""Drafts whose time is over give their places back; their choices stay.

By beat every minute, and before that by whoever needs a place. Always in a transaction of its own, so that places are
locked once by each transaction, and always skipping a draft that somebody is working on.
"""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, QuerySet

from portal.domain.bookings.models import Basket, BasketLine
from portal.domain.bookings.places import lock_places, save_places
from portal.domain.families.models import Family

#: Small, because every row of these drafts' days stays locked until the batch is written.
BATCH = 50

_TAKE_OUT = """
    WITH gone AS (DELETE FROM bookings_basketline WHERE id = ANY(%s) RETURNING basket_id)
    UPDATE bookings_basket SET version = version + 1 WHERE id IN (SELECT basket_id FROM gone) RETURNING id
"""


def release_lapsed_drafts(*, at: datetime) -> int:
    """Release every draft whose time is over at `at`; gives their number. Running twice changes nothing."""
    released = 0
    while batch := release(Basket.objects.all(), at=at):
        released += batch
    return released


def release_drafts_in_the_way(*, family: Family, days: Collection[date] | QuerySet[Any, Any], at: datetime) -> int:
    """Release the lapsed drafts of others that still count as holding a place on one of these days."""
    holding = BasketLine.objects.filter(holding=True, day__in=days).exclude(basket__family=family)
    return release(Basket.objects.filter(pk__in=holding.values("basket")), at=at)


@transaction.atomic
def release(drafts: QuerySet[Basket], *, at: datetime) -> int:
    """Release those of these drafts whose time is over, `BATCH` at most; gives their number."""
    lapsed = list(
        drafts.filter(lapsed_at=None, expires_at__lte=at)
        .select_for_update(of=("self",), no_key=True, skip_locked=True)
        .order_by("expires_at", "pk")
        .values_list("pk", flat=True)[:BATCH]
    )
    if not lapsed:
        return 0
    give_back(lapsed)
    BasketLine.objects.filter(basket__in=lapsed, holding=True).update(holding=False)
    Basket.objects.filter(pk__in=lapsed).update(lapsed_at=at)
    return len(lapsed)


@transaction.atomic
def release_stuck_draft(*, basket: int, at: datetime) -> int:
    """Give back what one draft holds although its time is over at `at`, even when its row says that it already lapsed;
    how many lines held. A draft that is live again, or gone, keeps what it has. Running twice changes nothing.
    """
    locked = Basket.objects.select_for_update(of=("self",), no_key=True).filter(pk=basket).first()
    if locked is None or locked.is_live(at=at):
        return 0
    give_back([basket])
    released = BasketLine.objects.filter(basket=basket, holding=True).update(holding=False)
    Basket.objects.filter(pk=basket, lapsed_at=None).update(lapsed_at=at)
    return released


def erase_draft(basket: Basket) -> int:
    """Delete a locked draft and its lines; gives their number. Its places are the caller's business."""
    with connection.cursor() as cursor:
        # The ORM would read every line first, to tell listeners that have no interest in drafts.
        cursor.execute(
            "WITH weeks AS (DELETE FROM bookings_basketweek WHERE basket_id = %s) "
            "DELETE FROM bookings_basketline WHERE basket_id = %s",
            [basket.pk, basket.pk],
        )
        lines = cursor.rowcount
        cursor.execute("DELETE FROM bookings_basket WHERE id = %s", [basket.pk])
    return int(lines)


def take_out(lines: Collection[int]) -> None:
    """Take those lines (keys) out of their drafts, locked by the caller, in two queries.

    A recap on somebody's screen is not the draft any more; a draft that has nothing left goes. Places are the caller's
    business.
    """
    if not lines:
        return
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_OUT, [[*lines]])
        cursor.execute(
            "DELETE FROM bookings_basket WHERE NOT EXISTS"
            " (SELECT 1 FROM bookings_basketline AS line WHERE line.basket_id = bookings_basket.id)"
            " AND id = ANY(%s)",
            [[key for (key,) in cursor.fetchall()]],
        )


def give_back(drafts: Collection[int]) -> None:
    """Count the places held by these drafts as free. The caller has locked them and rewrites their lines."""
    holds = list(
        BasketLine.objects.filter(basket__in=drafts, holding=True, unit__pools__isnull=False)
        .values_list("unit__pools", "day")
        .annotate(places=Count("pk"))
        .order_by()
    )
    room = lock_places({(pool, day) for pool, day, _ in holds})
    for pool, day, places in holds:
        for _ in range(places):
            room.release((pool,), day)
    save_places(room)

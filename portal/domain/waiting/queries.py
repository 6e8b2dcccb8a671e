"""Reading lines: those of a family, the cells of a planning, what an agent sees of a day."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import connection
from django.db.models import Count, QuerySet

from portal.domain.activities.models import Unit
from portal.domain.bookings.codes import CellKey
from portal.domain.bookings.models import Booking
from portal.domain.bookings.rows import label_of, read_units
from portal.domain.families.models import Child, Family
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.clock import to_utc
from portal.domain.waiting.enums import LIVE_STATES, EntryState, GiftState, OfferState
from portal.domain.waiting.giving import Giving, plan_gift
from portal.domain.waiting.judging import context_of, judge, limits_of
from portal.domain.waiting.models import Offer, PlaceGift, WaitingEntry
from portal.domain.waiting.terms import sentences, terms_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from portal.domain.accounts.models import User

# Two entries stand in one line when a place that comes back may be for both: same day, a pool in common.
_RANKS = """
    SELECT entry.id,
           (SELECT COUNT(*) FROM waiting_waitingentry AS other
             WHERE other.state = 'waiting' AND other.day = entry.day AND other.pools && entry.pools),
           (SELECT COUNT(*) FROM waiting_waitingentry AS other
             WHERE other.state = 'waiting' AND other.day = entry.day AND other.pools && entry.pools
               AND (other.precedence, other.joined_at, other.id) < (entry.precedence, entry.joined_at, entry.id))
      FROM waiting_waitingentry AS entry
     WHERE entry.id = ANY(%s::bigint[]) AND entry.state = 'waiting'
"""

_MARKS = """
    SELECT entry.child_id, entry.unit_id, entry.day, entry.state, offer.key, offer.expires_at,
           (SELECT COUNT(*) FROM waiting_waitingentry AS other
             WHERE other.state = 'waiting' AND other.day = entry.day AND other.pools && entry.pools),
           (SELECT COUNT(*) FROM waiting_waitingentry AS other
             WHERE other.state = 'waiting' AND other.day = entry.day AND other.pools && entry.pools
               AND (other.precedence, other.joined_at, other.id) < (entry.precedence, entry.joined_at, entry.id))
      FROM waiting_waitingentry AS entry
      LEFT JOIN waiting_offer AS offer ON offer.id = entry.offer_id
     WHERE entry.family_id = %(family)s AND entry.state IN ('waiting', 'offered')
       AND entry.day BETWEEN %(first)s AND %(last)s
     UNION ALL
    SELECT booking.child_id, booking.unit_id, booking.day, 'given', gift.key, gift.closes_at, 0, 0
      FROM waiting_placegift AS gift
      JOIN bookings_booking AS booking ON booking.id = gift.booking_id
     WHERE gift.family_id = %(family)s AND gift.state = 'open' AND booking.day BETWEEN %(first)s AND %(last)s
"""


@dataclass(frozen=True, slots=True)
class Mark:
    """What a planning says of a cell: waiting at `rank` of `length`, a place offered (`offer`, until `until`), or its
    booked place given to whoever waits (`given`).
    """

    rank: int = 0
    length: int = 0
    offer: UUID | None = None
    until: datetime | None = None
    given: bool = False


@dataclass(frozen=True, slots=True)
class CellLine:
    """What may be done about one cell: wait for it (`joinable`), or offer its booked place (`giving`)."""

    joinable: bool = False
    exchanged: bool = False
    giving: Giving | None = None


@dataclass(frozen=True, slots=True)
class MyEntry:
    """An entry as its family reads it; without rank once a place is offered."""

    entry: WaitingEntry
    rank: int = 0
    length: int = 0


def marks(*, family: Family, days: DateRange) -> dict[str, Mark]:
    """What the lines say of the cells of these days, by code; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_MARKS, {"family": family.pk, "first": days.first, "last": days.last})
        found = {}
        for child, unit, day, state, key, until, length, ahead in cursor.fetchall():
            code = CellKey(child, unit, day).code
            if state == "given":
                found[code] = Mark(given=True, until=until)
            elif state == EntryState.OFFERED:
                found[code] = Mark(offer=key, until=until)
            else:
                found[code] = Mark(rank=ahead + 1, length=length)
    return found


def cell_line(*, family: Family, user: "User", code: str, at: datetime) -> CellLine:
    """What the line offers for this cell, places apart: the page knows whether it is full. Raises UnknownCell.

    `exchanged`: the booking deadline is over, only a place that changes hands may come.
    """
    key = CellKey.parse(code)
    context = context_of(family, [key], user=user, at=at)
    context.check({key})
    unit = context.units[key.unit_id]
    terms = terms_of([unit]).get(key.unit_id)
    limits = limits_of(context, unit, key.day, terms)
    if key in context.booked:
        giving = plan_gift(family=family, code=code, by=user, at=at) if limits.exchange is not None else None
        return CellLine(giving=giving)
    if terms is None or not (unit.shown and unit.editable):
        return CellLine()
    verdict = judge(context, key, at=at, limits=limits)
    return CellLine(joinable=verdict.refusal is None, exchanged=to_utc(limits.booking) <= to_utc(at))


def my_entries(*, user: "User | AnonymousUser", family: Family, day: date | None = None) -> list[MyEntry]:
    """What this account sees of the family's live entries, by day, with their rank; two queries."""
    rows = WaitingEntry.objects.visible_to(user).live().filter(family=family)
    if day is not None:
        rows = rows.filter(day=day)
    entries = list(
        rows.select_related("child", "unit__activity__service", "offer").order_by("day", "child__birth_date", "pk")
    )
    ranks = ranks_of([entry.pk for entry in entries])
    return [MyEntry(entry, *ranks.get(entry.pk, (0, 0))) for entry in entries]


def ranks_of(entries: Collection[int]) -> dict[int, tuple[int, int]]:
    """(rank, length of the line) of those of these entries (keys) that wait; one query, none without any."""
    if not entries:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_RANKS, [list(entries)])
        return {key: (ahead + 1, length) for key, length, ahead in cursor.fetchall()}


def find_entry(*, user: "User | AnonymousUser", family: Family, key: UUID) -> MyEntry | None:
    """One of them, live or not; None for anybody else's."""
    rows = WaitingEntry.objects.visible_to(user).filter(family=family, key=key)
    entry = rows.select_related("child", "unit__activity__service", "offer").first()
    return None if entry is None else MyEntry(entry, *ranks_of([entry.pk]).get(entry.pk, (0, 0)))


def past_entries(*, user: "User | AnonymousUser", family: Family, limit: int) -> list[WaitingEntry]:
    """The last ones that ended."""
    rows = WaitingEntry.objects.visible_to(user).filter(family=family).exclude(state__in=LIVE_STATES)
    return list(rows.select_related("child", "unit__activity").order_by("-changed_at", "-pk")[:limit])


def find_offer(*, user: "User | AnonymousUser", family: Family, key: UUID) -> Offer | None:
    """An offer made to this family, about children whom this account may see; None for anybody else's."""
    offer = (
        Offer.objects.filter(family=family, key=key)
        .select_related("family", "unit__activity__service", "receipt", "gift")
        .prefetch_related("entries__child", "places")
        .first()
    )
    if offer is None:
        return None
    mine = WaitingEntry.objects.visible_to(user).filter(offer=offer).count()
    return offer if mine == len(offer.entries.all()) else None


def open_offers(*, user: "User | AnonymousUser", family: Family, at: datetime) -> Sequence[Offer]:
    """What the family has to answer, the soonest first; two queries."""
    rows = Offer.objects.filter(
        family=family,
        state=OfferState.OPEN,
        expires_at__gt=at,
        entries__in=WaitingEntry.objects.visible_to(user).filter(family=family),
    ).distinct()
    return list(rows.select_related("unit__activity").prefetch_related("entries__child").order_by("expires_at", "pk"))


def open_gift(*, family: Family, booking: Booking) -> PlaceGift | None:
    """The place of that booking while the family offers it."""
    return PlaceGift.objects.filter(family=family, booking=booking, state=GiftState.OPEN).first()


def with_a_line(units: Collection[int]) -> frozenset[int]:
    """Those of these units (keys) for which the town opened a line; two queries."""
    found, _relations = read_units(activities=[], units=units)
    return frozenset(terms_of(found[unit] for unit in units if unit in found))


def sentences_of(unit: int) -> list[str]:
    """How the line of a unit (key) works, for families; nothing where it is closed."""
    units, _relations = read_units(activities=[], units=[unit])
    terms = terms_of([units[unit]]).get(unit) if unit in units else None
    return sentences(terms) if terms is not None else []


@dataclass(frozen=True, slots=True)
class OfferedLine:
    """What an acceptance would book: whom, what, at which price of today; None without tariff."""

    child_name: str
    label: str
    amount: Decimal | None


def offered_prices(*, offer: Offer, user: "User", at: datetime) -> list[OfferedLine]:
    """What accepting would book at `at`, with what the town books along."""
    entries = list(offer.entries.all())
    cells = [CellKey(place.child_id, place.unit_id, offer.day) for place in offer.places.all()]
    cells = cells or [CellKey(entry.child_id, entry.unit_id, offer.day) for entry in entries]
    context = context_of(offer.family, cells, user=user, at=at)
    context.together(cells)
    lines = []
    for key in cells:
        if key.child_id not in context.children or key.unit_id not in context.units:
            continue
        price = context.price(key)
        child, unit = context.children[key.child_id], context.units[key.unit_id]
        lines.append(OfferedLine(child.first_name, unit.label, price.amount if price else None))
    return lines


def my_gifts(*, user: "User | AnonymousUser", family: Family, limit: int) -> list[PlaceGift]:
    """The places that the family offers, about children whom this account may see, those still open first."""
    rows = PlaceGift.objects.filter(family=family, booking__child__in=Child.objects.visible_to(user).values("pk"))
    rows = rows.select_related("booking__child", "booking__unit__activity")
    gifts = list(rows.order_by("-given_at", "-pk")[:limit])
    return sorted(gifts, key=lambda gift: gift.state != GiftState.OPEN)


def labels_of(units: Collection[int]) -> dict[int, str]:
    """What families call these units (keys); one query."""
    alone = Count("activity__units")
    rows = Unit.objects.filter(pk__in=units).annotate(siblings=alone)
    return {
        pk: label_of(activity, unit, alone=siblings == 1)
        for pk, activity, unit, siblings in rows.values_list("pk", "activity__short_name", "name", "siblings")
    }


def waiting_entries() -> "QuerySet[WaitingEntry]":
    """Every live entry, for the door that narrows it to an agent's places."""
    rows = WaitingEntry.objects.live()
    return rows.select_related("family", "child", "unit__activity__structure", "offer")


def days_with_lines(rows: "QuerySet[WaitingEntry]", *, since: date) -> list[tuple[date, int]]:
    """The days from `since` on for which some of these entries wait or have an offer, with how many; one query."""
    counted = rows.order_by().filter(day__gte=since).values_list("day").annotate(entries=Count("pk"))
    return list(counted.order_by("day"))


def line_of_day(rows: "QuerySet[WaitingEntry]", day: date) -> list[WaitingEntry]:
    """Those of one day as they would be served, open offers first; one query."""
    found = rows.filter(day=day).select_related("family", "child", "unit__activity__structure", "offer")
    return sorted(found, key=lambda entry: (entry.state != EntryState.OFFERED, *entry.place_in_line))

"""Asking the line of a day: who is next gets the places that came back, held until they answer.

All the lines of a day are asked together, under the lock of all their places: units share pools, and a place that came
back may be for several of them. What each child may book is judged before the lock; whoever must be judged once it is
held makes the whole start again, so that nothing slow is done while others wait.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from portal.domain.accounts.models import User
from portal.domain.activities.relations import Relations
from portal.domain.bookings.context import BookableUnit
from portal.domain.bookings.enums import BookingState
from portal.domain.bookings.models import Booking
from portal.domain.bookings.places import lock_places, save_places
from portal.domain.bookings.rows import read_units
from portal.domain.kernel.clock import to_utc
from portal.domain.kernel.refusals import Refusal
from portal.domain.language import in_french
from portal.domain.waiting import notifications, offers
from portal.domain.waiting.enums import EntryState, GiftState, OfferState
from portal.domain.waiting.judging import SETTLING, Limits, Verdict, judge_entries, pools_needed
from portal.domain.waiting.models import KeptPlaces, Offer, OfferPlace, PlaceGift, WaitingEntry
from portal.domain.waiting.ranking import rank_again
from portal.domain.waiting.rules import Party, expiry, in_order
from portal.domain.waiting.terms import Terms, terms_of

#: How many parties are judged at a time, ahead of the lock.
AHEAD = 5
#: An entry whose turn was passed is looked at again after that, when places are left.
AGAIN = timedelta(hours=1)
#: How much of a line the journal keeps with an offer.
_WRITTEN = 50

_DUE = """
    SELECT day FROM waiting_keptplaces
     UNION
    SELECT day FROM waiting_offer WHERE state = 'open' AND expires_at <= %(at)s
     UNION
    SELECT booking.day FROM waiting_placegift AS gift JOIN bookings_booking AS booking ON booking.id = gift.booking_id
     WHERE gift.state = 'open'
       AND (gift.closes_at <= %(at)s OR booking.state <> 'booked' OR booking.place_given_back_at IS NOT NULL
            OR NOT EXISTS (SELECT 1 FROM waiting_offer WHERE gift_id = gift.id AND state = 'open')
               AND EXISTS (SELECT 1 FROM waiting_waitingentry AS entry
                            WHERE entry.unit_id = booking.unit_id AND entry.day = booking.day
                              AND entry.state = 'waiting'
                              AND (entry.passed_at IS NULL OR entry.passed_at <= %(again)s)))
     UNION
    SELECT entry.day FROM waiting_waitingentry AS entry
      JOIN bookings_booking AS booking ON booking.child_id = entry.child_id AND booking.unit_id = entry.unit_id
                                      AND booking.day = entry.day AND booking.state = 'booked'
     WHERE entry.state IN ('waiting', 'offered')
     UNION
    SELECT entry.day FROM waiting_waitingentry AS entry
     WHERE entry.state = 'waiting'
       AND (entry.closes_at <= %(at)s
            OR (entry.passed_at IS NULL OR entry.passed_at <= %(again)s)
               AND NOT EXISTS (SELECT 1 FROM bookings_dayplaces AS places
                                WHERE places.pool_id = ANY(entry.pools) AND places.day = entry.day
                                  AND places.capacity <= places.taken + places.held))
     ORDER BY 1
"""


def sweep(*, at: datetime) -> int:
    """Serve every day on which something is due at `at`, then tell, once and together, what is over; how many days.

    Run every minute: nothing is lost if the message that follows a commit was.
    """
    days = due_days(at)
    for day in days:
        serve_day(day=day, at=at)
    tell_over(at=at)
    return len(days)


def due_days(at: datetime) -> list[date]:
    """The days with places kept, an offer over, something to close, or a place that somebody in line could take."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE, {"at": at, "again": at - AGAIN})
        return [day for (day,) in cursor.fetchall()]


@in_french()
def serve_day(*, day: date, at: datetime) -> int:
    """Bring the lines of a day up to date at `at`, and give how many offers were made.

    Offers whose time is over lapse; entries of children booked meanwhile, and those of a day that is over, leave the
    line; what came back goes to the first whom the rules still allow, each told. Nobody is booked here. Running twice
    changes nothing.
    """
    seen = _Seen(day)
    while True:
        try:
            with transaction.atomic():
                return _Serving(seen, at).run()
        except _Moved:
            continue
        except _Unjudged as unjudged:
            seen.verdicts |= judge_entries(unjudged.entries, seen.terms, at=at)


@transaction.atomic
@in_french()
def tell_over(*, at: datetime) -> int:
    """Tell each family, in one message, the days for which nobody can be booked any more; how many entries."""
    rows = WaitingEntry.objects.filter(state=EntryState.OVER, told_at=None).select_for_update(
        of=("self",), skip_locked=True
    )
    over = list(rows.select_related("family", "child", "unit__activity").order_by("family", "day", "pk"))
    by_family: dict[int, list[WaitingEntry]] = {}
    for entry in over:
        by_family.setdefault(entry.family_id, []).append(entry)
    for entries in by_family.values():
        notifications.tell_over(entries, at=at)
    WaitingEntry.objects.filter(pk__in=[entry.pk for entry in over]).update(told_at=at)
    return len(over)


@dataclass(slots=True)
class _Seen:
    """What was read of a day before its places were locked."""

    day: date
    asked: set[int] = field(default_factory=set)
    units: dict[int, BookableUnit] = field(default_factory=dict)
    relations: Relations = field(default_factory=Relations)
    terms: dict[int, Terms] = field(default_factory=dict)
    verdicts: dict[int, tuple[Verdict, Limits]] = field(default_factory=dict)

    def read(self) -> None:
        """The units that the day is about, when some are not known yet."""
        live = WaitingEntry.objects.live().filter(day=self.day).values_list("unit", flat=True)
        held = OfferPlace.objects.filter(offer__state=OfferState.OPEN, offer__day=self.day)
        wanted = {*live, *held.values_list("unit", flat=True)}
        if wanted - self.asked:
            self.asked |= wanted
            self.units, self.relations = read_units(activities=[], units=self.asked)
            self.terms = terms_of(self.units[unit] for unit in self.asked if unit in self.units)

    def pools(self) -> set[int]:
        """Every pool that the lines of the day may move."""
        found = set(KeptPlaces.objects.filter(day=self.day).values_list("pool", flat=True))
        for pools in WaitingEntry.objects.live().filter(day=self.day).values_list("pools", flat=True):
            found |= {*pools}
        for unit in self.asked:
            found |= {*pools_needed(self.units, self.relations, unit)}
        return found


class _Unjudged(Exception):
    """These entries come next and nobody has looked at them yet."""

    def __init__(self, entries: Iterable[WaitingEntry]) -> None:
        super().__init__()
        self.entries = list(entries)


class _Moved(Exception):
    """The line needs places that were not locked: somebody joined meanwhile."""


class _Serving:
    """One pass over the lines of one day, its places locked."""

    def __init__(self, seen: _Seen, at: datetime) -> None:
        self.seen = seen
        self.day = seen.day
        self.at = at
        self.by = User.objects.system()
        self.made = 0

    def run(self) -> int:
        self.seen.read()
        keys = self.seen.pools()
        self.room = lock_places({(pool, self.day) for pool in keys})
        known = set(self.seen.asked)
        self.seen.read()
        if self.seen.asked != known or self.seen.pools() - keys:
            raise _Moved
        self._take_kept()
        self._lapse_offers()
        self._settle_booked()
        self._close_gifts()
        entries = list(self._live().filter(state=EntryState.WAITING).order_by("pk"))
        self._renew_pools(entries)
        rank_again(entries, self.seen.terms)
        self._serve(self._without_over(entries))
        # What is left after the line was asked is everybody's.
        save_places(self.room, keeping=False)
        return self.made

    def _live(self) -> "QuerySet[WaitingEntry]":
        rows = WaitingEntry.objects.live().filter(day=self.day)
        return rows.select_related("family", "child", "unit__activity")

    # What came back

    def _take_kept(self) -> None:
        """Places kept for the line are there to be given, once."""
        kept = KeptPlaces.objects.filter(day=self.day)
        for pool, places in kept.values_list("pool", "places"):
            for _ in range(places):
                self.room.release((pool,), self.day)
        kept.delete()

    def _open_offers(self) -> "QuerySet[Offer]":
        rows = Offer.objects.filter(day=self.day, state=OfferState.OPEN).select_related("family", "unit__activity")
        return rows.prefetch_related("places", "entries__child").order_by("pk")

    def _lapse_offers(self) -> None:
        for offer in self._open_offers().filter(expires_at__lte=self.at):
            offers.release(self.room, offer, self.seen.units)
            offers.close(
                offer, OfferState.LAPSED, by=self.by, at=self.at, verb="lapse_offer", entries=offer.entries.all()
            )
            notifications.tell_lapsed(offer, at=self.at)

    def _settle_booked(self) -> None:
        """Whoever is booked otherwise waits no more; an offer made to them comes back."""
        booked = set(
            Booking.objects.booked()
            .filter(day=self.day, child__in=self._live().values("child"))
            .values_list("child", "unit")
        )
        settled = [entry for entry in self._live() if (entry.child_id, entry.unit_id) in booked]
        if not settled:
            return
        keys = {entry.pk for entry in settled}
        for offer in self._open_offers().filter(entries__in=keys).distinct():
            self._withdraw(offer)
        WaitingEntry.objects.filter(pk__in=keys).update(state=EntryState.SETTLED, changed_at=self.at)

    def _withdraw(self, offer: Offer) -> None:
        """There is nothing to answer any more; who still waits is back in the line, at their rank."""
        offers.release(self.room, offer, self.seen.units)
        offers.withdraw(offer, by=self.by, at=self.at)

    def _close_gifts(self) -> None:
        """Gifts whose time is over, or whose booking holds a place no more."""
        rows = PlaceGift.objects.filter(state=GiftState.OPEN, booking__day=self.day).select_related(
            "booking__child", "booking__unit__activity", "family"
        )
        gone = ~Q(booking__state=BookingState.BOOKED) | Q(booking__place_given_back_at__isnull=False)
        for gift in rows.filter(gone | Q(closes_at__lte=self.at)).order_by("pk"):
            for offer in self._open_offers().filter(gift=gift):
                self._withdraw(offer)
                notifications.tell_withdrawn(offer, at=self.at)
            booking = gift.booking
            kept = booking.state == BookingState.BOOKED and booking.place_given_back_at is None
            gift.state = GiftState.OVER if kept else GiftState.WITHDRAWN
            gift.closed_at = self.at
            gift.save(update_fields=["state", "closed_at"])
            if kept:
                notifications.tell_not_taken(gift, at=self.at)

    # The line

    def _renew_pools(self, entries: Collection[WaitingEntry]) -> None:
        """What the town changed since they joined: a unit's pools, or what it is booked with."""
        for entry in entries:
            pools = pools_needed(self.seen.units, self.seen.relations, entry.unit_id)
            if pools != entry.pools:
                entry.pools = pools
                entry.save(update_fields=["pools"])

    def _without_over(self, entries: list[WaitingEntry]) -> list[WaitingEntry]:
        """Those for whom the day is still open; the others leave the line, told by the sweep."""
        ending = [entry for entry in entries if to_utc(entry.closes_at) <= to_utc(self.at)]
        self._judged(ending)
        over = []
        for entry in ending:
            entry.closes_at = self.seen.verdicts[entry.pk][1].last
            if to_utc(entry.closes_at) <= to_utc(self.at):
                over.append(entry)
                entry.state, entry.changed_at = EntryState.OVER, self.at
        WaitingEntry.objects.bulk_update(ending, ["closes_at", "state", "changed_at"])
        return [entry for entry in entries if entry not in over]

    def _judged(self, entries: Collection[WaitingEntry], ahead: Collection[WaitingEntry] = ()) -> None:
        if any(entry.pk not in self.seen.verdicts for entry in entries):
            raise _Unjudged(entry for entry in (*entries, *ahead) if entry.pk not in self.seen.verdicts)

    def _serve(self, entries: list[WaitingEntry]) -> None:
        gifts = self._gifts()
        line = in_order(entries)
        for rank, party in enumerate(line):
            gift = next(iter(gifts.get(party.first.unit_id, ())), None) if len(party.entries) == 1 else None
            if party.first.unit_id not in self.seen.terms or not (gift or self._may_have_place(party)):
                continue
            self._judged(party.entries, [entry for each in line[rank + 1 : rank + AHEAD] for entry in each.entries])
            refused = [(entry, self.seen.verdicts[entry.pk][0].refusal) for entry in party.entries]
            if any(refusal is not None for _, refusal in refused):
                for entry, refusal in refused:
                    self._pass(entry, refusal)
            elif self._offer(party, None, line[:rank]):
                continue
            elif gift is not None and self._offer(party, gift, line[:rank]):
                gifts[party.first.unit_id].remove(gift)

    def _gifts(self) -> dict[int, list[PlaceGift]]:
        """The booked places that their families offer and that nobody is being asked about, by unit."""
        rows = PlaceGift.objects.filter(state=GiftState.OPEN, booking__day=self.day, closes_at__gt=self.at)
        found: dict[int, list[PlaceGift]] = {}
        for gift in rows.exclude(offers__state=OfferState.OPEN).select_related("booking").order_by("given_at", "pk"):
            found.setdefault(gift.booking.unit_id, []).append(gift)
        return found

    def _may_have_place(self, party: Party) -> bool:
        """Whether a place is left in each pool of the unit itself, before anybody looks closer."""
        return all(self.room.has_one(pool, self.day) for pool in self.seen.units[party.first.unit_id].pools)

    def _pass(self, entry: WaitingEntry, refusal: Refusal | None) -> None:
        """The place goes to the next one; the entry keeps its rank, and its family learns why, once for a reason."""
        if refusal is None:
            return
        if refusal.rule in SETTLING:
            entry.state = EntryState.SETTLED
            entry.changed_at = self.at
            entry.save(update_fields=["state", "changed_at"])
            return
        reason = refusal.sentence[: WaitingEntry._meta.get_field("passed_reason").max_length]
        told = entry.passed_reason == reason
        entry.passed_at, entry.passed_reason = self.at, reason
        entry.save(update_fields=["passed_at", "passed_reason"])
        if not told:
            notifications.tell_passed(entry, at=self.at)

    def _offer(self, party: Party, gift: PlaceGift | None, before: Collection[Party]) -> bool:
        """Hold the places of a party whom the rules allow, or propose the gift; False when it cannot be."""
        _verdict, limits = self.seen.verdicts[party.first.pk]
        limit = limits.booking
        if gift is not None:
            if limits.exchange is None or self.seen.verdicts[party.first.pk][0].units != (party.first.unit_id,):
                return False
            limit = min(limits.exchange, gift.closes_at, key=to_utc)
        until = expiry(at=self.at, hours=self.seen.terms[party.first.unit_id].offer_hours, limit=limit)
        if until is None:
            return False
        cells = [(entry, unit) for entry in party.entries for unit in self.seen.verdicts[entry.pk][0].units]
        if gift is None and not self._hold([unit for _, unit in cells]):
            return False
        make_offer(
            party.entries,
            until=until,
            cells=cells if gift is None else (),
            gift=gift,
            before=before,
            by=self.by,
            at=self.at,
        )
        self.made += 1
        return True

    def _hold(self, units: Iterable[int]) -> bool:
        mark = self.room.mark()
        for unit in units:
            if self.room.hold(self.seen.units[unit].pools, self.day) is None:
                self.room.back_to(mark)
                return False
        return True


def make_offer(
    entries: Collection[WaitingEntry],
    *,
    until: datetime,
    cells: Collection[tuple[WaitingEntry, int]],
    gift: PlaceGift | None,
    before: Collection[Party],
    by: User,
    at: datetime,
    reason: str = "",
) -> Offer:
    """Write an offer whose places are held, with the line before it as it was, and tell the family."""
    first = next(iter(entries))
    offer = Offer.objects.create(
        family=first.family,
        unit=first.unit,
        day=first.day,
        made_at=at,
        made_by=by,
        expires_at=until,
        gift=gift,
        reason=reason,
    )
    OfferPlace.objects.bulk_create(
        OfferPlace(offer=offer, child_id=entry.child_id, unit_id=unit) for entry, unit in cells
    )
    for entry in entries:
        entry.state, entry.offer, entry.changed_at = EntryState.OFFERED, offer, at
        entry.passed_at, entry.passed_reason = None, ""
        entry.save(update_fields=["state", "offer", "changed_at", "passed_at", "passed_reason"])
    offers.write_down(
        "offer_place",
        offer,
        by=by,
        at=at,
        until=until.isoformat(),
        entries=[entry.pk for entry in entries],
        met=first.met,
        precedence=first.precedence,
        since=first.joined_at.isoformat(),
        before=[_written(party) for party in [*before][:_WRITTEN]],
        **({"reason": reason} if reason else {}),
        **({"exchange": True} if gift else {}),
    )
    notifications.tell_offered(offer, list(entries), at=at)
    return offer


def _written(party: Party) -> dict[str, object]:
    """Who stood before and was not asked, without a name."""
    first = party.first
    return {"entry": first.pk, "precedence": first.precedence, "since": first.joined_at.isoformat()}

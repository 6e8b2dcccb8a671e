"""What an offer holds, and how it ends. Always under the lock of its places: the caller has it."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from portal.domain.accounts.models import User
from portal.domain.audit.services import record
from portal.domain.bookings.context import BookableUnit
from portal.domain.bookings.places import needed
from portal.domain.bookings.room import PlaceKey, Room
from portal.domain.waiting.enums import EntryState, OfferState
from portal.domain.waiting.models import Offer, WaitingEntry

#: How the entries of an offer end with it.
ENTRY_AFTER = {
    OfferState.ACCEPTED: EntryState.BOOKED,
    OfferState.DECLINED: EntryState.DECLINED,
    OfferState.LAPSED: EntryState.LAPSED,
}


def keys_of(offer: Offer, units: Mapping[int, BookableUnit]) -> set[PlaceKey]:
    """The rows of places that answering this offer may move."""
    pools = [[*units[place.unit_id].pools] for place in offer.places.all() if place.unit_id in units]
    pools += [entry.pools for entry in offer.entries.all()]
    return needed((each, offer.day) for each in pools)


def release(room: Room, offer: Offer, units: Mapping[int, BookableUnit]) -> None:
    """Its held places come back."""
    for place in offer.places.all():
        room.release(units[place.unit_id].pools, offer.day)


def close(
    offer: Offer, state: OfferState, *, by: User, at: datetime, verb: str, entries: Iterable[WaitingEntry] = ()
) -> None:
    """Write how an offer ends, and that of its entries with it; withdrawn, they are the caller's business."""
    offer.state, offer.closed_at, offer.closed_by = state, at, by
    offer.save(update_fields=["state", "closed_at", "closed_by", "receipt"])
    offer.places.all().delete()
    after = ENTRY_AFTER.get(state)
    if after is not None:
        keys = [entry.pk for entry in entries]
        WaitingEntry.objects.filter(pk__in=keys).update(state=after, changed_at=at)
    write_down(verb, offer, by=by, at=at, state=state.value)


def withdraw(offer: Offer, *, by: User, at: datetime) -> None:
    """There is nothing to answer any more; who still waits is back in the line, at their rank."""
    close(offer, OfferState.WITHDRAWN, by=by, at=at, verb="withdraw_offer")
    offer.entries.filter(state=EntryState.OFFERED).update(state=EntryState.WAITING, offer=None, changed_at=at)


def write_down(verb: str, offer: Offer, *, by: User, at: datetime, **facts: object) -> None:
    """A line of the journal."""
    record(
        verb=verb,
        target=offer,
        by=by,
        at=at,
        family_key=offer.family_id,
        after={"day": offer.day.isoformat(), "unit": str(offer.unit), **facts},
    )

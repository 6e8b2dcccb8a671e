"""Entries, offers and gifts follow without a place moving; nobody waits twice for one child and day."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from portal.domain.accounts.models import User
from portal.domain.bookings.places import lock_places, needed, save_places
from portal.domain.merging.registry import Subject, register_archived, register_obstacle, register_rows
from portal.domain.waiting import offers
from portal.domain.waiting.enums import EntryState, GiftState, OfferState
from portal.domain.waiting.keeping import serve_soon
from portal.domain.waiting.models import Offer, PlaceGift, WaitingEntry

_ENTRIES = ("demande sur une liste d’attente", "demandes sur une liste d’attente")
_OFFERS = ("place proposée", "places proposées")
_GIFTS = ("place proposée à l’échange", "places proposées à l’échange")


def _twice(kept: int, duplicate: int) -> "QuerySet[Any]":
    """Live entries of both records for one unit and day."""
    same = WaitingEntry.objects.live().filter(child=kept, unit=OuterRef("unit"), day=OuterRef("day"))
    return WaitingEntry.objects.live().filter(Exists(same), child=duplicate)


def _obstacles(family: int, at: datetime) -> list[str]:
    asked = Offer.objects.filter(family=family, state=OfferState.OPEN, expires_at__gt=at).count()
    return ["Une place proposée attend sa réponse."] if asked else []


def close_family(family: int, by: User, at: datetime) -> None:
    """The family leaves its lines; what was held or given for it comes back to the others."""
    entries = WaitingEntry.objects.live().filter(family=family)
    mine = Offer.objects.filter(family=family, state=OfferState.OPEN).select_related("unit__activity")
    # What it gives away ends too, with what is being asked about it.
    given = Offer.objects.filter(gift__family=family, state=OfferState.OPEN).select_related("unit__activity")
    found = list(mine.prefetch_related("places__unit__pools", "entries"))
    keys = needed(entries.values_list("pools", "day"))
    held = [
        ([pool.pk for pool in place.unit.pools.all()], offer.day) for offer in found for place in offer.places.all()
    ]
    room = lock_places(keys | needed(held))
    for pools, day in held:
        room.release(pools, day)
    for offer in (*found, *given):
        offers.close(offer, OfferState.WITHDRAWN, by=by, at=at, verb="withdraw_offer")
        if offer.family_id != family:
            WaitingEntry.objects.filter(offer=offer).update(state=EntryState.WAITING, offer=None, changed_at=at)
    entries.update(state=EntryState.LEFT, changed_at=at)
    PlaceGift.objects.filter(family=family, state=GiftState.OPEN).update(state=GiftState.WITHDRAWN, closed_at=at)
    save_places(room)
    days = {offer.day for offer in (*found, *given)}
    if days:
        serve_soon(days)


def connect() -> None:
    """Register."""
    register_rows("waiting.WaitingEntry.family", Subject.FAMILY, _ENTRIES, order=93)
    register_rows("waiting.Offer.family", Subject.FAMILY, _OFFERS, order=93)
    register_rows("waiting.PlaceGift.family", Subject.FAMILY, _GIFTS, order=93)
    register_rows(
        "waiting.WaitingEntry.child",
        Subject.CHILD,
        _ENTRIES,
        blocked=_twice,
        why_blocked="les deux fiches attendent le même jour : retirez d’abord l’une des deux demandes",
        order=93,
    )
    register_rows("waiting.OfferPlace.child", Subject.CHILD, ("place retenue", "places retenues"), order=93)
    register_obstacle("waiting", _obstacles, order=12)
    register_archived(close_family)

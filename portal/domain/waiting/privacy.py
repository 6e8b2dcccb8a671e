"""Who waited for what is personal; it tells that the order was kept, for a school year."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from operator import attrgetter
from typing import Any

from portal.domain.accounts.models import User
from portal.domain.families.models import Child, Family
from portal.domain.kernel.french import short_instant
from portal.domain.privacy.declaring import TO_CONFIRM, reached
from portal.domain.privacy.registry import Erasure, Fate, PersonalData, Planned, Retention, register
from portal.domain.waiting.enums import EntryState
from portal.domain.waiting.merging import close_family
from portal.domain.waiting.models import Offer, PlaceGift, WaitingEntry

KEPT_DAYS = 400


def _collect(family: int, user: User) -> Iterator[Mapping[str, Any]]:
    """What this account may see, the last first."""
    rows = WaitingEntry.objects.visible_to(user).filter(family=family)
    for row in rows.select_related("child", "unit__activity", "offer").order_by("-joined_at", "-pk"):
        yield {
            "enfant": row.child.first_name,
            "activité": str(row.unit),
            "jour": row.day.isoformat(),
            "sur la liste depuis le": row.joined_at.isoformat(),
            "état": str(row.get_state_display()),
            "place proposée jusqu’au": short_instant(row.offer.last_minute) if row.offer else "",
        }
    gifts = PlaceGift.objects.filter(
        family=family,
        family__in=Family.objects.visible_to(user).values("pk"),
        booking__child__in=Child.objects.visible_to(user).values("pk"),
    )
    for gift in gifts.select_related("booking__child", "booking__unit__activity").order_by("-given_at", "-pk"):
        yield {
            "enfant": gift.booking.child.first_name,
            "place proposée à l’échange": str(gift.booking.unit),
            "jour": gift.booking.day.isoformat(),
            "proposée le": gift.given_at.isoformat(),
            "état": str(gift.get_state_display()),
        }


def _plan(family: int, _at: datetime) -> list[Planned]:
    return [
        Planned("demandes sur une liste d’attente", WaitingEntry.objects.filter(family=family).count(), Fate.ERASED),
        Planned("places proposées à l’échange", PlaceGift.objects.filter(family=family).count(), Fate.ERASED),
    ]


def _forget(family: int, by: User, at: datetime) -> None:
    close_family(family, by, at)
    WaitingEntry.objects.filter(family=family).delete()
    Offer.objects.filter(family=family).delete()
    PlaceGift.objects.filter(family=family).delete()


def _erase(keys: list[int], _by: User, _at: datetime) -> int:
    """Entries, then the offers that nobody holds any more."""
    rows = WaitingEntry.objects.filter(pk__in=keys)
    offers = list(rows.exclude(offer=None).values_list("offer", flat=True))
    gone = rows.delete()[1].get(WaitingEntry._meta.label, 0)
    Offer.objects.filter(pk__in=offers, entries=None).delete()
    return gone


def connect() -> None:
    """Register."""
    ended = WaitingEntry.objects.exclude(state__in=[EntryState.WAITING, EntryState.OFFERED]).select_related("family")
    register(
        PersonalData("waiting", "Les listes d’attente", _collect, order=71),
        Erasure("waiting", _plan, _forget, order=71),
        Retention(
            "waiting",
            "Listes d’attente",
            f"à partir du jour attendu ; {TO_CONFIRM}",
            KEPT_DAYS,
            reached(ended, "day", label=lambda _row: "attente d’une place", family=attrgetter("family.number")),
            _erase,
        ),
    )

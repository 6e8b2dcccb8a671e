"""What families are told of a line: always by mail, for a place is kept for some hours only."""

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse

from portal.domain.activities.models import Unit
from portal.domain.bookings.rows import label_of
from portal.domain.kernel.french import NBSP, amount, instant, join_words, long_date, typography, weekday_day_month
from portal.domain.notices.enums import NoticeKind
from portal.domain.notices.services import notify_family
from portal.domain.waiting.models import Offer, PlaceGift, WaitingEntry

#: Days named one by one in a message.
_NAMED = 5
#: What a notice holds.
_LONGEST = 500


def offer_path(offer: Offer) -> str:
    """Where the family answers."""
    return reverse("waiting:offer", kwargs={"key": offer.key})


def lists_path() -> str:
    """Where the family finds all its lists."""
    return reverse("waiting:index")


def label(unit: Unit) -> str:
    """“Cantine”, “Centre de loisirs, matin”: as families know the unit."""
    alone = unit.activity.units.count() == 1
    return label_of(unit.activity.short_name, unit.name, alone=alone)


def tell_offered(offer: Offer, entries: Sequence[WaitingEntry], *, at: datetime) -> None:
    """A place is proposed, until when, and that nothing is booked without an answer."""
    first = entries[0]
    text = (
        f"{_names(entries)}, {label(first.unit)}, {long_date(offer.day)}{NBSP}: une place vous est gardée "
        f"jusqu’au {instant(offer.last_minute)}. Répondez oui ou non depuis le portail. "
        "Sans réponse, elle ira à la famille suivante. Rien n’est réservé ni facturé sans votre accord."
    )
    title = f"Place proposée{NBSP}: {_names(entries)}, {weekday_day_month(offer.day)}"
    _tell(first, title, text, offer_path(offer), at=at)


def tell_lapsed(offer: Offer, *, at: datetime) -> None:
    """The time to answer is over."""
    entries = list(offer.entries.all())
    if not entries:
        return
    text = (
        f"{label(entries[0].unit)}, {long_date(offer.day)}{NBSP}: sans réponse avant "
        f"le {instant(offer.last_minute)}, la place va à la famille suivante. Rien n’a été réservé. "
        "Vous pouvez redemander à être sur la liste."
    )
    _tell(entries[0], f"Place proposée, délai passé{NBSP}: {_names(entries)}", text, lists_path(), at=at)


def tell_withdrawn(offer: Offer, *, at: datetime) -> None:
    """The place is not there any more: the family keeps its rank."""
    entries = list(WaitingEntry.objects.filter(family=offer.family, unit=offer.unit, day=offer.day).live())
    if not entries:
        return
    text = (
        f"{label(entries[0].unit)}, {long_date(offer.day)}{NBSP}: cette place n’est plus disponible. "
        "Rien n’a été réservé. Vous gardez votre rang sur la liste d’attente."
    )
    _tell(entries[0], f"Place proposée, puis reprise{NBSP}: {_names(entries)}", text, lists_path(), at=at)


def tell_passed(entry: WaitingEntry, *, at: datetime) -> None:
    """A place came back and could not be proposed."""
    text = (
        f"{label(entry.unit)}, {long_date(entry.day)}{NBSP}: une place s’est libérée et n’a pas pu être proposée "
        f"pour {entry.child.first_name}. {entry.passed_reason} Vous gardez votre rang sur la liste d’attente."
    )
    title = f"Place non proposée{NBSP}: {entry.child.first_name}, {weekday_day_month(entry.day)}"
    _tell(entry, title, text, lists_path(), at=at)


def tell_over(entries: Sequence[WaitingEntry], *, at: datetime) -> None:
    """The days for which nobody can be booked any more, in one message."""
    named = [
        f"{entry.child.first_name}, {label(entry.unit)}, {weekday_day_month(entry.day)}" for entry in entries[:_NAMED]
    ]
    if len(entries) > _NAMED:
        named.append(f"et {len(entries) - _NAMED} autres")
    text = f"Aucune place ne s’est libérée à temps{NBSP}: {' ; '.join(named)}. Rien n’a été réservé."
    text = typography(text)
    title = f"Liste d’attente terminée{NBSP}: aucune place ne s’est libérée"
    _tell(entries[0], title, text, lists_path(), at=at, about=False)


def tell_taken(gift: PlaceGift, *, at: datetime) -> None:
    """Somebody took the place: the day is cancelled and not charged."""
    booking = gift.booking
    text = (
        f"{label(booking.unit)}, {long_date(booking.day)}{NBSP}: une autre famille a pris la place de "
        f"{booking.child.first_name}. La réservation est annulée et les {amount(booking.unit_price)} "
        "ne vous sont pas facturés."
    )
    _tell_giver(gift, f"Place reprise{NBSP}: {weekday_day_month(booking.day)}", text, at=at)


def tell_not_taken(gift: PlaceGift, *, at: datetime) -> None:
    """Nobody took it in time."""
    booking = gift.booking
    text = (
        f"{label(booking.unit)}, {long_date(booking.day)}{NBSP}: personne n’a pris la place de "
        f"{booking.child.first_name}. La journée reste réservée et facturée."
    )
    _tell_giver(gift, f"Place non reprise{NBSP}: {weekday_day_month(booking.day)}", text, at=at)


def _names(entries: Sequence[WaitingEntry]) -> str:
    return join_words(entry.child.first_name for entry in entries)


def _tell(entry: WaitingEntry, title: str, text: str, path: str, *, at: datetime, about: bool = True) -> None:
    notify_family(
        family=entry.family,
        kind=NoticeKind.WAITING,
        title=title[:200],
        text=text[:_LONGEST],
        at=at,
        path=path,
        child=entry.child if about else None,
    )


def _tell_giver(gift: PlaceGift, title: str, text: str, *, at: datetime) -> None:
    notify_family(
        family=gift.family,
        kind=NoticeKind.WAITING,
        title=title[:200],
        text=text[:_LONGEST],
        at=at,
        path=lists_path(),
        child=gift.booking.child,
    )

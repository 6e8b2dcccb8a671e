"""Lines, offers and gifts in words."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.domain import language
from portal.domain.waiting.enums import Criterion, EntryState, GiftState, OfferState
from portal.domain.waiting.models import Offer, PlaceGift, WaitingEntry
from portal.domain.waiting.queries import MyEntry
from portal.web.home.tasks import HomeTask
from portal.web.planning.words import lower_first

#: Kind and icon of the badge of a state.
LOOKS = {
    EntryState.WAITING: ("wait", "clock"),
    EntryState.OFFERED: ("plan", "bell"),
    EntryState.BOOKED: ("good", "check"),
    EntryState.DECLINED: ("", "cross"),
    EntryState.LAPSED: ("bad", "clock"),
    EntryState.LEFT: ("", "none"),
    EntryState.SETTLED: ("", "none"),
    EntryState.OVER: ("", "none"),
}
OFFER_LOOKS = {
    OfferState.OPEN: ("plan", "bell"),
    OfferState.ACCEPTED: ("good", "check"),
    OfferState.DECLINED: ("", "cross"),
    OfferState.LAPSED: ("bad", "clock"),
    OfferState.WITHDRAWN: ("", "none"),
}
GIFT_LOOKS = {
    GiftState.OPEN: ("plan", "clock"),
    GiftState.TAKEN: ("good", "check"),
    GiftState.WITHDRAWN: ("", "back"),
    GiftState.OVER: ("", "euro"),
}

#: What a place given, or not, costs its family.
GIFT_NOTES = {
    GiftState.TAKEN: gettext_lazy("cette journée ne vous est pas facturée"),
    GiftState.WITHDRAWN: gettext_lazy("vous l’avez gardée : elle reste réservée et facturée"),
    GiftState.OVER: gettext_lazy("personne ne l’a prise : elle reste facturée"),
}


def rank_words(mine: MyEntry) -> str:
    """“3e sur 5”."""
    rank = language.words().ordinal(mine.rank, feminine=False)
    return _("%(rank)s sur %(length)s") % {"rank": rank, "length": mine.length}


def until_words(moment: datetime) -> str:
    """“jusqu’au jeudi 10 septembre à 23 h 59”."""
    return _("jusqu’au %(instant)s") % {"instant": language.words().near_instant(moment)}


def title_of(children: Sequence[str], unit: str, day: Any) -> str:
    """“Hugo, cantine, lundi 14 septembre”."""
    names = language.words().join_words(children)
    return f"{names}, {lower_first(unit)}, {language.words().weekday_day_month(day)}"


def offer_title(offer: Offer, labels: dict[int, str]) -> str:
    names = [entry.child.first_name for entry in offer.entries.all()]
    return title_of(names, labels[offer.unit_id], offer.day)


def entry_title(entry: WaitingEntry, labels: dict[int, str]) -> str:
    return title_of([entry.child.first_name], labels[entry.unit_id], entry.day)


def entry_row(mine: MyEntry, labels: dict[int, str]) -> dict[str, str]:
    """A row of components/tasks.html."""
    entry = mine.entry
    kind, icon = LOOKS[EntryState(entry.state)]
    offered = entry.state == EntryState.OFFERED and entry.offer is not None
    notes = [_("frères et sœurs ensemble")] if entry.group else []
    if entry.passed_reason and not offered:
        notes.append(_("une place n’a pas pu vous être proposée, voir pourquoi"))
    if offered and entry.offer is not None:
        notes = [until_words(entry.offer.last_minute)]
    url = reverse("waiting:offer", args=[entry.offer.key]) if offered and entry.offer else _entry_url(entry)
    return {
        "label": entry_title(entry, labels),
        "url": url,
        "icon": icon,
        "kind": kind,
        "note": ", ".join(notes),
        "badge": _("place proposée") if offered else rank_words(mine),
        "badge_kind": kind,
    }


def past_row(entry: WaitingEntry, labels: dict[int, str]) -> dict[str, str]:
    kind, icon = LOOKS[EntryState(entry.state)]
    return {
        "label": entry_title(entry, labels),
        "url": _entry_url(entry),
        "icon": icon,
        "badge": str(entry.get_state_display()),
        "badge_kind": kind,
    }


def gift_row(gift: PlaceGift, labels: dict[int, str]) -> dict[str, Any]:
    kind, icon = GIFT_LOOKS[GiftState(gift.state)]
    booking = gift.booking
    return {
        "gift": gift,
        "label": title_of([booking.child.first_name], labels[booking.unit_id], booking.day),
        "open": gift.state == GiftState.OPEN,
        "until": gift.last_minute,
        "note": GIFT_NOTES.get(GiftState(gift.state), ""),
        "badge": str(gift.get_state_display()),
        "kind": kind,
        "icon": icon,
    }


def why_here(entry: WaitingEntry) -> list[str]:
    """What gives the entry its place in the line, for its family."""
    said = [str(Criterion(criterion).label) for criterion in entry.met]
    words = [_("Priorité remplie\u00a0: %(criterion)s.") % {"criterion": each} for each in said]
    if entry.put_first_at is not None:
        words.insert(0, _("Le service a placé cette demande en tête de liste."))
    words.append(_("Sur la liste depuis le %(instant)s.") % {"instant": language.words().instant(entry.joined_at)})
    return words


def offer_task(offer: Offer, labels: dict[int, str]) -> HomeTask:
    """The line of the home page: a place waits for an answer."""
    return HomeTask(
        label=_("Répondre\u00a0: une place est proposée à %(title)s") % {"title": offer_title(offer, labels)},
        url=reverse("waiting:offer", args=[offer.key]),
        icon="bell",
        kind="wait",
        urgent=True,
        note=_("gardée %(until)s, puis proposée à la famille suivante") % {"until": until_words(offer.last_minute)},
    )


def _entry_url(entry: WaitingEntry) -> str:
    return reverse("waiting:entry", args=[entry.key])

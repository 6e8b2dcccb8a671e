"""The lines of a family: all of them, one of them, and a place to accept or to refuse."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal.domain.bookings.models import Receipt
from portal.domain.families.access import Right, may
from portal.domain.waiting.enums import EntryState, OfferState
from portal.domain.waiting.models import Offer
from portal.domain.waiting.queries import (
    find_entry,
    find_offer,
    labels_of,
    my_entries,
    my_gifts,
    offered_prices,
    open_offers,
    past_entries,
    sentences_of,
)
from portal.domain.waiting.services import (
    OfferOver,
    OfferRefused,
    WaitingRefused,
    accept_offer,
    decline_offer,
    leave_list,
)
from portal.web import clock
from portal.web.family import FamilyRequest, family_required
from portal.web.planning.state import planning_url
from portal.web.waiting.presenting import (
    LOOKS,
    OFFER_LOOKS,
    entry_row,
    entry_title,
    gift_row,
    offer_title,
    past_row,
    rank_words,
    why_here,
)

#: What ended and is still listed.
PAST = 12


@never_cache
@require_safe
@family_required
def index(request: FamilyRequest) -> HttpResponse:
    """What is to answer first, then the lines, the places given, what ended."""
    now = clock.now(request)
    family, user = request.family, request.user
    offers = open_offers(user=user, family=family, at=now)
    mine = [each for each in my_entries(user=user, family=family) if each.entry.state == EntryState.WAITING]
    past = past_entries(user=user, family=family, limit=PAST)
    gifts = my_gifts(user=user, family=family, limit=PAST)
    labels = labels_of(
        {offer.unit_id for offer in offers}
        | {each.entry.unit_id for each in mine}
        | {entry.unit_id for entry in past}
        | {gift.booking.unit_id for gift in gifts}
    )
    context = {
        "offers": [{"offer": offer, "title": offer_title(offer, labels)} for offer in offers],
        "waiting": [entry_row(each, labels) for each in mine],
        "gifts": [gift_row(gift, labels) for gift in gifts],
        "past": [past_row(entry, labels) for entry in past],
        "now": now,
        "planning_url": planning_url(timezone.localdate(now)),
    }
    return render(request, "waiting/index.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@family_required
def entry(request: FamilyRequest, key: UUID) -> HttpResponse:
    """One place in a line: the rank, what gives it, how the line works; and the way out of it."""
    mine = find_entry(user=request.user, family=request.family, key=key)
    if mine is None:
        raise Http404
    row = mine.entry
    if request.method == "POST":
        try:
            left = leave_list(family=request.family, entries=[key], by=request.user, at=timezone.now())
        except WaitingRefused as refused:
            messages.warning(request, refused.reason)
            return redirect("waiting:index")
        if left:
            messages.success(request, _("Vous n’êtes plus sur cette liste d’attente."))
        return redirect("waiting:index")
    labels = labels_of({row.unit_id})
    context: dict[str, Any] = {
        "row": row,
        "title": entry_title(row, labels),
        "badge": LOOKS[EntryState(row.state)],
        "rank": rank_words(mine) if mine.rank else "",
        "why": why_here(row),
        "rules": sentences_of(row.unit_id),
        "waiting": row.state == EntryState.WAITING,
        "may_leave": may(user=request.user, family=request.family, right=Right.BOOK),
        "planning_url": planning_url(row.day),
    }
    return render(request, "waiting/entry.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@family_required
def offer(request: FamilyRequest, key: UUID) -> HttpResponse:
    """A place to accept or to refuse: nothing happens before a button is pressed."""
    found = find_offer(user=request.user, family=request.family, key=key)
    if found is None:
        raise Http404
    status, refusal = 200, ""
    if request.method == "POST":
        answer = _answer(request, found)
        if isinstance(answer, HttpResponse):
            return answer
        status, refusal = 422, answer
        found = find_offer(user=request.user, family=request.family, key=key) or found
    return render(request, "waiting/offer.html", _offer_context(request, found, refusal), status=status)


def _answer(request: FamilyRequest, found: Offer) -> HttpResponse | str:
    """The answer given, or why it cannot be."""
    try:
        if request.POST.get("suite") == "refuser":
            decline_offer(offer=found.key, family=request.family, by=request.user, at=timezone.now())
            messages.success(request, _("C’est noté\u00a0: la place va à la famille suivante. Rien n’est réservé."))
            return redirect("waiting:index")
        if request.POST.get("suite") != "accepter":
            return _("Choisissez\u00a0: accepter la place, ou la refuser.")
        receipt: Receipt = accept_offer(offer=found.key, family=request.family, by=request.user, at=timezone.now())
    except OfferOver:
        return _("Cette place ne peut plus être acceptée ni refusée.")
    except OfferRefused as refused:
        return refused.refusal.sentence
    return redirect("basket:receipt", receipt.number)


def _offer_context(request: FamilyRequest, found: Offer, refusal: str) -> dict[str, Any]:
    now: datetime = clock.now(request)
    is_open = found.is_open(at=now)
    labels = labels_of({found.unit_id} | {place.unit_id for place in found.places.all()})
    lines = offered_prices(offer=found, user=request.user, at=now) if is_open else []
    return {
        "offer": found,
        "title": offer_title(found, labels),
        "is_open": is_open,
        "state": found.get_state_display()
        if not (found.state == OfferState.OPEN and not is_open)
        else _("délai passé"),
        "badge": OFFER_LOOKS[OfferState(found.state)],
        "lines": lines,
        "total": sum((line.amount for line in lines if line.amount is not None), start=0) if lines else None,
        "refusal": refusal,
        "may_answer": may(user=request.user, family=request.family, right=Right.BOOK),
        "now": now,
        "planning_url": planning_url(found.day),
    }

"""The verbs of waiting lists. Each file holds one concept; doors import from here."""

from portal.domain.waiting.answering import accept_offer, decline_offer
from portal.domain.waiting.by_hand import offer_by_hand
from portal.domain.waiting.entering import join_list, leave_list
from portal.domain.waiting.giving import give_place, plan_gift, take_gift_back
from portal.domain.waiting.outcomes import Joined, OfferOver, OfferRefused, WaitingRefused
from portal.domain.waiting.serving import serve_day, sweep

__all__ = [
    "Joined",
    "OfferOver",
    "OfferRefused",
    "WaitingRefused",
    "accept_offer",
    "decline_offer",
    "give_place",
    "join_list",
    "leave_list",
    "offer_by_hand",
    "plan_gift",
    "serve_day",
    "sweep",
    "take_gift_back",
]

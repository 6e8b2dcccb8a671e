"""The line before a full day: who waits, in which order, the place proposed, and a booked place given to the next one.

Owns `ListRule`, `WaitingEntry`, `Offer`, `OfferPlace`, `KeptPlaces`, `PlaceGift`. Everything that moves a line is done
under the lock of its places: places that come back are kept for it at once (`keeping`).
Verbs of families, in `services`: `join_list`, `leave_list`, `accept_offer`, `decline_offer`, `give_place`,
`take_gift_back`. Of agents: `offer_by_hand`. By itself: `serve_day`, `sweep` (`serving`). Reads: `queries`.
"""

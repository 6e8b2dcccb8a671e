"""Bookings, places and the draft: the engine that must never overbook nor lose a choice.

Owns `DayPlaces`, `Booking`, `Basket`, `BasketLine`, `Receipt`, `ReceiptCounter`; `policy.why_not` answers every door.
Verbs, in `services`: `change_draft`, `change_period`, `extend_draft`, `resume_draft`, `remove_line`, `discard_draft`,
`confirm_basket`, `enrol_and_book`, `release_lapsed_drafts`; in `capacity`: `set_capacity`; in
`giving_back`: `give_back_places`. Reads are in `queries`.
"""

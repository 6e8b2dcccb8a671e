"""Bookings, places and the draft: the engine that must never overbook nor lose a choice.

Owns `DayPlaces`, `Booking`, `Basket`, `BasketLine`, `Receipt`, `ReceiptCounter`.
Verbs: `change_draft`, `confirm_basket`, `discard_draft`, `resume_draft`, `enrol_and_book`, `release_lapsed_drafts`.
"""

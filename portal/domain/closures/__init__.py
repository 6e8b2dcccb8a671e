"""Days that the town closes after families booked them: what it does is read before it is done, then done exactly.

Owns `DeclaredClosure` and `ClosedBooking`; `activities.Closure` says which days are closed. Reads: `plan_closure`,
`plan_lifting`. Verbs, in `services`: `declare_closure`, `lift_closure`, `word_closure`. Billing reads
`ClosedBooking.credit`: what a day that was closed would have cost.
"""

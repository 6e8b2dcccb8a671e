"""A day that a family can no longer change by itself, asked of the service: sent, discussed, decided, done.

Owns `LateRule`, `LateRequest`, `LateDay`, `LateWord`. A request names a child, an activity, days and one wish; no
place is held for it. Accepting it books or cancels through `bookings.granting`, in the transaction of the decision.
Verbs of families (`services`): `send_request`, `reply_to_service`, `withdraw_request`.
Verbs of agents (`deciding`): `accept_request`, `refuse_request`, `ask_request_again`.
By itself (`ending`): `lapse_requests`.
Reads: `asking.askable_days` (what may be asked around a cell), `examining.examine` (what an agent looks at),
`queries`, `terms` (which activity takes which request, in sentences).
"""

"""The children's days in the calendar of a telephone: one secret address for each person and household.

Owns `CalendarFeed`. Verbs: `open_feed`, `change_feed`, `renew_feed`, `revoke_feed`. How the address is kept: ADR 0032.
"""

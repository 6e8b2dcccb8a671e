"""The bus of a centre: its lines, their stops, and at which stop each child gets on and off.

Owns `BusLine`, `LineUnit`, `BusStop`, `StopTime`, `StopChoice`, `StopException`. A bus is booked as any unit is: days,
deadlines and places are those of `activities` and `bookings`; here is only where and with whom.
Verbs of families (`services`): `choose_stops`, `choose_day`, `forget_day`; `enrolling.writing_stops`.
Verbs of agents (`stops`): `change_stop`, rehearsed by `rehearse_change`.
Reads: `queries` (a line, a family's stops by day), `riders` (who gets on where, for agents). ADR 0036.
"""

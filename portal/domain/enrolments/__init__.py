"""A child enrolled in an activity: the request, its state, the weekly pattern asked for.

Owns `Enrolment` and `PatternDay`. Booking the pattern belongs to `bookings`, which calls down.
Verbs: `request_enrolment`, `why_not_enrol`, `enrollable_activities`.
"""

"""The rentrée of a household: all its children and their activities of the coming year, asked for by one validation.

Owns the preparation (`RentreeDraft`), kept until it is sent, and its proof (`RentreeRecap`). What it asks for is
decided by `enrolments.request_enrolment` and booked by `bookings.enrol_household`: no rule of theirs is here.
Verbs: `save_rentree`, `forget_rentree`, `validate_rentree`. Reading: `queries.load_rentree`.
"""

"""What the checks of this package share."""

#: A live booking as a check reads it: the columns of the frame, and how its unit is called.
BOOKING = """
    'booking.' || booking.id AS key, booking.day, booking.family_id AS family, booking.child_id AS child,
    booking.unit_id AS unit, 'bookings.booking' AS subject, booking.id AS subject_key,
    activity.short_name || ', ' || unit.name AS what
"""
#: The tables of `BOOKING`.
TABLES = """
    bookings_booking AS booking
    JOIN activities_unit AS unit ON unit.id = booking.unit_id
    JOIN activities_activity AS activity ON activity.id = unit.activity_id
"""
DAYS, RECEIPTS, PLACES = "Jours réservés", "Reçus et prix", "Places"

"""The five towns of the profiles, and the instant at which the tests load them."""

from datetime import UTC, datetime

TOWNS = ("alae", "colomars", "les-rousses", "roussillon-conflent", "roussillon-conflent-2019")

#: A Saturday of November: autumn holidays are over, those of Noël are open to bookings.
AT = datetime(2026, 11, 21, 9, tzinfo=UTC)

"""The town of the tests of bookings."""

from tests.domain.bookings.conftest import calendar, canteen, home, pool

__all__ = ["calendar", "canteen", "home", "pool"]

"""What must be true of bookings, places and receipts: looked at every night by `reconciliation`."""

from portal.domain.bookings.checks import days, places, prices, receipts, ties
from portal.domain.reconciliation.registry import register_checks


def connect() -> None:
    """Register."""
    register_checks(*places.CHECKS, *days.CHECKS, *ties.CHECKS, *receipts.CHECKS, *prices.CHECKS)

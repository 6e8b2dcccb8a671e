"""The lock of the town's calendar: days are booked on a calendar that does not change meanwhile.

Whoever books days shares it; whoever closes days takes it alone. Without it, a day read as open before a closure could
be written as booked after it: nobody would be told. It is the first lock of a transaction (docs/locking.md), ends with
it, and costs one query without a row.
"""

from django.db import connection, transaction

#: An advisory lock is a number of the database; this one is nobody else's.
_KEY = 4_610_001


def share_calendar() -> None:
    """Keep closures away until the end of the transaction; other bookings go on. Raises TransactionManagementError
    outside a transaction, where it would keep nothing.
    """
    _take("SELECT pg_advisory_xact_lock_shared(%s)")


def close_calendar() -> None:
    """Wait for the bookings under way and keep the next ones waiting until the end of the transaction.

    Raises TransactionManagementError outside a transaction.
    """
    _take("SELECT pg_advisory_xact_lock(%s)")


def _take(sql: str) -> None:
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("the calendar is locked inside a transaction")
    with connection.cursor() as cursor:
        cursor.execute(sql, [_KEY])

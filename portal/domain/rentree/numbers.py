"""Numbers of recaps: one sequence a year, no gap, no double."""

from datetime import datetime

from django.db import connection

from portal.domain.kernel.clock import to_paris

#: Holds the place of the number while a mail is composed: nobody else waits for a number meanwhile.
NUMBER_TO_COME = "\ue000"

_NEXT_NUMBER = """
    INSERT INTO rentree_rentreecounter (year, last) VALUES (%s, 1)
        ON CONFLICT (year) DO UPDATE SET last = rentree_rentreecounter.last + 1
    RETURNING last
"""


def next_number(*, at: datetime) -> str:
    """The next number of the year of `at` in Paris: "RE-2027-00042".

    The counter stays locked until the end of the transaction: a rollback gives the number back. Call it late.
    """
    year = to_paris(at).year
    with connection.cursor() as cursor:
        cursor.execute(_NEXT_NUMBER, [year])
        (number,) = cursor.fetchone()
    return f"RE-{year}-{number:05d}"

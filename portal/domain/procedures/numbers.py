"""Numbers of acknowledgements: one sequence a year, no gap, no double."""

from datetime import datetime

from django.db import connection

from portal.domain.kernel.clock import to_paris

_NEXT_NUMBER = """
    INSERT INTO procedures_procedurecounter (year, last) VALUES (%s, 1)
        ON CONFLICT (year) DO UPDATE SET last = procedures_procedurecounter.last + 1
    RETURNING last
"""


def next_number(*, at: datetime) -> str:
    """The next number of the year of `at` in Paris: "AE-2026-00042".

    The counter stays locked until the end of the transaction: a rollback gives the number back. Call it late.
    """
    year = to_paris(at).year
    with connection.cursor() as cursor:
        cursor.execute(_NEXT_NUMBER, [year])
        (number,) = cursor.fetchone()
    return f"AE-{year}-{number:05d}"

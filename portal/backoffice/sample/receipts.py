"""The receipts of the days that the sample families took back: every cancellation has its numbered proof."""

from itertools import groupby
from uuid import uuid4

from django.db import connection

from portal.domain.bookings.models import Receipt
from portal.domain.bookings.receipts import next_numbers, verification_code
from portal.domain.kernel.clock import to_paris

_TAKEN_BACK = """
    SELECT booking.family_id, booking.cancelled_at, MIN(booking.cancelled_by_id), -SUM(booking.unit_price)
      FROM bookings_booking AS booking
     WHERE booking.state = 'cancelled'
       AND NOT EXISTS (SELECT 1 FROM bookings_receipt AS receipt
                        WHERE receipt.family_id = booking.family_id AND receipt.at = booking.cancelled_at)
     GROUP BY booking.family_id, booking.cancelled_at
     ORDER BY booking.cancelled_at, booking.family_id
"""

_LINES = """
    INSERT INTO bookings_receiptline (
        receipt_id, wish, child_id, child_name, unit_id, label, day, tariff_name, rate_label, amount, surcharge, note)
    SELECT receipt.id, 'remove', booking.child_id, child.first_name, booking.unit_id,
           CASE WHEN COUNT(*) OVER (PARTITION BY booking.child_id, booking.day, activity.id) > 1
                THEN activity.short_name || ', ' || unit.name ELSE activity.short_name END,
           booking.day, tariff.name, tariff.rate_label, -booking.unit_price, 0, ''
      FROM bookings_receipt AS receipt
      JOIN bookings_booking AS booking
        ON booking.family_id = receipt.family_id AND booking.cancelled_at = receipt.at
      JOIN families_child AS child ON child.id = booking.child_id
      JOIN activities_unit AS unit ON unit.id = booking.unit_id
      JOIN activities_activity AS activity ON activity.id = unit.activity_id
      JOIN tariffs_tariffversion AS version ON version.id = booking.tariff_version_id
      JOIN tariffs_tariff AS tariff ON tariff.id = version.tariff_id
     WHERE receipt.id = ANY(%s)
     ORDER BY receipt.id, booking.day, booking.id
"""


def write_receipts() -> int:
    """A receipt for each family and instant of cancellation that has none; how many. Numbers follow in each month."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKEN_BACK)
        rows = cursor.fetchall()
    receipts: list[Receipt] = []
    for _month, found in groupby(rows, key=lambda row: to_paris(row[1]).strftime("%Y-%m")):
        same_month = list(found)
        numbers = next_numbers(len(same_month), at=same_month[0][1])
        receipts += [
            Receipt(
                number=number,
                code=verification_code(),
                family_id=family,
                basket_key=uuid4(),
                at=at,
                by_id=by,
                total=total,
            )
            for number, (family, at, by, total) in zip(numbers, same_month, strict=True)
        ]
    Receipt.objects.bulk_create(receipts, batch_size=2_000)
    with connection.cursor() as cursor:
        cursor.execute(_LINES, [[receipt.pk for receipt in receipts]])
    return len(receipts)

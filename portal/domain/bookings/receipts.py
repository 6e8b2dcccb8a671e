"""Receipts: a number without gap in its month, a code that cannot be guessed, and lines that never change."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from django.db import connection

from portal.domain.accounts.models import User
from portal.domain.bookings.context import BookingContext
from portal.domain.bookings.enums import CancelledBecause
from portal.domain.bookings.loading import key_of
from portal.domain.bookings.models import BasketLine, Booking, Receipt, ReceiptLine
from portal.domain.bookings.outcomes import LeftOut
from portal.domain.bookings.settlement import amount, child_name, in_reading_order, tariff_words
from portal.domain.families.models import Family
from portal.domain.kernel.clock import to_paris
from portal.domain.kernel.money import total

#: Crockford's base 32: no I, L, O or U, so that a code read aloud or on paper is not mistaken.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

#: Holds the place of the number while a mail is composed: nobody else waits for a number meanwhile.
NUMBER_TO_COME = "\ue000"

#: The longest note of a line, in characters.
NOTE_LENGTH = 300

_NOTHING: Mapping[str, str] = MappingProxyType({})

_NEXT_NUMBERS = """
    INSERT INTO bookings_receiptcounter (period, last) VALUES (%(period)s, %(count)s)
        ON CONFLICT (period) DO UPDATE SET last = bookings_receiptcounter.last + %(count)s
    RETURNING last
"""


def next_number(*, at: datetime) -> str:
    """The next number of the month of `at` in Paris: "2026-09-00318".

    Keeps the counter locked until the end of the transaction, so that a number is given back by a rollback: call it
    last. No gap, no double.
    """
    return next_numbers(1, at=at)[0]


def next_numbers(count: int, *, at: datetime) -> list[str]:
    """The next `count` numbers of that month, in order, by the same lock and one query."""
    period = to_paris(at).strftime("%Y-%m")
    with connection.cursor() as cursor:
        cursor.execute(_NEXT_NUMBERS, {"period": period, "count": count})
        (last,) = cursor.fetchone()
    return [f"{period}-{number:05d}" for number in range(last - count + 1, last + 1)]


def verification_code() -> str:
    """Fifty random bits, as "K7QF-29TD-MX"."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(10))
    return f"{letters[:4]}-{letters[4:8]}-{letters[8:]}"


def prepare_receipt(
    *,
    context: BookingContext,
    family: Family,
    basket_key: UUID,
    standing: Sequence[BasketLine],
    fallen: Sequence[LeftOut],
    by: User,
    at: datetime,
    notes: Mapping[str, str] = _NOTHING,
    sent_to: str = "",
) -> tuple[Receipt, list[ReceiptLine]]:
    """The receipt of these changes, not written yet and without its number: `NUMBER_TO_COME` stands for it.

    `notes` are said under a line, by code of cell. It goes to whoever validated unless `sent_to` says another address.
    """
    lines = in_reading_order(context, standing)
    receipt = Receipt(
        number=NUMBER_TO_COME,
        code=verification_code(),
        family=family,
        basket_key=basket_key,
        at=at,
        by=by,
        sent_to=sent_to or by.email or family.contact_email,
        total=total(amount(line) for line in lines),
        left_out=[each.to_data() for each in fallen],
    )
    return receipt, [_copy(context, receipt, line, notes.get(key_of(line).code, "")) for line in lines]


def issue_receipt(receipt: Receipt, lines: Sequence[ReceiptLine]) -> None:
    """Number and write a prepared receipt, in the caller's transaction, after everything that takes time."""
    issue_receipts([(receipt, lines)], at=receipt.at)


def issue_receipts(prepared: Sequence[tuple[Receipt, Sequence[ReceiptLine]]], *, at: datetime) -> None:
    """The same for many receipts of one instant: three queries whatever their number, none without any."""
    if not prepared:
        return
    for (receipt, _lines), number in zip(prepared, next_numbers(len(prepared), at=at), strict=True):
        receipt.number = number
    Receipt.objects.bulk_create([receipt for receipt, _lines in prepared])
    for receipt, lines in prepared:
        for line in lines:
            line.receipt = receipt
    ReceiptLine.objects.bulk_create([line for _receipt, lines in prepared for line in lines])


def is_of_a_closure(receipt: Receipt) -> bool:
    """Whether the town closed these days, rather than the family taking them back. One query."""
    closed = Booking.objects.filter(family=receipt.family_id, cancelled_because=CancelledBecause.CLOSURE)
    return closed.filter(cancelled_at=receipt.at, cancelled_by=receipt.by_id).exists()


def _copy(context: BookingContext, receipt: Receipt, line: BasketLine, note: str) -> ReceiptLine:
    tariff_name, rate_label = tariff_words(context, line)
    return ReceiptLine(
        receipt=receipt,
        wish=line.wish,
        child_id=line.child_id,
        child_name=child_name(context, line),
        unit_id=line.unit_id,
        label=context.units[line.unit_id].label,
        day=line.day,
        tariff_name=tariff_name,
        rate_label=rate_label,
        amount=amount(line),
        surcharge=line.surcharge,
        note=note[:NOTE_LENGTH],
    )

"""A receipt as its page, its PDF and its list of days left aside show it."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from portal.domain.bookings.enums import Wish
from portal.domain.bookings.models import Receipt, ReceiptLine
from portal.domain.bookings.receipts import is_of_a_closure


@dataclass(frozen=True, slots=True)
class LeftOutRow:
    """A day that fell out at the validation, as the receipt kept it."""

    child: str
    label: str
    day: date
    wish: str
    reason: str

    @property
    def is_addition(self) -> bool:
        return self.wish == Wish.ADD


@dataclass(frozen=True, slots=True)
class ShownReceipt:
    """A receipt ready to be drawn. `months` are the first days of the months it touches, in order.

    `is_closure`: the town closed these days, the family validated nothing.
    """

    number: str
    code: str
    at: datetime
    by: str
    sent_to: str
    total: Decimal
    lines: tuple[ReceiptLine, ...]
    left_out: tuple[LeftOutRow, ...]
    is_closure: bool = False

    @property
    def months(self) -> list[date]:
        return sorted({line.day.replace(day=1) for line in self.lines})


def present_receipt(receipt: Receipt) -> ShownReceipt:
    """The receipt and its lines, in the order in which they were written."""
    return ShownReceipt(
        number=receipt.number,
        code=receipt.code,
        at=receipt.at,
        by=receipt.by.get_full_name() or receipt.by.get_username(),
        sent_to=receipt.sent_to,
        total=receipt.total,
        lines=tuple(receipt.lines.order_by("pk")),
        left_out=tuple(
            LeftOutRow(
                child=each["child"],
                label=each["label"],
                day=date.fromisoformat(each["day"]),
                wish=each["wish"],
                reason=each["reason"],
            )
            for each in receipt.left_out
        ),
        is_closure=is_of_a_closure(receipt),
    )

"""The mails of bookings and enrolments, handed over to the outbox: a family's proof, complete in plain text."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from portal.domain.accounts.models import User
from portal.domain.bookings.context import BookingContext, ServiceContact
from portal.domain.bookings.enums import Wish
from portal.domain.bookings.models import Receipt, ReceiptLine
from portal.domain.bookings.outcomes import EnrolmentOutcome, LeftOut
from portal.domain.bookings.receipts import NUMBER_TO_COME
from portal.domain.enrolments.enums import EnrolmentState
from portal.domain.enrolments.models import Enrolment
from portal.domain.kernel import french
from portal.domain.kernel.clock import to_utc
from portal.domain.language import in_french
from portal.domain.mails.enums import MailKind
from portal.domain.mails.rendering import MailTexts, render_mail
from portal.domain.mails.services import queue_mail


@dataclass(frozen=True, slots=True)
class FirstClosing:
    """The next instant at which days just changed stop being changeable: the last minute, and those days."""

    at: datetime
    days: tuple[date, ...]


def compose_receipt(
    *,
    context: BookingContext,
    receipt: Receipt,
    lines: Sequence[ReceiptLine],
    at: datetime,
    asked_by: User | None = None,
    granted_at: datetime | None = None,
) -> MailTexts | None:
    """The recap of a validation, before its number is known; None when there is nobody to write to.

    What the service granted (`granted_at`: when it was asked for) is told to whoever asked.
    """
    if not receipt.sent_to:
        return None
    return render_mail(
        template="receipt",
        context={
            "receipt": receipt,
            "first_name": (asked_by or receipt.by).first_name,
            "asked_at": granted_at,
            "lines": lines,
            "left_out": [{**each, "day": date.fromisoformat(each["day"])} for each in receipt.left_out],
            "additions": sum(line.wish == Wish.ADD for line in lines),
            "removals": sum(line.wish == Wish.REMOVE for line in lines),
            "closing": first_closing(context, lines, at=at),
            "services": _services(context, [line.unit_id for line in lines]),
            "planning_url": _absolute("planning:index"),
        },
    )


def queue_receipt(receipt: Receipt, mail: MailTexts | None, *, at: datetime) -> None:
    """Give the composed recap its number and hand it over to the outbox."""
    if mail is None:
        return
    queue_mail(
        kind=MailKind.BOOKING_RECEIPT,
        recipient=receipt.sent_to,
        subject=mail.subject.replace(NUMBER_TO_COME, receipt.number),
        text=mail.text.replace(NUMBER_TO_COME, receipt.number),
        html=mail.html.replace(NUMBER_TO_COME, receipt.number),
        reference=receipt.number,
        at=at,
    )


@in_french()
def queue_enrolment(*, outcome: EnrolmentOutcome, week: Sequence[tuple[str, Sequence[int]]], at: datetime) -> None:
    """The confirmation of an enrolment: what was asked, what it booked, the days left aside and why."""
    enrolment = outcome.enrolment
    recipient = enrolment.requested_by.email or enrolment.family.contact_email
    if not recipient:
        return
    service = enrolment.activity.service
    texts = render_mail(
        template="enrolment",
        context={
            "enrolment": enrolment,
            "child": enrolment.child,
            "activity": enrolment.activity,
            "accepted": enrolment.state == EnrolmentState.ACCEPTED,
            "first_name": enrolment.requested_by.first_name,
            "week": [{"unit": unit, "days": french.weekday_names(weekdays)} for unit, weekdays in week],
            "booked": outcome.booked,
            "cost": outcome.cost,
            "computation": outcome.computation,
            "left_out": outcome.left_out,
            "service": ServiceContact(service.name, service.phone, service.email, service.opening_hours),
            "planning_url": _absolute("planning:index"),
        },
    )
    queue_mail(
        kind=MailKind.ENROLMENT,
        recipient=recipient,
        subject=texts.subject,
        text=texts.text,
        html=texts.html,
        reference=f"inscription-{enrolment.pk}",
        at=at,
    )


@dataclass(frozen=True, slots=True)
class RemovalMail:
    """What the mail of a removed enrolment tells; without receipt, no day went."""

    enrolment: Enrolment
    by: User
    accepted: bool
    receipt: Receipt | None
    lines: Sequence[ReceiptLine]
    staying: Sequence[LeftOut]


@in_french()
def compose_removal(removal: RemovalMail, *, at: datetime) -> MailTexts:
    """The proof of a removal, before the number of its receipt is known."""
    service = removal.enrolment.activity.service
    return render_mail(
        template="enrolment_removed",
        context={
            "removal": removal,
            "enrolment": removal.enrolment,
            "child": removal.enrolment.child,
            "activity": removal.enrolment.activity,
            "first_name": removal.by.first_name,
            "service": ServiceContact(service.name, service.phone, service.email, service.opening_hours),
            "at": at,
        },
    )


def queue_removal(mail: MailTexts, *, enrolment: Enrolment, by: User, receipt: Receipt | None, at: datetime) -> None:
    """Give the composed mail the number of its receipt and hand it over; nobody to write to, nothing sent."""
    recipient = by.email or enrolment.family.contact_email
    if not recipient:
        return
    number = receipt.number if receipt is not None else ""
    queue_mail(
        kind=MailKind.ENROLMENT,
        recipient=recipient,
        subject=mail.subject,
        text=mail.text.replace(NUMBER_TO_COME, number),
        html=mail.html.replace(NUMBER_TO_COME, number),
        reference=f"inscription-{enrolment.pk}",
        at=at,
    )


def first_closing(context: BookingContext, lines: Sequence[ReceiptLine], *, at: datetime) -> FirstClosing | None:
    """When the first of these days stops being changeable; None when none may change any more, or none ever stops."""
    closings: dict[datetime, set[date]] = {}
    for line in lines:
        # What was booked could be cancelled, what was cancelled booked again.
        undoing = Wish.REMOVE if line.wish == Wish.ADD else Wish.ADD
        window = context.window(context.units[line.unit_id], undoing, line.day)
        if window.last_shown is not None and window.allows(at):
            closings.setdefault(window.last_shown, set()).add(line.day)
    if not closings:
        return None
    soonest = min(closings, key=to_utc)
    return FirstClosing(soonest, tuple(sorted(closings[soonest])))


def _services(context: BookingContext, units: Sequence[int]) -> list[ServiceContact]:
    return list(dict.fromkeys(context.units[unit].service for unit in units))


def _absolute(name: str, *args: Any) -> str:
    return f"{settings.PORTAL_BASE_URL}{reverse(name, args=args)}"

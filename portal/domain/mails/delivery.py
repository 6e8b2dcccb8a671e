"""Handing mails over to the mail server. Called by the tasks only; everybody else queues."""

import logging
from datetime import datetime
from email.utils import parseaddr
from smtplib import SMTPRecipientsRefused

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction

from portal.domain.mails.enums import MailState
from portal.domain.mails.models import OutgoingMail
from portal.domain.mails.rules import retry_delay

logger = logging.getLogger(__name__)

#: How many waiting mails one run takes; the next run takes the rest.
BATCH = 200


def deliver_mail(*, mail: int, at: datetime) -> bool:
    """Send that mail if it is due, and say whether it left now.

    Safe to call any number of times and from several workers at once: the row stays locked while the server
    is spoken to, so one caller sends and the others see a mail that is no longer queued. A failure sets the next
    attempt, then gives up (`MailState.FAILED`); it never raises. A worker that dies between the server's answer and
    the commit makes the mail leave twice, with the same Message-ID: a recap received twice is better than never.
    """
    with transaction.atomic():
        due = OutgoingMail.objects.select_for_update(of=("self",), skip_locked=True, no_key=True)
        row = due.filter(pk=mail, state=MailState.QUEUED, next_attempt_at__lte=at).first()
        if row is None:
            return False
        try:
            _compose(row).send()
        except Exception as error:  # noqa: BLE001  # whatever the server or its library raises, the mail stays ours
            _note_failure(row, error=error, at=at)
            return False
        row.state, row.sent_at, row.last_error = MailState.SENT, at, ""
        row.attempts += 1
        row.save(update_fields=["state", "sent_at", "attempts", "last_error"])
    logger.info("mail %s (%s) sent", row.pk, row.kind)
    return True


def deliver_pending_mails(*, at: datetime, limit: int = BATCH) -> int:
    """Send the mails that are due, oldest first, and return how many left.

    What picks up after a queue that was down, a worker that died, or a failed attempt.
    """
    due = OutgoingMail.objects.filter(state=MailState.QUEUED, next_attempt_at__lte=at)
    numbers = list(due.order_by("next_attempt_at", "pk").values_list("pk", flat=True)[:limit])
    return sum(deliver_mail(mail=number, at=at) for number in numbers)


def _compose(row: OutgoingMail) -> EmailMultiAlternatives:
    """The message: text, its HTML alternative when there is one, and our number in the headers."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    message = EmailMultiAlternatives(
        subject=row.subject,
        body=row.text,
        to=[row.recipient],
        headers={
            "Message-ID": f"<portail-{row.pk}@{domain}>",
            "X-Portail-Numero": str(row.pk),
            # RFC 3834: holiday replies and mailing robots leave it alone.
            "Auto-Submitted": "auto-generated",
        },
    )
    if row.html:
        message.attach_alternative(row.html, "text/html")
    return message


def _note_failure(row: OutgoingMail, *, error: Exception, at: datetime) -> None:
    row.attempts += 1
    delay = None if _refused_for_good(error) else retry_delay(row.attempts)
    if delay is None:
        row.state = MailState.FAILED
    else:
        row.next_attempt_at = at + delay
    row.last_error = f"{type(error).__name__}: {error}"[:1000]
    row.save(update_fields=["state", "attempts", "next_attempt_at", "last_error"])
    # The error may quote an address: the log names the mail by its number only.
    logger.warning(
        "mail %s (%s): attempt %s failed, %s, %s",
        row.pk,
        row.kind,
        row.attempts,
        type(error).__name__,
        row.state,
    )


def _refused_for_good(error: Exception) -> bool:
    """Whether the server knows that this address will never work (SMTP 5xx on the recipient)."""
    return isinstance(error, SMTPRecipientsRefused) and all(code >= 500 for code, _ in error.recipients.values())

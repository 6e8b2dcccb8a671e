"""Writing to the outbox."""

import logging
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from kombu.exceptions import OperationalError

from portal.domain.accounts.models import User
from portal.domain.audit.services import record
from portal.domain.mails import tasks
from portal.domain.mails.delivery import deliver_mail, deliver_pending_mails
from portal.domain.mails.enums import MailKind, MailState
from portal.domain.mails.models import OutgoingMail
from portal.domain.mails.rules import SECRET_KINDS

__all__ = ["NotResendable", "deliver_mail", "deliver_pending_mails", "queue_mail", "queue_mails", "resend_mail"]

logger = logging.getLogger(__name__)

_LINE_BREAKS = re.compile(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")


class NotResendable(Exception):
    """The mail holds a personal link: a new one is asked for, the old one is not sent again."""


def queue_mail(
    *,
    kind: MailKind,
    recipient: str,
    subject: str,
    text: str,
    html: str = "",
    reference: str = "",
    at: datetime,
) -> OutgoingMail:
    """Write a mail in the caller's transaction; it leaves once that is committed, never if it is rolled back.

    `subject` is put on one line and cut at 200 characters. `reference` is what the mail is about (a receipt number).
    When the task queue cannot be reached the row waits for the next run of `deliver_pending_mails`.
    Raises ValueError without recipient.
    """
    if not recipient:
        raise ValueError("a mail has a recipient")
    mail = OutgoingMail.objects.create(
        kind=kind,
        recipient=recipient,
        subject=_LINE_BREAKS.sub(" ", subject).strip()[:200],
        text=text,
        html=html,
        reference=reference,
        queued_at=at,
        next_attempt_at=at,
    )
    _send_after_commit(mail)
    return mail


def queue_mails(mails: Sequence[OutgoingMail]) -> None:
    """The same for many mails, made by the caller and not saved yet: one query, one message to the queue.

    They leave by `deliver_pending_mails`. Raises ValueError when one has no recipient.
    """
    if not all(mail.recipient for mail in mails):
        raise ValueError("a mail has a recipient")
    for mail in mails:
        mail.subject = _LINE_BREAKS.sub(" ", mail.subject).strip()[:200]
    if OutgoingMail.objects.bulk_create(mails):
        transaction.on_commit(lambda: _hand_over(f"{len(mails)} mails", tasks.deliver_pending))


@transaction.atomic
def resend_mail(*, mail: int, by: User, at: datetime) -> OutgoingMail:
    """Send a mail again to the same address, and return the row that will leave.

    One that never left is put back in the queue; one that left is copied under a new number, because the first
    row with its date is the family's proof. One still queued is returned as it is.
    Raises `NotResendable` for a mail that holds a personal link, `OutgoingMail.DoesNotExist`.
    """
    original = OutgoingMail.objects.select_for_update(of=("self",), no_key=True).get(pk=mail)
    if original.kind in SECRET_KINDS:
        raise NotResendable
    if original.state == MailState.QUEUED:
        return original
    if original.state == MailState.SENT:
        again = queue_mail(
            kind=MailKind(original.kind),
            recipient=original.recipient,
            subject=original.subject,
            text=original.text,
            html=original.html,
            reference=original.reference,
            at=at,
        )
    else:
        again = original
        again.state, again.attempts, again.next_attempt_at = MailState.QUEUED, 0, at
        again.save(update_fields=["state", "attempts", "next_attempt_at"])
        _send_after_commit(again)
    record(verb="resend_mail", target=original, by=by, at=at, after={"number": again.pk})
    return again


def _send_after_commit(mail: OutgoingMail) -> None:
    number = mail.pk
    transaction.on_commit(lambda: _hand_over(f"mail {number}", tasks.deliver, mail=number))


def _hand_over(what: str, task: Any, **kwargs: int) -> None:
    try:
        # No waiting for a broker that is down: the page must answer, and beat comes every minute.
        task.apply_async(kwargs=kwargs, retry=False)
    except (OperationalError, OSError):
        logger.warning("%s: task queue unreachable, left to the next run", what)

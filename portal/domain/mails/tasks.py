"""Background doors of the outbox."""

from celery import shared_task
from django.utils import timezone

from portal.domain.mails import delivery


@shared_task(name="mails.deliver")
def deliver(*, mail: int) -> None:
    """Send one mail, by number."""
    delivery.deliver_mail(mail=mail, at=timezone.now())


@shared_task(name="mails.deliver_pending")
def deliver_pending() -> None:
    """Send whatever is due: run every minute by beat."""
    delivery.deliver_pending_mails(at=timezone.now())

"""Background doors of the agents' desk."""

from celery import shared_task
from django.utils import timezone

from portal.backoffice.desk import digest


@shared_task(name="desk.send_digests")
def send_digests() -> None:
    """Write the mail of the morning: run every hour by beat, it does something once a working day."""
    digest.send_digests(at=timezone.now())

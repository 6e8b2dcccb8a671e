"""Background doors of absences."""

from celery import shared_task
from django.utils import timezone

from portal.domain.absences import ending


@shared_task(name="absences.lapse")
def lapse() -> None:
    """Charge what was never justified: run every hour by beat, it does something once a day."""
    ending.lapse_absences(timezone.now())

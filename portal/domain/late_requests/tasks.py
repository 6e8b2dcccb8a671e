"""Background doors of the requests to the service."""

from celery import shared_task
from django.utils import timezone

from portal.domain.late_requests import ending


@shared_task(name="late_requests.lapse")
def lapse() -> None:
    """Close what was never answered: run by beat, it does something when a day begins."""
    ending.lapse_requests(timezone.now())

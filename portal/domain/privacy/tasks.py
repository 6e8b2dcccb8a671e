"""Background doors of data protection."""

from celery import shared_task
from django.utils import timezone

from portal.domain.privacy import services


@shared_task(name="privacy.run_retention")
def run_retention() -> None:
    """Count what has reached its time; erase the kinds that need nobody: run every day by beat."""
    services.run_retention(at=timezone.now())


@shared_task(name="privacy.expire_exports")
def expire_exports() -> None:
    """Erase the copies of data whose week is over: run every hour by beat."""
    services.expire_exports(at=timezone.now())

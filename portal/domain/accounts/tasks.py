"""Background doors of the accounts."""

from celery import shared_task
from django.utils import timezone

from portal.domain.accounts import services


@shared_task(name="accounts.purge_unactivated")
def purge_unactivated() -> None:
    """Erase the accounts whose activation has lapsed: run every hour by beat."""
    services.purge_unactivated_accounts(at=timezone.now())

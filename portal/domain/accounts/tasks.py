"""Background doors of the accounts."""

from celery import shared_task
from django.utils import timezone

from portal.domain.accounts import services
from portal.domain.accounts.purges import run_purges


@shared_task(name="accounts.purge_unactivated")
def purge_unactivated() -> None:
    """Erase the accounts whose activation has lapsed, and the links that packages above own: every hour by beat."""
    at = timezone.now()
    services.purge_unactivated_accounts(at=at)
    run_purges(at=at)

"""Background doors of quotients."""

from celery import shared_task
from django.utils import timezone

from portal.domain.accounts.models import User
from portal.domain.quotients.services import remind_expiring


@shared_task(name="quotients.remind_expiring")
def remind() -> None:
    """Tell the families whose quotient ends soon: run every day by beat."""
    remind_expiring(by=User.objects.system(), at=timezone.now())

"""Background doors of files."""

from celery import shared_task
from django.utils import timezone

from portal.domain.accounts.models import User
from portal.domain.files import cleaning


@shared_task(name="files.erase_unheld")
def erase_unheld() -> None:
    """Erase what nobody has held for a day: run every day by beat."""
    at = timezone.now()
    cleaning.erase_unheld_files(by=User.objects.system(), at=at)
    cleaning.erase_stray_contents(at=at)

"""Background doors of the forms."""

from celery import shared_task
from django.utils import timezone

from cms_pages.surveys.models import AnswerFile, FormPage
from cms_pages.surveys.services import erase_outdated
from cms_pages.surveys.storage import sweep
from portal.domain.accounts.models import User
from portal.domain.kernel.clock import paris_date


@shared_task(name="surveys.erase_old_answers")
def erase_old_answers() -> None:
    """Erase the answers whose time is over, and the files that belong to none: run every day by beat."""
    now = timezone.now()
    today = paris_date(now)
    pages = list(FormPage.objects.filter(kept_until__lt=today, answers__isnull=False).distinct().order_by("pk"))
    erase_outdated(pages=pages, today=today, by=User.objects.system(), at=now)
    sweep(known=set(AnswerFile.objects.values_list("file", flat=True)), before=now)

"""Background doors of papers."""

from celery import shared_task
from django.utils import timezone

from portal.domain.papers import ending


@shared_task(name="papers.expire")
def expire() -> None:
    """Note the papers that ended: run every hour by beat, it does something once a day."""
    ending.expire_papers(timezone.now())


@shared_task(name="papers.remind_ending")
def remind() -> None:
    """Tell the households whose paper ends soon: run every day by beat."""
    ending.remind_ending(timezone.now())


@shared_task(name="papers.erase_stale_drafts")
def erase_drafts() -> None:
    """Forget what was prepared and never sent: run every hour by beat."""
    ending.erase_stale_drafts(timezone.now())

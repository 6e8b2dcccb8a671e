"""Background doors of waiting lists."""

import logging
from collections.abc import Sequence
from datetime import date

from celery import shared_task
from django.utils import timezone

from portal.domain.waiting import serving

logger = logging.getLogger(__name__)


@shared_task(name="waiting.serve_days")
def serve_days(days: Sequence[str]) -> None:
    """Ask the lines of these days (ISO), once the places that came back are committed."""
    at = timezone.now()
    made = sum(serving.serve_day(day=date.fromisoformat(day), at=at) for day in days)
    if made:
        logger.info("%s places offered", made)


@shared_task(name="waiting.sweep")
def sweep() -> None:
    """Everything that is due: run every minute by beat. A day that fails does not hold the others back."""
    at = timezone.now()
    for day in serving.due_days(at):
        try:
            serving.serve_day(day=day, at=at)
        except Exception:
            logger.exception("the lines of %s could not be served", day)
    serving.tell_over(at=at)

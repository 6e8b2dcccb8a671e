"""Background doors of bookings."""

import logging

from celery import shared_task
from django.utils import timezone

from portal.domain.bookings import expiry

logger = logging.getLogger(__name__)


@shared_task(name="bookings.release_lapsed_drafts")
def release_lapsed_drafts() -> None:
    """Give back the places of the drafts whose time is over: run every minute by beat."""
    released = expiry.release_lapsed_drafts(at=timezone.now())
    if released:
        logger.info("%s drafts lapsed", released)

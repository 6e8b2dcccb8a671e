"""Background doors of reminders."""

import logging

from celery import shared_task
from django.utils import timezone

from portal.domain.accounts.models import User
from portal.domain.reminders import services

logger = logging.getLogger(__name__)


@shared_task(name="reminders.remind_deadlines")
def remind_deadlines() -> None:
    """Tell people about the deadlines of the next day: run every quarter of an hour by beat, told once each."""
    told = services.remind_deadlines(by=User.objects.system(), at=timezone.now())
    if told:
        logger.info("%s people reminded of a deadline", told)

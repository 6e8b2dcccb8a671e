"""Background doors of the reconciliation."""

import logging

from celery import shared_task
from django.utils import timezone

from portal.domain.accounts.models import User
from portal.domain.reconciliation.enums import Trigger
from portal.domain.reconciliation.running import run_checks

logger = logging.getLogger(__name__)


@shared_task(name="reconciliation.run")
def run() -> None:
    """Every check: run every night by beat."""
    if run_checks(trigger=Trigger.NIGHT, by=User.objects.system(), at=timezone.now()) is None:
        logger.info("another run was under way")


@shared_task(name="reconciliation.run_for")
def run_for(agent: int) -> None:
    """Every check, asked by an agent."""
    asked_by = User.objects.filter(pk=agent).first() or User.objects.system()
    if run_checks(trigger=Trigger.AGENT, by=asked_by, at=timezone.now()) is None:
        logger.info("another run was under way")

"""Background doors of the dossier."""

import logging

from celery import shared_task
from django.utils import timezone

from portal.domain.accounts.models import User
from portal.domain.dossier.queries import awaiting_tacit, current_window
from portal.domain.dossier.services import certify_tacitly

logger = logging.getLogger(__name__)


@shared_task(name="dossier.certify_tacitly")
def certify_silent_dossiers() -> None:
    """Note the tacit agreements whose day has come, where the town does so: run every day by beat."""
    now = timezone.now()
    window = current_window(at=now)
    if window is None or window.tacit_on is None:
        return
    system = User.objects.system()
    kept = 0
    for family in awaiting_tacit(settings=window):
        kept += certify_tacitly(family=family, settings=window, by=system, at=now) is not None
    if kept:
        logger.info("%s tacit agreements noted", kept)

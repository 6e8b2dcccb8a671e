"""Preparing the copy of somebody's data in the background: the paper is drawn by this door, hence here."""

import logging
from collections.abc import Mapping
from typing import Any

from celery import shared_task
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from kombu.exceptions import OperationalError

from portal.domain.families.models import Family
from portal.domain.notices.enums import NoticeKind
from portal.domain.notices.services import notify_users
from portal.domain.privacy.enums import ExportState
from portal.domain.privacy.models import DataExport
from portal.domain.privacy.services import prepare_export
from portal.web.design.pdf import render_pdf

logger = logging.getLogger(__name__)

#: How many copies one run makes; the next run takes the rest.
BATCH = 20


def print_data(data: Mapping[str, Any]) -> bytes:
    """The readable half of the copy."""
    return render_pdf("privacy/data_pdf.html", {"data": data})


@shared_task(name="privacy.prepare_export")
def prepare(key: int) -> None:
    """Write the file and tell its owner. Delivered twice, the second finds nothing to do."""
    now = timezone.now()
    with transaction.atomic():
        export = prepare_export(key=key, print_pdf=print_data, at=now)
        if export is not None:
            notify_users(
                users=[export.user],
                kind=NoticeKind.SECURITY,
                family=Family.objects.filter(pk=export.family_key).first(),
                title="La copie de vos données est prête",
                text="Elle se télécharge une fois, pendant 7 jours. Votre mot de passe vous est demandé.",
                path=reverse("privacy:index"),
                at=now,
            )


@shared_task(name="privacy.prepare_pending")
def prepare_pending() -> None:
    """The copies whose message was lost: run every minute by beat."""
    asked = DataExport.objects.filter(state=ExportState.ASKED).order_by("asked_at", "pk")
    for key in list(asked.values_list("pk", flat=True)[:BATCH]):
        prepare(key)


def queue_export(key: int) -> None:
    """Prepare it once the request is committed; without a queue, the next run finds it."""

    def send() -> None:
        try:
            # No waiting for a broker that is down: the page must answer, and beat comes every minute.
            prepare.apply_async(args=[key], retry=False)
        except (OperationalError, OSError):
            logger.warning("export %s: task queue unreachable, left to the next run", key)

    transaction.on_commit(send)

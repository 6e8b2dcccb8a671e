"""Findings are about days and amounts; they go with the dossier, runs and findings that are gone after a year."""

from operator import attrgetter

from portal.domain.privacy.declaring import Held, deleting, erasure_of, reached
from portal.domain.privacy.registry import Retention, register
from portal.domain.reconciliation.models import Finding, Run

KEPT_DAYS = 365


def connect() -> None:
    """Register. They are no part of « mes données »: what they speak of is there, in bookings and receipts
    (docs/registre-des-traitements.md).
    """
    gone = Finding.objects.filter(gone_at__isnull=False).select_related("family")
    register(
        erasure_of(
            "reconciliation",
            Held("constats du rapprochement", lambda family: Finding.objects.filter(family=family)),
            order=86,
        ),
        Retention(
            "reconciliation_findings",
            "Constats du rapprochement",
            "un an après avoir disparu : ils disent ce qui a été corrigé",
            KEPT_DAYS,
            reached(
                gone,
                "gone_at",
                label=lambda row: f"constat n° {row.pk}",
                family=lambda row: row.family.number if row.family else "",
            ),
            deleting(Finding),
            automatic=True,
        ),
        Retention(
            "reconciliation_runs",
            "Vérifications du rapprochement",
            "un an après la vérification",
            KEPT_DAYS,
            reached(Run.objects.all(), "at", label=attrgetter("trigger")),
            deleting(Run),
            automatic=True,
        ),
    )

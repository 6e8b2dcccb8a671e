"""A reminder is personal: who was told of what. Its trace is of no use after the year."""

from collections.abc import Iterator, Mapping
from typing import Any

from portal.domain.accounts.models import User
from portal.domain.privacy.declaring import deleting, erasure_of, reached
from portal.domain.privacy.registry import PersonalData, Retention, register, register_closing
from portal.domain.reminders.models import DeadlineReminder

KEPT_DAYS = 400


def _collect(_family: int, user: User) -> Iterator[Mapping[str, Any]]:
    for said in DeadlineReminder.objects.filter(user=user).select_related("activity").order_by("told_at", "pk"):
        yield {
            "rappel": said.activity.name,
            "limite": said.closes_at.isoformat(),
            "envoyé le": said.told_at.isoformat(),
        }


def _forget(user: User, _at: object) -> None:
    DeadlineReminder.objects.filter(user=user).delete()


def connect() -> None:
    """Register."""
    register(
        PersonalData("reminders", "Les rappels d’échéance reçus", _collect, order=86),
        # Rows are about an account, not about a dossier: they go when it closes.
        erasure_of("reminders", order=86),
        Retention(
            "reminders",
            "Rappels d’échéance envoyés",
            "à partir de l’envoi ; effacés sans confirmation",
            KEPT_DAYS,
            reached(DeadlineReminder.objects.all(), "told_at", label=lambda _row: "rappel d’échéance"),
            deleting(DeadlineReminder),
            automatic=True,
        ),
    )
    register_closing(_forget)

"""Notices are personal, and read ones are soon of no use."""

from collections.abc import Iterator, Mapping
from typing import Any

from portal.domain.accounts.models import User
from portal.domain.notices.models import Notice
from portal.domain.privacy.declaring import Held, deleting, erasure_of, reached
from portal.domain.privacy.registry import PersonalData, Retention, register

READ_DAYS = 180


def _collect(family: int, user: User) -> Iterator[Mapping[str, Any]]:
    for notice in Notice.objects.visible_to(user).filter(family__in=[family, None]).order_by("at", "pk"):
        yield {"notification": notice.title, "texte": notice.text, "le": notice.at.isoformat()}


def connect() -> None:
    """Register."""
    register(
        PersonalData("notices", "Vos notifications", _collect, order=85),
        erasure_of("notices", Held("notifications", lambda family: Notice.objects.filter(family=family)), order=85),
        Retention(
            "notices",
            "Notifications lues",
            "à partir de la lecture ; effacées sans confirmation",
            READ_DAYS,
            reached(Notice.objects.all(), "read_at", label=lambda _row: "notification lue"),
            deleting(Notice),
            automatic=True,
        ),
    )

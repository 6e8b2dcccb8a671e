"""Papers are personal data: given as a copy, forgotten with the dossier, and a while after their end."""

from collections.abc import Iterator, Mapping
from datetime import date
from operator import attrgetter
from typing import Any

from django.db.models import Q, QuerySet

from portal.domain.accounts.models import User
from portal.domain.families.models import ChildLink
from portal.domain.families.privacy import own_children
from portal.domain.kernel.clock import end_of_day, paris_date
from portal.domain.papers.enums import OPEN_STATES, PaperState
from portal.domain.papers.models import Paper
from portal.domain.papers.services import erase_paper
from portal.domain.privacy.declaring import TO_CONFIRM, Held, erasure_of, journalled
from portal.domain.privacy.registry import Expired, Fate, PersonalData, Retention, register

ENDED_DAYS = 365


def _collect(family: int, user: User) -> Iterator[Mapping[str, Any]]:
    """What this account may see, the last first."""
    owned = Q(child=None, family=family) | Q(child__links__family=family)
    rows = Paper.objects.visible_to(user).filter(owned).select_related("type", "child").distinct()
    for row in rows.prefetch_related("files__file").order_by("-prepared_at", "-pk"):
        yield {
            "pièce": row.type.name,
            "enfant": row.child.first_name if row.child else "",
            "état": str(row.get_state_display()),
            "venue": str(row.get_channel_display()),
            "transmise le": row.sent_at.isoformat() if row.sent_at else "",
            "décidée le": row.decided_at.isoformat() if row.decided_at else "",
            "motif": row.reason,
            "remarque": row.note,
            "version du texte accepté": row.text_version,
            "valable jusqu’au": row.valid_until.isoformat() if row.valid_until else "",
            "fichiers": [each.file.name for each in row.files.all()],
        }


def _erasable(family: int) -> QuerySet[Paper]:
    return Paper.objects.filter(Q(child=None, family=family) | Q(child__in=own_children(family)))


def _shared(family: int) -> QuerySet[Paper]:
    """Sent by this household about a child whom another one keeps."""
    return Paper.objects.filter(family=family, child__isnull=False).exclude(child__in=own_children(family))


def _erase_each(rows: QuerySet[Paper]) -> None:
    for paper in rows.order_by("pk"):
        erase_paper(paper)


def _hand_over(rows: QuerySet[Paper]) -> None:
    """To the other household of the child, which keeps it."""
    for paper in rows.order_by("pk"):
        other = ChildLink.objects.filter(child=paper.child_id).exclude(family=paper.family_id).order_by("pk").first()
        if other is not None:
            Paper.objects.filter(pk=paper.pk).update(family=other.family_id)


def _ended() -> QuerySet[Paper]:
    """What ended, or was refused, replaced or withdrawn; what still holds stays."""
    return Paper.objects.exclude(state__in=[*OPEN_STATES, PaperState.ACCEPTED])


def _find_ended(before: date, limit: int) -> list[Expired]:
    """What ended on `before` or earlier."""
    ended = _ended().filter(Q(valid_until__lte=before) | Q(valid_until=None, sent_at__lt=end_of_day(before)))
    found = [
        Expired(
            row.pk,
            f"pièce {row.get_state_display()}",
            row.family.number,
            row.valid_until or paris_date(row.decided_at or row.sent_at or row.prepared_at),
        )
        for row in ended.select_related("family").order_by("sent_at", "pk")[:limit]
    ]
    return sorted(found, key=lambda each: (each.since, each.key))


def connect() -> None:
    """Register."""
    register(
        PersonalData("papers", "Vos pièces", _collect, order=70),
        erasure_of(
            "papers",
            Held("pièces et leurs fichiers", _erasable, forget=_erase_each),
            Held(
                "pièces d’un enfant d’un autre dossier",
                _shared,
                Fate.KEPT,
                "elles valent aussi pour l’autre foyer de l’enfant",
                forget=_hand_over,
            ),
            order=70,
        ),
        Retention(
            "papers",
            "Pièces et leurs fichiers, après leur fin",
            f"à partir de la fin de validité, du refus, du remplacement ou du retrait ; {TO_CONFIRM}",
            ENDED_DAYS,
            _find_ended,
            journalled(_ended(), "erase_paper", erase=erase_paper, family_key=attrgetter("family_id")),
        ),
    )

"""Papers follow; two that are under way for the same thing are settled first."""

from typing import Any

from django.db.models import QuerySet

from portal.domain.merging.registry import Subject, register_rows
from portal.domain.papers.enums import OPEN_STATES
from portal.domain.papers.models import Paper

_WORDS = ("pièce", "pièces")
_WHY = "en cours des deux côtés : répondez d’abord à l’une, ou attendez qu’un envoi commencé s’efface (24 h)"


def _of_families(kept: int, duplicate: int) -> QuerySet[Any]:
    under_way = Paper.objects.filter(state__in=OPEN_STATES, child=None)
    return under_way.filter(family=duplicate, type__in=under_way.filter(family=kept).values("type"))


def _of_children(kept: int, duplicate: int) -> QuerySet[Any]:
    under_way = Paper.objects.filter(state__in=OPEN_STATES)
    return under_way.filter(child=duplicate, type__in=under_way.filter(child=kept).values("type"))


def connect() -> None:
    """Register."""
    for name, subject, blocked in (
        ("family", Subject.FAMILY, _of_families),
        ("child", Subject.CHILD, _of_children),
    ):
        register_rows(f"papers.Paper.{name}", subject, _WORDS, blocked=blocked, why_blocked=_WHY, order=70)

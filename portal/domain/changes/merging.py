"""Changes that wait compare with a value of the record they are about: they are answered before it is merged."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from portal.domain.changes.models import ChangeRequest
from portal.domain.kernel.french import plural
from portal.domain.merging.registry import Subject, register_obstacle, register_rows

_WORDS = ("changement demandé", "changements demandés")
_WHY = "répondez-y d’abord, dans « Demandes »"


def _of_family(_kept: int, duplicate: int) -> QuerySet[Any]:
    """Also those about its people: asked again after the merge, they might be there twice."""
    return ChangeRequest.objects.open().filter(family=duplicate)


def _of_child(_kept: int, duplicate: int) -> QuerySet[Any]:
    return ChangeRequest.objects.open().filter(child=duplicate)


def _of_adult(_kept: int, duplicate: int) -> QuerySet[Any]:
    return ChangeRequest.objects.open().filter(adult=duplicate)


def _obstacles(family: int, _at: datetime) -> list[str]:
    waiting = ChangeRequest.objects.open().filter(family=family).count()
    return [f"{plural(waiting, *_WORDS)} sans réponse."] if waiting else []


def connect() -> None:
    """Register."""
    for name, subject, blocked in (
        ("family", Subject.FAMILY, _of_family),
        ("child", Subject.CHILD, _of_child),
        ("adult", Subject.ADULT, _of_adult),
    ):
        register_rows(f"changes.ChangeRequest.{name}", subject, _WORDS, blocked=blocked, why_blocked=_WHY)
    register_obstacle("changes", _obstacles, order=35)

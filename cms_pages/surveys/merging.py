"""Answers to forms follow; where a form wants one answer per family, the kept dossier's is that one."""

from typing import Any

from django.db.models import QuerySet

from cms_pages.surveys.models import Answer
from portal.domain.merging.registry import Subject, register_rows

_WORDS = ("réponse à un formulaire", "réponses à des formulaires")


def _answered(kept: int, duplicate: int) -> QuerySet[Any]:
    own = Answer.objects.filter(family=kept, single=True).values("page")
    return Answer.objects.filter(family=duplicate, single=True, page__in=own)


def connect() -> None:
    """Register."""
    register_rows(
        "surveys.Answer.family",
        Subject.FAMILY,
        _WORDS,
        stays=_answered,
        why_stays="le dossier gardé a déjà répondu à ce formulaire",
        order=110,
    )
    register_rows("surveys.Answer.child", Subject.CHILD, _WORDS, order=110)

"""Answers to forms are personal. Each form says until when they are kept, and its own task erases them."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from cms_pages.surveys.models import Answer
from cms_pages.surveys.services import erase_answers
from portal.domain.accounts.models import User
from portal.domain.families.privacy import visible_children, visible_family
from portal.domain.privacy.registry import (
    Erasure,
    Fate,
    PersonalData,
    Planned,
    register_erasure,
    register_personal_data,
)


def _collect(key: int, user: User) -> Iterator[Mapping[str, Any]]:
    family = visible_family(key, user)
    if family is None:
        return
    children = set(visible_children(key, user).values_list("pk", flat=True))
    for answer in Answer.objects.filter(family=family).select_related("page").order_by("submit_time", "pk"):
        if answer.child_id is None or answer.child_id in children:
            yield {
                "formulaire": answer.page.title,
                "envoyé le": answer.submit_time.isoformat(),
                "réponses": {str(name): str(value) for name, value in answer.form_data.items()},
            }


def _plan(family: int, _at: datetime) -> list[Planned]:
    return [Planned("réponses aux formulaires", Answer.objects.filter(family=family).count(), Fate.ERASED)]


def _forget(family: int, by: User, at: datetime) -> None:
    for answer in Answer.objects.filter(family=family).select_related("page"):
        erase_answers(page=answer.page, numbers=[answer.number], verb="erase_form_answers", by=by, at=at)


def connect() -> None:
    """Register."""
    register_personal_data(PersonalData("surveys", "Vos réponses aux formulaires", _collect, order=88))
    register_erasure(Erasure("surveys", _plan, _forget, order=88))

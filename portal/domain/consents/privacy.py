"""Answers to authorisations are personal, and the proof of what was allowed."""

from collections.abc import Iterator, Mapping
from operator import attrgetter
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from portal.domain.accounts.models import User
from portal.domain.consents.models import Consent
from portal.domain.families.privacy import own_children, visible_children
from portal.domain.privacy.declaring import TO_CONFIRM, Held, deleting, erasure_of, reached
from portal.domain.privacy.registry import Fate, PersonalData, Retention, register

REPLACED_DAYS = 5 * 365


def _collect(family: int, user: User) -> Iterator[Mapping[str, Any]]:
    """Both parents' answers: each is shown to the other on screen as well."""
    found = Consent.objects.filter(child__in=visible_children(family, user))
    for consent in found.select_related("child", "text__type", "by").order_by("at", "pk"):
        yield {
            "enfant": consent.child.first_name,
            "autorisation": consent.text.type.title,
            "version du texte": consent.text.number,
            "réponse": str(consent.get_answer_display()),
            "le": consent.at.isoformat(),
            "par": str(consent.by),
        }


def _gone(family: int) -> QuerySet[Consent]:
    return Consent.objects.filter(child__in=own_children(family))


def _kept(family: int) -> QuerySet[Consent]:
    return Consent.objects.filter(family=family).exclude(child__in=own_children(family))


def _replaced() -> QuerySet[Consent]:
    """Answers that the same person replaced since: the answer in force is never on the list."""
    newer = Consent.objects.filter(
        child=OuterRef("child"), by=OuterRef("by"), text__type=OuterRef("text__type"), at__gt=OuterRef("at")
    )
    return Consent.objects.filter(Exists(newer)).select_related("text__type", "family")


def connect() -> None:
    """Register."""
    register(
        PersonalData("consents", "Les autorisations", _collect, order=40),
        erasure_of(
            "consents",
            Held("réponses aux autorisations", _gone),
            Held("réponses sur un enfant qui a un autre foyer", _kept, Fate.KEPT, "l’autre foyer garde l’enfant"),
            order=40,
        ),
        Retention(
            "consents",
            "Réponses aux autorisations, une fois remplacées",
            f"à partir de la réponse ; {TO_CONFIRM}",
            REPLACED_DAYS,
            reached(
                _replaced(),
                "at",
                label=lambda row: f"réponse remplacée, {row.text.type.title}",
                family=attrgetter("family.number"),
            ),
            deleting(Consent),
        ),
    )

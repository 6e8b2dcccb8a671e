"""Invitations and first contacts follow; of two open links for one address or one person, the kept one's stands."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Lower

from portal.domain.accounts.models import User
from portal.domain.families.models import Adult
from portal.domain.joining.models import Invitation
from portal.domain.kernel.french import plural
from portal.domain.merging.registry import (
    Fate,
    Following,
    Line,
    Subject,
    register_archived,
    register_following,
    register_rows,
)

_WORDS = ("invitation", "invitations")


def _twice(kept: int, duplicate: int) -> QuerySet[Invitation]:
    open_here = Invitation.objects.open().filter(family=kept).annotate(mail=Lower("email")).values("mail")
    return Invitation.objects.open().alias(mail=Lower("email")).filter(family=duplicate, mail__in=open_here)


def _useless(kept: int, duplicate: int) -> QuerySet[Invitation]:
    """The open links of a person who has an account once merged."""
    if not Adult.objects.filter(pk__in=[kept, duplicate], user__is_active=True).exists():
        return Invitation.objects.none()
    return Invitation.objects.open().filter(adult=duplicate)


def _following(column: str, subject: Subject, over: Any, why: str) -> Following:
    def plan(kept: int, duplicate: int, _at: datetime) -> list[Line]:
        cancelled = over(kept, duplicate).count()
        moving = Invitation.objects.filter(**{column: duplicate}).count() - cancelled
        return [
            *([Line(plural(moving, *_WORDS), Fate.MOVES)] if moving else []),
            *([Line(plural(cancelled, *_WORDS), Fate.THERE, why)] if cancelled else []),
        ]

    def follow(kept: int, duplicate: int, _by: User, at: datetime) -> None:
        cancelled = list(over(kept, duplicate).values_list("pk", flat=True))
        Invitation.objects.filter(pk__in=cancelled).update(cancelled_at=at)
        Invitation.objects.filter(**{column: duplicate}).update(**{column: kept})

    return Following(f"joining.{column}", subject, (f"joining.Invitation.{column}",), plan, follow, order=80)


def _close_doors(family: int, _by: User, at: datetime) -> None:
    """Nobody enters an archived dossier by a link sent before."""
    Invitation.objects.open().filter(family=family).update(cancelled_at=at)


def connect() -> None:
    """Register."""
    register_following(
        _following("family", Subject.FAMILY, _twice, "l’adresse a déjà un lien ouvert, celui du doublon est annulé")
    )
    register_following(_following("adult", Subject.ADULT, _useless, "la personne a un compte, le lien est annulé"))
    register_rows("joining.FirstContact.family", Subject.FAMILY, ("première demande", "premières demandes"), order=81)
    register_archived(_close_doors)

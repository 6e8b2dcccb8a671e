"""A preparation is a wish nobody sent: it goes first. A recap is the family's proof: it goes with the dossier."""

from collections.abc import Iterator, Mapping
from operator import attrgetter
from typing import Any

from portal.domain.accounts.models import User
from portal.domain.families.privacy import visible_children
from portal.domain.kernel.school_year import SchoolYear
from portal.domain.privacy.declaring import TO_CONFIRM, Held, deleting, erasure_of, reached
from portal.domain.privacy.registry import PersonalData, Retention, register
from portal.domain.rentree.models import RentreeAnswer, RentreeDraft, RentreeLine, RentreeRecap

DRAFT_DAYS = 400
RECAP_DAYS = 730


def _collect(family: int, user: User) -> Iterator[Mapping[str, Any]]:
    """What was sent, then what is still in preparation, for the children whom this account may see."""
    children = set(visible_children(family, user).values_list("pk", flat=True))
    lines = RentreeLine.objects.filter(recap__family=family, child__in=children).select_related("recap")
    for line in lines.order_by("recap__at", "rank"):
        yield {
            "rentrée": SchoolYear(line.recap.school_year).label,
            "récapitulatif": line.recap.number,
            "envoyée le": line.recap.at.isoformat(),
            "enfant": line.child_name,
            "activité": line.label,
            "état": str(line.get_state_display()),
            "motif": line.reason,
        }
    answers = RentreeAnswer.objects.filter(draft__family=family, child__in=children)
    for answer in answers.select_related("draft", "child", "activity").order_by("draft", "pk"):
        yield {
            "rentrée": SchoolYear(answer.draft.school_year).label,
            "en préparation, changée le": answer.draft.changed_at.isoformat(),
            "enfant": answer.child.first_name,
            "activité": answer.activity.name,
            "souhaitée": answer.wanted,
        }


def connect() -> None:
    """Register."""
    register(
        PersonalData("rentree", "La rentrée, préparée et envoyée", _collect, order=65),
        erasure_of(
            "rentree",
            Held("rentrées en préparation", lambda family: RentreeDraft.objects.filter(family=family)),
            Held("rentrées envoyées", lambda family: RentreeRecap.objects.filter(family=family)),
            order=93,
        ),
        Retention(
            "rentree_drafts",
            "Rentrées en préparation",
            "à partir du dernier changement : la rentrée est passée",
            DRAFT_DAYS,
            reached(
                RentreeDraft.objects.select_related("family"),
                "changed_at",
                label=lambda row: f"préparation de la rentrée {SchoolYear(row.school_year).label}",
                family=attrgetter("family.number"),
            ),
            deleting(RentreeDraft),
            automatic=True,
        ),
        Retention(
            "rentree_recaps",
            "Récapitulatifs de rentrée",
            f"à partir de l’envoi ; les inscriptions et les réservations ont leurs propres durées ; {TO_CONFIRM}",
            RECAP_DAYS,
            reached(
                RentreeRecap.objects.select_related("family"),
                "at",
                label=lambda row: f"rentrée n° {row.number}",
                family=attrgetter("family.number"),
            ),
            deleting(RentreeRecap),
        ),
    )

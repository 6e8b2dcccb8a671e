"""What families wrote to ask goes first; days and decisions stay for a year, receipts are the evidence."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from portal.domain.accounts.models import User
from portal.domain.kernel.french import short_instant
from portal.domain.late_requests.enums import OPEN_STATES
from portal.domain.late_requests.merging import close_family
from portal.domain.late_requests.models import LateRequest, LateWord
from portal.domain.late_requests.services import write_down
from portal.domain.privacy.declaring import TO_CONFIRM, deleting, reached
from portal.domain.privacy.registry import Erasure, Fate, PersonalData, Planned, Retention, register

WORDS_DAYS = 60
KEPT_DAYS = 400


def _collect(family: int, user: User) -> Iterator[Mapping[str, Any]]:
    """What this account may see, the last first."""
    rows = LateRequest.objects.visible_to(user).filter(family=family).select_related("child", "activity")
    for row in rows.prefetch_related("days__unit__activity", "words").order_by("-asked_at", "-pk"):
        yield {
            "enfant": row.child.first_name,
            "activité": row.activity.name,
            "demande": str(row.get_wish_display()),
            "motif": row.reason,
            "état": str(row.get_state_display()),
            "demandée le": row.asked_at.isoformat(),
            "réponse du service": row.answer,
            "jours": [f"{day.day:%d/%m/%Y} {day.unit}, {day.get_state_display()}" for day in row.days.all()],
            "messages": [
                f"{short_instant(word.at)}, {'service' if word.of_service else 'famille'} : {word.text}"
                for word in row.words.all()
            ],
        }


def _with_words() -> QuerySet[LateRequest]:
    """Decided, and its words not erased yet."""
    return LateRequest.objects.filter(forgotten_at=None).exclude(state__in=OPEN_STATES)


def _forget(row: LateRequest, *, at: datetime) -> None:
    row.reason, row.forgotten_at = "", at
    row.save(update_fields=["reason", "forgotten_at"])
    LateWord.objects.filter(request=row).delete()


def _erase_words(keys: list[int], by: User, at: datetime) -> int:
    """Forget what was written in those requests still decided."""
    with transaction.atomic():
        locked = _with_words().select_for_update(of=("self",)).select_related("child", "activity")
        found = list(locked.filter(pk__in=keys))
        for row in found:
            write_down("erase_late_request", row, by=by, at=at)
            _forget(row, at=at)
        return len(found)


def _plan(family: int, _at: datetime) -> list[Planned]:
    asked = LateRequest.objects.filter(family=family).count()
    return [Planned("demandes au service", asked, Fate.ERASED)]


def _forget_family(family: int, by: User, at: datetime) -> None:
    close_family(family, by, at)
    LateRequest.objects.filter(family=family).delete()


def connect() -> None:
    """Register."""
    register(
        PersonalData("late_requests", "Les demandes au service", _collect, order=73),
        Erasure("late_requests", _plan, _forget_family, order=73),
        Retention(
            "late_request_words",
            "Motifs et messages des demandes au service",
            f"à partir de l’envoi, une fois la demande close ; les jours et la décision restent ; {TO_CONFIRM}",
            WORDS_DAYS,
            reached(
                _with_words().select_related("family"),
                "sent_at",
                label=lambda _row: "motif d’une demande",
                family=attrgetter("family.number"),
            ),
            _erase_words,
            automatic=True,
        ),
        Retention(
            "late_requests",
            "Demandes au service",
            f"à partir de la demande, sans ses motifs ; {TO_CONFIRM}",
            KEPT_DAYS,
            reached(
                LateRequest.objects.exclude(forgotten_at=None).select_related("family"),
                "asked_at",
                label=lambda _row: "demande au service",
                family=attrgetter("family.number"),
            ),
            deleting(LateRequest),
        ),
    )

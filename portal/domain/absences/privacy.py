"""A declaration tells of health: its certificate, words and reason go first, days and prices stay as evidence."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from portal.domain.absences.enums import OPEN_STATES
from portal.domain.absences.models import Absence, AbsenceDay, CertificateReading
from portal.domain.absences.services import forget_content, write_down
from portal.domain.accounts.models import User
from portal.domain.kernel.french import short_instant
from portal.domain.privacy.declaring import TO_CONFIRM, Held, deleting, erasure_of, reached
from portal.domain.privacy.registry import Fate, PersonalData, Retention, register

CERTIFICATE_DAYS = 60
EVIDENCE_YEARS = 10
EVIDENCE_DAYS = EVIDENCE_YEARS * 365 + 3


def _collect(family: int, user: User) -> Iterator[Mapping[str, Any]]:
    """What this account may see, the last first."""
    rows = Absence.objects.visible_to(user).filter(family=family).select_related("child", "reason")
    rows = rows.prefetch_related("files__file", "days__booking__unit__activity", "readings__agent")
    for row in rows.order_by("-declared_at", "-pk"):
        yield {
            "enfant": row.child.first_name,
            "du": row.first_day.isoformat(),
            "au": row.last_day.isoformat(),
            "motif": row.reason.name if row.reason else "",
            "précision": row.words,
            "état": str(row.get_state_display()),
            "déclarée le": row.declared_at.isoformat(),
            "réponse du service": row.answer,
            "justificatifs": [each.file.name for each in row.files.all()],
            "jours": [_day_words(day) for day in row.days.all()],
            "lectures": [f"{short_instant(each.at)}, {each.agent.get_full_name()}" for each in row.readings.all()],
        }


def _day_words(row: AbsenceDay) -> str:
    effect = f", {row.get_outcome_display()}, {row.amount}" if row.outcome else ""
    return f"{row.booking.day:%d/%m/%Y} {row.booking.unit}{effect}"


def _with_content() -> QuerySet[Absence]:
    """Answered, and its content not erased yet."""
    return Absence.objects.filter(forgotten_at=None).exclude(state__in=OPEN_STATES)


def _erase_content(keys: list[int], by: User, at: datetime) -> int:
    """Forget the content of those declarations still answered; days and prices stay."""
    with transaction.atomic():
        found = list(_with_content().select_for_update(of=("self",)).select_related("child").filter(pk__in=keys))
        for row in found:
            write_down("erase_certificate", row, by=by, at=at)
            _forget(row, at=at)
        return len(found)


def _forget(row: Absence, *, at: datetime) -> None:
    forget_content(row, at=at)
    row.save()


def _forget_all(rows: QuerySet[Absence]) -> None:
    """For good: the instant is that of the last move of each."""
    for row in rows.filter(forgotten_at=None).order_by("pk"):
        row.answer = "" if row.answer and row.state not in {"refused", "asked"} else row.answer
        _forget(row, at=row.decided_at or row.sent_at or row.declared_at)
    CertificateReading.objects.filter(absence__in=rows).delete()


def connect() -> None:
    """Register."""
    answered = _with_content().select_related("family")
    register(
        PersonalData("absences", "Les absences déclarées", _collect, order=72),
        erasure_of(
            "absences",
            Held(
                "absences déclarées : certificats, motifs et précisions effacés, jours et prix gardés",
                lambda family: Absence.objects.filter(family=family),
                Fate.KEPT,
                "pièces comptables : 10 ans",
                EVIDENCE_YEARS,
                forget=_forget_all,
            ),
            order=72,
        ),
        Retention(
            "absence_certificates",
            "Justificatifs et motifs d’absence",
            f"à partir de la décision ; les jours et leur prix restent ; {TO_CONFIRM}",
            CERTIFICATE_DAYS,
            reached(
                answered, "decided_at", label=lambda _row: "justificatif d’absence", family=attrgetter("family.number")
            ),
            _erase_content,
            automatic=True,
        ),
        Retention(
            "absences",
            "Absences déclarées, sans justificatif",
            f"à partir du dernier jour d’absence ; pièces comptables ; {TO_CONFIRM}",
            EVIDENCE_DAYS,
            reached(
                Absence.objects.exclude(forgotten_at=None).select_related("family"),
                "last_day",
                label=lambda _row: "absence",
                family=attrgetter("family.number"),
            ),
            deleting(Absence),
        ),
        Retention(
            "absence_readings",
            "Journal des lectures de justificatifs d’absence",
            "un an après la lecture (CNIL, délibération 2021-122)",
            365,
            reached(CertificateReading.objects.select_related("absence"), "at", label=lambda _row: "lecture"),
            deleting(CertificateReading),
        ),
    )

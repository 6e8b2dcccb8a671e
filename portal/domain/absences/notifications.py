"""What families are told of a declaration: days, the answer and the price, never why the child is absent."""

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse

from portal.domain.absences.models import Absence, AbsenceDay
from portal.domain.absences.pricing import effect_of
from portal.domain.absences.rules import summary
from portal.domain.kernel.french import NBSP, date_range, day_month, full_date, labelled
from portal.domain.notices.enums import NoticeKind
from portal.domain.notices.services import notify_family


def title_of(absence: Absence) -> str:
    """“Absence de Hugo du 14 au 16 septembre”, in French: it goes to démarches and mails."""
    return f"Absence de {absence.child.first_name} {days_words(absence)}"


def days_words(absence: Absence) -> str:
    """“le 14 septembre”, “du 14 au 16 septembre”."""
    if absence.first_day == absence.last_day:
        return f"le {day_month(absence.first_day)}"
    return date_range(absence.first_day, absence.last_day)


def tell_expected(absence: Absence, *, at: datetime) -> None:
    due = full_date(absence.certificate_due) if absence.certificate_due else ""
    text = f"Envoyez le justificatif depuis le portail jusqu’au {due}. Sans lui, ces jours restent facturés."
    _tell(absence, f"Justificatif attendu{NBSP}: {title_of(absence)}", text, at=at)


def tell_accepted(absence: Absence, days: Sequence[AbsenceDay], *, at: datetime) -> None:
    text = summary((row.booking.day, effect_of(row), row.booking.unit_price) for row in days)
    _tell(absence, f"Acceptée{NBSP}: {title_of(absence)}", text, at=at)


def tell_refused(absence: Absence, *, at: datetime) -> None:
    text = f"{labelled('Motif', absence.answer)} Ces jours restent facturés."
    _tell(absence, f"Refusée{NBSP}: {title_of(absence)}", text, at=at)


def tell_asked_again(absence: Absence, *, at: datetime) -> None:
    _tell(absence, f"À compléter{NBSP}: {title_of(absence)}", absence.answer, at=at)


def tell_lapsed(absence: Absence, *, at: datetime) -> None:
    text = (
        "Le justificatif n’est pas arrivé dans le délai. Si vous l’avez, envoyez-le encore : le service le regardera."
    )
    _tell(absence, f"Jours facturés{NBSP}: {title_of(absence)}", text.replace(" :", f"{NBSP}:"), at=at)


def tell_reopened(absence: Absence, *, at: datetime) -> None:
    _tell(absence, f"De nouveau à l’étude{NBSP}: {title_of(absence)}", "Le service reprend sa décision.", at=at)


def absence_path(absence: Absence) -> str:
    """Where the family follows it."""
    return reverse("absences:detail", kwargs={"key": absence.key})


def _tell(absence: Absence, title: str, text: str, *, at: datetime) -> None:
    notify_family(
        family=absence.family,
        kind=NoticeKind.BOOKING,
        title=title[:200],
        text=text,
        at=at,
        path=absence_path(absence),
        child=absence.child,
    )

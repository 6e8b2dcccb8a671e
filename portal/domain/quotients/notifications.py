"""What families are told of their quotient: that something happened and where to read it, never the value."""

from datetime import datetime

from django.urls import reverse

from portal.domain.kernel.french import NBSP, full_date, labelled
from portal.domain.notices.enums import NoticeKind
from portal.domain.notices.services import notify_family
from portal.domain.quotients.models import Quotient


def tell_accepted(quotient: Quotient, *, at: datetime) -> None:
    days = ""
    if quotient.valid_from is not None and quotient.valid_until is not None:
        days = f"Il est valable du {full_date(quotient.valid_from)} au {full_date(quotient.valid_until)}."
    _tell(quotient, "Votre quotient familial est vérifié", days, at=at)


def tell_refused(quotient: Quotient, *, at: datetime) -> None:
    _tell(
        quotient,
        "Votre quotient familial n’a pas pu être accepté",
        labelled("Motif", quotient.reason),
        at=at,
        kind=NoticeKind.PROCEDURE,
    )


def tell_asked_again(quotient: Quotient, *, at: datetime) -> None:
    _tell(
        quotient,
        f"Quotient familial{NBSP}: un complément est demandé",
        quotient.reason,
        at=at,
        kind=NoticeKind.PROCEDURE,
    )


def tell_expiring(quotient: Quotient, *, at: datetime) -> None:
    last = full_date(quotient.valid_until) if quotient.valid_until is not None else ""
    _tell(
        quotient,
        "Votre quotient familial arrive à sa fin",
        f"Il est valable jusqu’au {last}. Sans nouveau quotient, le tarif le plus élevé s’applique ensuite.",
        at=at,
        kind=NoticeKind.DEADLINE,
    )


def _tell(quotient: Quotient, title: str, text: str, *, at: datetime, kind: NoticeKind = NoticeKind.DOSSIER) -> None:
    notify_family(family=quotient.family, kind=kind, title=title, text=text, at=at, path=reverse("quotient:index"))

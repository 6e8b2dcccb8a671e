"""What a family is told of its démarches. A title says no health or bank data, so neither do these."""

from datetime import datetime

from django.urls import reverse

from portal.domain.kernel import french
from portal.domain.language import in_french
from portal.domain.mails.enums import MailKind
from portal.domain.notices.enums import NoticeKind
from portal.domain.notices.services import notify_family
from portal.domain.procedures.enums import ProcedureState
from portal.domain.procedures.models import Procedure

_NEWS = {
    ProcedureState.RECEIVED: "Votre démarche est en cours",
    ProcedureState.YOUR_TURN: "À vous de jouer",
    ProcedureState.RECORDED: "C’est enregistré",
    ProcedureState.ACCEPTED: "Votre démarche est acceptée",
    ProcedureState.REFUSED: "Votre démarche est refusée",
    ProcedureState.CANCELLED: "Votre démarche est annulée",
}


@in_french()
def acknowledge(procedure: Procedure, *, at: datetime) -> None:
    """The acknowledgement of receipt, by notice and by mail (CRPA, article L. 112-3)."""
    text = f"Enregistrée le {french.instant(at)} sous le n°{french.NBSP}{procedure.number}."
    if procedure.answer_by is not None:
        text = f"{text} Le service répond avant le {french.full_date(procedure.answer_by)}."
    notify_family(
        family=procedure.family,
        child=procedure.child,
        kind=NoticeKind.PROCEDURE,
        title=_fit(f"Demande reçue{french.NBSP}: {procedure.title}"),
        text=text,
        path=address(procedure),
        reference=procedure.number,
        at=at,
        mail_kind=MailKind.ACKNOWLEDGEMENT,
    )


@in_french()
def tell_move(procedure: Procedure, *, note: str, at: datetime) -> None:
    """What the service answered, in its own words."""
    notify_family(
        family=procedure.family,
        child=procedure.child,
        kind=NoticeKind.PROCEDURE,
        title=_fit(f"{_NEWS[ProcedureState(procedure.state)]}{french.NBSP}: {procedure.title}"),
        text=note,
        path=address(procedure),
        reference=procedure.number,
        at=at,
    )


def address(procedure: Procedure) -> str:
    """The page of a démarche in the family's space."""
    return reverse("procedures:detail", args=[procedure.pk])


def _fit(title: str) -> str:
    return title if len(title) <= 200 else f"{title[:199]}…"

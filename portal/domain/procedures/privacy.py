"""Démarches are personal; those about one's data say what became of the request."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse

from portal.domain.accounts.models import User
from portal.domain.families.models import Family
from portal.domain.families.privacy import visible_children, visible_family
from portal.domain.notices.enums import NoticeKind
from portal.domain.notices.services import notify_family
from portal.domain.privacy.declaring import Held, erasure_of
from portal.domain.privacy.models import ErasureRequest
from portal.domain.privacy.registry import PersonalData, register, register_follower
from portal.domain.procedures.enums import ProcedureKind, ProcedureState
from portal.domain.procedures.models import Procedure
from portal.domain.procedures.services import find_procedure, move_procedure, open_procedure


class Follower:
    """The démarche of a request to be erased."""

    def asked(self, *, key: int, family: int, by: User, at: datetime) -> None:
        """A line in the démarches and its receipt."""
        found = Family.objects.get(pk=family)
        open_procedure(
            family=found,
            kind=ProcedureKind.PRIVACY,
            title="Demande d’effacement du dossier",
            state=ProcedureState.RECEIVED,
            by=by,
            at=at,
            about=ErasureRequest(pk=key),
        )
        _tell(found, "Demande d’effacement reçue", "Le service vous répond sous un mois au plus.", at)

    def answered(self, *, key: int, family: int, accepted: bool, words: str, by: User, at: datetime) -> None:
        """Yes or no, with the reason."""
        state = ProcedureState.ACCEPTED if accepted else ProcedureState.REFUSED
        self._move(key, state, words, by, at)
        title = "Votre dossier est effacé" if accepted else "Demande d’effacement refusée"
        _tell(Family.objects.get(pk=family), title, words, at)

    def asked_again(self, *, key: int, family: int, words: str, by: User, at: datetime) -> None:
        """The family's turn."""
        self._move(key, ProcedureState.YOUR_TURN, words, by, at)
        _tell(Family.objects.get(pk=family), "Demande d’effacement : une question du service", words, at)

    def _move(self, key: int, state: ProcedureState, words: str, by: User, at: datetime) -> None:
        procedure = find_procedure(about=ErasureRequest(pk=key))
        if procedure is not None:
            move_procedure(procedure=procedure, state=state, by=by, at=at, note=words[:250])


def _tell(family: Family, title: str, text: str, at: datetime) -> None:
    notify_family(
        family=family, kind=NoticeKind.PROCEDURE, title=title, text=text, path=reverse("privacy:index"), at=at
    )


def _collect(key: int, user: User) -> Iterator[Mapping[str, Any]]:
    family = visible_family(key, user)
    if family is None:
        return
    about = Q(child=None) | Q(child__in=visible_children(key, user))
    procedures = Procedure.objects.filter(about, family=family).prefetch_related("events").order_by("opened_at", "pk")
    for procedure in procedures:
        events = sorted(procedure.events.all(), key=lambda event: (event.at, event.pk))
        yield {
            "démarche": procedure.title,
            "nature": str(procedure.get_kind_display()),
            "déposée le": procedure.opened_at.isoformat(),
            "étapes": [f"{event.at:%d/%m/%Y} {event.get_state_display()} {event.note}".strip() for event in events],
        }


def _forgettable(family: int) -> QuerySet[Procedure]:
    """All but the request itself, which proves what was done."""
    return Procedure.objects.filter(family=family).exclude(kind=ProcedureKind.PRIVACY)


def connect() -> None:
    """Register, and follow the requests."""
    register(
        PersonalData("procedures", "Vos démarches", _collect, order=80),
        erasure_of("procedures", Held("démarches", _forgettable), order=80),
    )
    register_follower(_FOLLOWER)


_FOLLOWER = Follower()

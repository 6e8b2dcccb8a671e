"""What the service answers to a request, and what the family answers back. Accepting books days: `bookings.deciding`.

The child is locked before the enrolment (docs/locking.md), so that an answer and a removal follow each other.
"""

from collections.abc import Sequence
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from portal.domain.accounts.models import User
from portal.domain.audit.services import record
from portal.domain.enrolments.enums import EnrolmentState
from portal.domain.enrolments.models import WORDS, Enrolment
from portal.domain.families.access import Right, children_with
from portal.domain.families.locks import lock_children
from portal.domain.kernel.french import NBSP
from portal.domain.language import in_french
from portal.domain.notices.enums import NoticeKind
from portal.domain.notices.services import notify_family
from portal.domain.procedures.enums import ProcedureKind, ProcedureState
from portal.domain.procedures.models import Procedure
from portal.domain.procedures.services import move_procedure

DECIDE = "enrolments.decide_enrolment"

REASONS: Sequence[str] = (
    "Il n’y a plus de place pour cette période.",
    "La demande ne répond pas aux conditions de l’activité.",
    "La demande est arrivée hors des dates d’inscription.",
    "Une autre inscription couvre déjà ces jours.",
)


class EnrolmentDecided(Exception):
    """Somebody answered, or the family took the request back, meanwhile: nothing was written."""

    def __init__(self, enrolment: Enrolment) -> None:
        super().__init__(enrolment.state)
        self.enrolment = enrolment


class WordsMissing(Exception):
    """A refusal, a question or an answer without words: nothing was written. The message is French."""


def waiting_enrolments(agent: User) -> QuerySet[Enrolment]:
    """The requests that await this agent; none without the permission."""
    if not agent.has_perm(DECIDE):
        return Enrolment.objects.none()
    return Enrolment.objects.awaiting_agents().select_related("activity", "child", "family")


@transaction.atomic
@in_french()
def refuse_enrolment(*, enrolment: int, reason: str, by: User, at: datetime) -> Enrolment:
    """Say no, with a reason that the family reads. Raises PermissionDenied, EnrolmentDecided, WordsMissing."""
    words = said(reason, "Écrivez le motif : la famille le lira.")
    found = lock_waiting(enrolment, by=by)
    found.state, found.reason = EnrolmentState.REFUSED, words
    found.decided_at, found.decided_by = at, by
    found.save(update_fields=["state", "reason", "decided_at", "decided_by"])
    write_down("refuse_enrolment", found, by=by, at=at, reason=words)
    move_enrolment(found, ProcedureState.REFUSED, note=words, by=by, at=at)
    tell(found, f"Inscription refusée{NBSP}: {named(found)}", f"Motif{NBSP}: {words}", at=at)
    return found


@transaction.atomic
@in_french()
def ask_enrolment_again(*, enrolment: int, message: str, by: User, at: datetime) -> Enrolment:
    """Ask the family for something more: the request waits for its answer. Raises as `refuse_enrolment`."""
    words = said(message, "Écrivez ce que vous demandez : la famille le lira.")
    found = lock_waiting(enrolment, by=by)
    found.reason, found.answer, found.asked_at = words, "", at
    found.save(update_fields=["reason", "answer", "asked_at"])
    write_down("ask_enrolment_again", found, by=by, at=at, reason=words)
    move_enrolment(found, ProcedureState.YOUR_TURN, note=words, by=by, at=at)
    tell(found, f"À vous de jouer{NBSP}: inscription, {named(found)}", words, at=at)
    return found


@transaction.atomic
def answer_enrolment(*, enrolment: Enrolment, answer: str, by: User, at: datetime) -> Enrolment:
    """The family answers the question of the service: the request waits for the service again.

    Sent twice, it is answered once. Raises WordsMissing, and EnrolmentDecided when the person may not book for the
    child any more or when nobody waits for an answer.
    """
    words = said(answer, _("Écrivez votre réponse au service."))
    found = lock_enrolment(enrolment.pk)
    mine = children_with(user=by, family=found.family, right=Right.BOOK).filter(pk=found.child_id)
    if found.asked_at is None and found.answer == words:
        return found
    if found.state != EnrolmentState.REQUESTED or found.asked_at is None or not mine.exists():
        raise EnrolmentDecided(found)
    found.asked_at, found.answer = None, words
    found.save(update_fields=["asked_at", "answer"])
    write_down("answer_enrolment", found, by=by, at=at)
    move_enrolment(found, ProcedureState.RECEIVED, note=words, by=by, at=at)
    return found


# -- shared with accepting and removing, above ------------------------------------------------


def lock_enrolment(key: int) -> Enrolment:
    """The enrolment as it is now, its child and itself locked. Raises Enrolment.DoesNotExist."""
    child = Enrolment.objects.values_list("child", flat=True).get(pk=key)
    lock_children([child])
    rows = Enrolment.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("child", "activity__service", "family", "requested_by", "decided_by").get(pk=key)


def lock_waiting(key: int, *, by: User) -> Enrolment:
    """A request that still awaits an agent. Raises PermissionDenied, Enrolment.DoesNotExist, EnrolmentDecided."""
    if not by.has_perm(DECIDE):
        raise PermissionDenied
    found = lock_enrolment(key)
    if found.state != EnrolmentState.REQUESTED or found.held_since is not None or found.asked_at is not None:
        raise EnrolmentDecided(found)
    return found


def said(text: str, missing: str) -> str:
    """The words, in one line. Raises WordsMissing with that sentence."""
    words = " ".join(text.split())[:WORDS]
    if not words:
        raise WordsMissing(missing)
    return words


def named(enrolment: Enrolment) -> str:
    """“Hugo, Restaurant scolaire 2026/2027”."""
    return f"{enrolment.child.first_name}, {enrolment.activity.name}"


def procedure_of(enrolment: Enrolment) -> Procedure | None:
    """The démarche of the request, the first that was opened about it."""
    found = Procedure.objects.filter(kind=ProcedureKind.ENROLMENT, reference=str(enrolment.pk))
    return found.order_by("pk").first()


def move_enrolment(enrolment: Enrolment, state: ProcedureState, *, note: str, by: User, at: datetime) -> None:
    """The démarche takes a step, without a word: the verb tells the family itself."""
    procedure = procedure_of(enrolment)
    if procedure is not None:
        move_procedure(procedure=procedure, state=state, note=note[:WORDS], by=by, at=at, tell=False)


def tell(enrolment: Enrolment, title: str, text: str, *, at: datetime, mail: bool = True) -> None:
    """A notice to the family, which leads to the enrolment; `mail=False` when another mail says it."""
    notify_family(
        family=enrolment.family,
        child=enrolment.child,
        kind=NoticeKind.PROCEDURE,
        title=title[:200],
        text=text,
        path=reverse("enrolments:detail", args=[enrolment.pk]),
        reference=f"inscription-{enrolment.pk}",
        at=at,
        mail=mail,
    )


def write_down(verb: str, enrolment: Enrolment, *, by: User, at: datetime, **facts: object) -> None:
    """A line of the journal."""
    after = {"activity": enrolment.activity.code, "state": enrolment.state, **facts}
    record(verb=verb, target=enrolment, by=by, at=at, family_key=enrolment.family_id, after=after)

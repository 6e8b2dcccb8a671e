"""Being forgotten: the request, what it would do, and doing it. And closing one's own account."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied
from django.db import transaction

from portal.domain.accounts.models import User
from portal.domain.audit.services import record
from portal.domain.privacy.enums import ErasureState
from portal.domain.privacy.models import DataExport, ErasureRequest
from portal.domain.privacy.registry import Fate, Planned, closings, erasures, followers, personal_data, same_dossier

DECIDE = "privacy.decide_erasurerequest"


class ErasureDecided(Exception):
    """Somebody answered meanwhile: nothing was written. The message says who and what, in French."""


class ErasureBlocked(Exception):
    """Something must be settled first: nothing was written. The message says what, in French."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What an erasure does, line by line. `by_hand` are the parts that no package knows how to forget."""

    lines: tuple[Planned, ...]
    by_hand: tuple[str, ...]

    def with_fate(self, *fates: Fate) -> list[Planned]:
        return [line for line in self.lines if line.fate in fates and line.count]

    @property
    def gone(self) -> list[Planned]:
        return self.with_fate(Fate.ERASED, Fate.ANONYMISED)

    @property
    def kept(self) -> list[Planned]:
        return self.with_fate(Fate.KEPT)

    @property
    def blocking(self) -> list[Planned]:
        return self.with_fate(Fate.BLOCKS)


@transaction.atomic
def request_erasure(*, family: int, number: str, words: str, by: User, at: datetime) -> ErasureRequest:
    """Ask that a dossier be forgotten. Asked twice, the first request is the answer.

    The caller has checked that this account may edit the dossier.
    """
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    request, created = ErasureRequest.objects.get_or_create(
        family_key=family,
        state=ErasureState.ASKED,
        defaults={"family_number": number, "user": by, "words": words, "asked_at": at},
    )
    if created:
        record(verb="request_erasure", target=request, by=by, at=at, family_key=family)
        for follower in followers():
            follower.asked(key=request.pk, family=family, by=by, at=at)
    return request


def plan_erasure(*, family: int, at: datetime) -> Plan:
    """What erasing this dossier would do, without doing it: the list that an agent reads first."""
    known = erasures()
    covered = {erasure.code for erasure in known}
    return Plan(
        tuple(line for key in same_dossier(family) for erasure in known for line in erasure.plan(key, at)),
        tuple(part.title for part in personal_data() if part.code not in covered),
    )


@transaction.atomic
def execute_erasure(*, key: int, by: User, at: datetime) -> Plan:
    """Forget the dossier, all or nothing, and return what was done. Raises PermissionDenied, ErasureDecided,
    ErasureBlocked. The journal says how many lines of which part, and no name.
    """
    request = _lock(key=key, by=by)
    plan = plan_erasure(family=request.family_key, at=at)
    if plan.blocking:
        raise ErasureBlocked(" ; ".join(f"{line.label} : {line.why}" for line in plan.blocking))
    kept = " ; ".join(line.label for line in plan.kept)
    words = f"Ce que la loi nous oblige à garder : {kept}." if kept else ""
    _decide(request, ErasureState.EXECUTED, words[:500], by=by, at=at)
    for follower in followers():
        # Told before: afterwards nobody has an address any more.
        follower.answered(key=request.pk, family=request.family_key, accepted=True, words=request.answer, by=by, at=at)
    for key in reversed(same_dossier(request.family_key)):
        for erasure in reversed(erasures()):
            erasure.execute(key, by, at)
    ErasureRequest.objects.filter(pk=request.pk).update(words="")
    record(
        verb="execute_erasure",
        target=request,
        by=by,
        at=at,
        family_key=request.family_key,
        after={"lines": sum(line.count for line in plan.gone), "kept": sum(line.count for line in plan.kept)},
    )
    return plan


@transaction.atomic
def refuse_erasure(*, key: int, reason: str, by: User, at: datetime) -> None:
    """Say no, with the reason that the family reads. Raises PermissionDenied, ErasureDecided."""
    request = _lock(key=key, by=by)
    _decide(request, ErasureState.REFUSED, reason[:500], by=by, at=at)
    for follower in followers():
        follower.answered(key=request.pk, family=request.family_key, accepted=False, words=reason, by=by, at=at)
    record(verb="refuse_erasure", target=request, by=by, at=at, family_key=request.family_key)


@transaction.atomic
def ask_again_erasure(*, key: int, message: str, by: User, at: datetime) -> None:
    """Ask the family something before answering. Raises PermissionDenied, ErasureDecided."""
    request = _lock(key=key, by=by)
    for follower in followers():
        follower.asked_again(key=request.pk, family=request.family_key, words=message, by=by, at=at)
    record(verb="ask_again_erasure", target=request, by=by, at=at, family_key=request.family_key)


@transaction.atomic
def close_account(*, user: User, at: datetime) -> None:
    """Close one's own account: it never opens again, and the portal forgets who it was. The dossier stays.

    The row remains, without name or address: what it signed keeps an author. Twice is the same as once.
    """
    locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if locked.is_staff or locked.is_superuser:
        raise PermissionDenied
    if locked.username == closed_name(locked):
        return
    for close in closings():
        close(locked, at)
    EmailAddress.objects.filter(user=locked).delete()
    for export in DataExport.objects.filter(user=locked).exclude(content=""):
        transaction.on_commit(partial(export.content.storage.delete, export.content.name or ""))
    DataExport.objects.filter(user=locked).delete()
    locked.username, locked.email = closed_name(locked), ""
    locked.first_name, locked.last_name = "Compte", "fermé"
    locked.is_active = False
    locked.set_unusable_password()
    locked.save()
    record(verb="close_account", target=locked, by=locked, at=at)


def closed_name(user: User) -> str:
    """The user name of a closed account."""
    return f"ferme-{user.pk}"


def _lock(*, key: int, by: User) -> ErasureRequest:
    if not by.has_perm(DECIDE):
        raise PermissionDenied
    request = (
        ErasureRequest.objects.select_for_update(of=("self",), no_key=True).select_related("decided_by").get(pk=key)
    )
    if request.state != ErasureState.ASKED:
        raise ErasureDecided(f"{request.decided_by} a déjà répondu à cette demande : {request.get_state_display()}.")
    return request


def _decide(request: ErasureRequest, state: ErasureState, answer: str, *, by: User, at: datetime) -> None:
    request.state, request.answer, request.decided_by, request.decided_at = state, answer, by, at
    request.save(update_fields=["state", "answer", "decided_by", "decided_at"])

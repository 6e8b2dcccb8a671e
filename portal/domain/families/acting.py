"""Acting for a family: an agent works in its space, by its own name, for an hour at most, with a reason (rule 2).

An agent who looks at the portal of another date (`viewed_at`) reaches the family in the same way; the door refuses
every write meanwhile. What an agent may read of health does not depend on this: it asks for its own permission.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from portal.domain.accounts.models import User
from portal.domain.audit.services import record
from portal.domain.families.models import ActingSession, Child, Family
from portal.domain.families.scope import is_limited, of_children
from portal.domain.kernel.clock import paris_date

ACT = "families.act_for_family"
LASTS = timedelta(minutes=60)
MAX_REASON = 200


class ActingRefused(Exception):
    """Nothing was opened; the message, in French, says why."""


@transaction.atomic
def start_acting(
    *, family: Family, reason: str, by: User, at: datetime, viewed_at: datetime | None = None
) -> ActingSession:
    """Open the space of this family to the agent until `LASTS` later. `viewed_at`: to look at it as of that instant.

    One at a time; the same family again, in the same way, gives the session already open, so that a form sent twice
    opens once. Raises ActingRefused.
    """
    agent = User.objects.select_for_update(no_key=True).get(pk=by.pk)
    reason = " ".join(reason.split())
    _check(agent, reason)
    # Locked: the dossier is neither archived nor absorbed by another meanwhile.
    locked = Family.objects.select_for_update(no_key=True).get(pk=family.pk)
    if is_limited(agent) and not Family.objects.for_agent(agent, on=paris_date(at)).filter(pk=locked.pk).exists():
        raise ActingRefused("Ce dossier n’est pas de votre périmètre.")
    if locked.archived_at is not None:
        raise ActingRefused("Ce dossier est archivé : personne n’y agit plus.")
    session = ActingSession.objects.filter(agent=agent, ended_at=None).first()
    if session is not None and session.expires_at <= at:
        _end(session, by=agent, at=at)
        session = None
    if session is not None:
        if session.family_id == locked.pk and session.viewed_at == viewed_at:
            return session
        raise ActingRefused("Vous êtes déjà dans l’espace d’une famille : terminez d’abord.")
    session = ActingSession.objects.create(
        agent=agent, family=locked, reason=reason, started_at=at, expires_at=at + LASTS, viewed_at=viewed_at
    )
    record(
        verb="start_acting",
        target=session,
        by=agent,
        at=at,
        family_key=locked.pk,
        after={"reason": reason, "viewed_at": viewed_at.isoformat() if viewed_at else ""},
    )
    return session


@transaction.atomic
def stop_acting(*, by: User, at: datetime) -> ActingSession | None:
    """Close the agent's session: from the next look on, the family is out of reach. None when none is open."""
    session = ActingSession.objects.select_for_update(no_key=True).filter(agent=by, ended_at=None).first()
    if session is not None:
        _end(session, by=by, at=at)
    return session


@transaction.atomic
def close_expired_acting(*, at: datetime) -> int:
    """Close the sessions whose hour has passed, signed by the system; how many."""
    expired = ActingSession.objects.select_for_update(no_key=True, skip_locked=True).filter(
        ended_at=None, expires_at__lte=at
    )
    sessions = list(expired.order_by("pk"))
    for session in sessions:
        _end(session, by=User.objects.system(), at=at)
    return len(sessions)


def current_acting(*, user: User, at: datetime) -> ActingSession | None:
    """The agent's open session. One that is past its hour, whose agent lost the permission, or whose family left the
    agent's scope, is closed at once.
    """
    if not user.is_staff:
        return None
    session = ActingSession.objects.filter(agent=user, ended_at=None).select_related("family").first()
    if session is None:
        return None
    if session.expires_at <= at or not user.has_perm(ACT) or not _is_seen(session, user, at):
        stop_acting(by=user, at=at)
        return None
    return session


def acting_families(user: User) -> QuerySet[ActingSession, int]:
    """The key of the family in whose space the agent is; empty for everybody else."""
    return ActingSession.objects.open_of(user).values_list("family_id", flat=True)


def acting_family_key(user: User) -> int | None:
    """The same as a value, for the journal: no query for somebody who is not an agent."""
    return acting_families(user).first() if user.is_staff else None


def acting_children(user: User, children: QuerySet[Child]) -> QuerySet[Child]:
    """Those of the children of the family acted for that are the agent's own to welcome: all for an agent who is not
    limited. What only who welcomes a child may read (health) is narrowed by it.
    """
    if not is_limited(user):
        return children
    session = ActingSession.objects.open_of(user).first()
    return children.filter(of_children(user, "pk", on=paris_date(session.started_at))) if session else children.none()


def _is_seen(session: ActingSession, agent: User, at: datetime) -> bool:
    """Whether the family still exists for the agent; without a query for an agent who is not limited."""
    if not is_limited(agent):
        return True
    return Family.objects.for_agent(agent, on=paris_date(at)).filter(pk=session.family_id).exists()


def _check(agent: User, reason: str) -> None:
    if not (agent.is_active and agent.is_staff and agent.has_perm(ACT)):
        raise ActingRefused("Votre rôle ne permet pas d’agir pour une famille.")
    if not reason:
        raise ActingRefused("Écrivez pourquoi vous agissez pour cette famille.")
    if len(reason) > MAX_REASON:
        raise ActingRefused(f"Le motif compte {MAX_REASON} caractères au plus.")


def _end(session: ActingSession, *, by: User, at: datetime) -> None:
    session.ended_at = at
    session.save(update_fields=["ended_at"])
    record(verb="stop_acting", target=session, by=by, at=at, family_key=session.family_id)

"""An agent opens a dossier to an account that its parent made, where the commune wants one to look first (A5)."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from portal.domain.accounts.models import User
from portal.domain.families.models import Registration
from portal.domain.families.services import Joining, admit, turn_away
from portal.domain.notices.enums import NoticeKind
from portal.domain.notices.services import notify_family, notify_users
from portal.domain.procedures.enums import ProcedureKind, ProcedureState
from portal.domain.procedures.services import open_procedure


class JoiningDecided(Exception):
    """The wish is over: somebody else answered, or the person has an account by now."""


def registrations_awaiting() -> QuerySet[Registration]:
    """The wishes that no link can end: open accounts which an agent lets in, or not."""
    return Registration.objects.filter(user__is_active=True, confirm_digest="")


@transaction.atomic
def approve_joining(*, registration: int, by: User, at: datetime) -> Joining:
    """Open the dossier to this account, and tell the family. Raises `JoiningDecided`."""
    wish = registrations_awaiting().select_related("user", "family").filter(pk=registration).first()
    if wish is None:
        raise JoiningDecided
    user, family = wish.user, wish.family
    try:
        joining = admit(registration=registration, by=by, at=at)
    except Registration.DoesNotExist as error:
        raise JoiningDecided from error
    if joining == Joining.JOINED:
        open_procedure(
            family=family,
            kind=ProcedureKind.ACCOUNT,
            title=f"Accès au dossier\u00a0: {user.get_full_name()}",
            state=ProcedureState.ACCEPTED,
            by=by,
            at=at,
        )
        notify_family(
            family=family,
            kind=NoticeKind.SECURITY,
            title=f"{user.get_full_name()} a maintenant accès à votre dossier",
            text="Le service a vérifié la demande. Ce n’est pas normal\u202f? Appelez-le\u00a0: il ferme cet accès.",
            at=at,
        )
    return joining


@transaction.atomic
def refuse_joining(*, registration: int, reason: str, by: User, at: datetime) -> None:
    """Leave the dossier closed to this account, and tell it why. Raises `JoiningDecided`."""
    wish = registrations_awaiting().filter(pk=registration).first()
    if wish is None:
        raise JoiningDecided
    try:
        user = turn_away(registration=registration, by=by, at=at)
    except Registration.DoesNotExist as error:
        raise JoiningDecided from error
    notify_users(
        users=[user],
        kind=NoticeKind.SECURITY,
        title="Le service n’a pas ouvert le dossier à votre compte",
        text=reason,
        at=at,
    )

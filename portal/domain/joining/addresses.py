"""A new mail address, from the account to the dossier (D35)."""

from datetime import datetime

from django.db import transaction
from django.db.models.functions import Lower

from portal.domain.accounts.models import EmailChange, User
from portal.domain.accounts.security import (
    ChangeRefused,
    ask_email_change,
    cancel_email_change,
    confirm_email_change,
)
from portal.domain.audit.services import record
from portal.domain.families.models import Adult, Family
from portal.domain.joining import notifications
from portal.domain.notices.enums import NoticeKind
from portal.domain.notices.services import notify_users

__all__ = ["ChangeRefused", "apply_email_change", "request_email_change", "undo_email_change"]


@transaction.atomic
def request_email_change(*, new_email: str, by: User, at: datetime) -> EmailChange:
    """Ask both mailboxes. An address that has an account is told how to sign in; the page says the same to all."""
    asked = ask_email_change(new_email=new_email, by=by, at=at)
    change = asked.change
    if asked.taken:
        notifications.send_account_exists(recipient=change.new_email, at=at)
    else:
        notifications.send_email_confirmation(change=change, token=asked.confirm_token, at=at)
    if change.former_email:
        notifications.send_email_warning(change=change, token=asked.cancel_token, at=at)
    record(verb="ask_email_change", target=change, by=by, at=at)
    return change


@transaction.atomic
def apply_email_change(*, token: str, at: datetime) -> EmailChange:
    """The new mailbox confirms: the account, the person and the dossier that had the former address get the new one.

    Raises `ChangeRefused`.
    """
    change = confirm_email_change(token=token, at=at)
    _carry(change.user, before=change.former_email, after=change.new_email)
    record(verb="apply_email_change", target=change, by=change.user, at=at)
    notify_users(users=[change.user], kind=NoticeKind.SECURITY, title="Votre adresse mail a changé", at=at, mail=False)
    return change


@transaction.atomic
def undo_email_change(*, token: str, at: datetime) -> EmailChange:
    """The former mailbox refuses: everything takes its address back, devices sign out. Raises `ChangeRefused`."""
    change = cancel_email_change(token=token, at=at)
    _carry(change.user, before=change.new_email, after=change.former_email)
    record(verb="undo_email_change", target=change, by=change.user, at=at)
    notify_users(
        users=[change.user],
        kind=NoticeKind.SECURITY,
        title="Le changement d’adresse mail est annulé",
        text="Choisissez un nouveau mot de passe avec «\u00a0Mot de passe oublié\u00a0».",
        at=at,
    )
    return change


def _carry(user: User, *, before: str, after: str) -> None:
    """The person of the account, and the dossiers which they may edit and whose contact address it was."""
    if not before:
        return
    Adult.objects.alias(mail=Lower("email")).filter(user=user, mail=before.lower()).update(email=after)
    theirs = Family.objects.filter(members__adult__user=user, members__can_edit=True)
    Family.objects.alias(mail=Lower("contact_email")).filter(pk__in=theirs, mail=before.lower()).update(
        contact_email=after
    )

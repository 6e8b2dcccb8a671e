"""The mails of invitations, first contacts and changes of address. They hold no data of the dossier but its number."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from portal.domain.accounts.enums import InvitedBy
from portal.domain.accounts.models import EmailChange
from portal.domain.joining.models import FirstContact, Invitation
from portal.domain.mails.enums import MailKind
from portal.domain.mails.rendering import render_mail
from portal.domain.mails.services import queue_mail


def send_invitation(*, invitation: Invitation, token: str, at: datetime) -> None:
    """« Votre espace vous attend » (A23): the link, the identifier, the last instant; never a password."""
    _send(
        "invitation",
        kind=MailKind.INVITATION,
        recipient=invitation.email,
        at=at,
        first_name=invitation.first_name,
        email=invitation.email,
        # A parent's name only: an agent's is nobody's business outside.
        inviter=invitation.invited_by.get_full_name() if invitation.origin == InvitedBy.PARENT else "",
        number=invitation.family.number if invitation.origin != InvitedBy.PARENT else "",
        url=_absolute("accounts:invitation", token),
        expires_at=invitation.expires_at,
        hours=round((invitation.expires_at - at).total_seconds() / 3600),
    )


def send_first_contact_confirmation(*, contact: FirstContact, token: str, at: datetime) -> None:
    """Ask the mailbox whether it is theirs, before an agent sees anything."""
    _send(
        "first_contact_confirm",
        kind=MailKind.ACTIVATION,
        recipient=contact.email,
        at=at,
        first_name=contact.first_name,
        url=_absolute("accounts:first_contact_confirm", token),
        expires_at=contact.confirm_until,
    )


def send_first_contact_answer(*, contact: FirstContact, at: datetime) -> None:
    """The service said no, with its reason."""
    _send(
        "first_contact_refused",
        kind=MailKind.ACCOUNT,
        recipient=contact.email,
        at=at,
        first_name=contact.first_name,
        reason=contact.reason,
    )


def send_first_contact_question(*, contact: FirstContact, token: str, at: datetime) -> None:
    """The service asks for something more; the link leads to where it is answered."""
    _send(
        "first_contact_question",
        kind=MailKind.ACTIVATION,
        recipient=contact.email,
        at=at,
        first_name=contact.first_name,
        question=contact.question,
        url=_absolute("accounts:first_contact_answer", token),
        expires_at=contact.confirm_until,
    )


def send_email_confirmation(*, change: EmailChange, token: str, at: datetime) -> None:
    """To the new mailbox: the link that makes it the address of the account."""
    _send(
        "email_confirm",
        kind=MailKind.ACTIVATION,
        recipient=change.new_email,
        at=at,
        first_name=change.user.first_name,
        url=_absolute("accounts:email_confirm", token),
        until=change.confirm_until,
    )


def send_email_warning(*, change: EmailChange, token: str, at: datetime) -> None:
    """To the former mailbox: what was asked, and the link that says no."""
    _send(
        "email_warning",
        kind=MailKind.ACTIVATION,
        recipient=change.former_email,
        at=at,
        first_name=change.user.first_name,
        new_email=change.new_email,
        url=_absolute("accounts:email_cancel", token),
        until=change.cancel_until,
    )


def send_account_exists(*, recipient: str, at: datetime) -> None:
    """To a mailbox that has an account already: somebody asked for it; how to sign in."""
    _send(
        "account_exists",
        kind=MailKind.ACCOUNT,
        recipient=recipient,
        at=at,
        login_url=_absolute("account_login"),
        reset_url=_absolute("account_reset_password"),
    )


def _send(template: str, *, kind: MailKind, recipient: str, at: datetime, **context: Any) -> None:
    texts = render_mail(template=template, context=context)
    queue_mail(kind=kind, recipient=recipient, subject=texts.subject, text=texts.text, html=texts.html, at=at)


def _absolute(name: str, *args: str) -> str:
    return f"{settings.PORTAL_BASE_URL}{reverse(name, args=args)}"

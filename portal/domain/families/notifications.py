"""The mails of accounts and dossiers, handed over to the outbox. They hold no data of the dossier."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse

from portal.domain.accounts.services import PendingAccount
from portal.domain.families.models import Registration
from portal.domain.mails.enums import MailKind
from portal.domain.mails.rendering import render_mail
from portal.domain.mails.services import queue_mail


def send_activation(*, pending: PendingAccount, at: datetime, reference: str = "") -> None:
    """The link that opens an account, with its own subject and its last instant."""
    texts = render_mail(
        template="activation",
        context={
            "first_name": pending.user.first_name,
            "username": pending.user.username,
            "url": _absolute("accounts:activate", pending.token),
            "expires_at": pending.expires_at,
            "hours": round((pending.expires_at - at).total_seconds() / 3600),
        },
    )
    queue_mail(
        kind=MailKind.ACTIVATION,
        recipient=pending.user.email,
        subject=texts.subject,
        text=texts.text,
        html=texts.html,
        reference=reference,
        at=at,
    )


def send_account_exists(*, recipient: str, at: datetime, reference: str = "") -> None:
    """Somebody asked for an account where one exists: how to sign in, without saying which account."""
    texts = render_mail(
        template="account_exists",
        context={"login_url": _absolute("account_login"), "reset_url": _absolute("account_reset_password")},
    )
    queue_mail(
        kind=MailKind.ACCOUNT,
        recipient=recipient,
        subject=texts.subject,
        text=texts.text,
        html=texts.html,
        reference=reference,
        at=at,
    )


def send_joining_request(
    *, registration: Registration, recipient: str, token: str, until: datetime, at: datetime
) -> None:
    """Ask the mailbox that the town knows whether this account may join the dossier."""
    texts = render_mail(
        template="joining_request",
        context={
            "applicant": registration.user.get_full_name(),
            "email": registration.user.email,
            "url": _absolute("accounts:joining", token),
            "until": until,
        },
    )
    queue_mail(
        # The link opens a dossier: the same care as an activation.
        kind=MailKind.ACTIVATION,
        recipient=recipient,
        subject=texts.subject,
        text=texts.text,
        html=texts.html,
        at=at,
    )


def _absolute(name: str, *args: str) -> str:
    return f"{settings.PORTAL_BASE_URL}{reverse(name, args=args)}"

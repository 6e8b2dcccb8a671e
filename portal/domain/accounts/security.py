"""What a person changes of their own account, and the devices where it is open."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import IntegrityError, transaction

from portal.domain.accounts.models import EmailChange, SignInSession, User
from portal.domain.accounts.queries import find_user_by_email
from portal.domain.accounts.rules import clean_email, digest, make_token

#: The new mailbox answers within a day; the former one has three days to say no, whatever happened meanwhile.
CONFIRM_DELAY = timedelta(hours=24)
CANCEL_DELAY = timedelta(hours=72)


class ChangeRefused(Exception):
    """The link of a change of address does nothing: unknown, used, cancelled, lapsed, or the address is taken."""


@dataclass(frozen=True, slots=True)
class AskedChange:
    """A change that was asked for. The tokens are nowhere else in the open; `taken`: the address has an account."""

    change: EmailChange
    confirm_token: str = ""
    cancel_token: str = ""
    taken: bool = False


@transaction.atomic
def ask_email_change(*, new_email: str, by: User, at: datetime) -> AskedChange:
    """Ask for another mail address; a change that waited is replaced. Nothing changes before the new mailbox confirms.

    `taken` tells the caller to write to that mailbox what its owner should know: the person who asks sees one and
    the same answer, and the former address is told all the same.
    """
    user = User.objects.select_for_update(of=("self",), no_key=True).get(pk=by.pk)
    open_changes = EmailChange.objects.filter(user=user, applied_at=None, cancelled_at=None)
    open_changes.update(cancelled_at=at)
    email = clean_email(new_email)
    confirm_until, cancel_until = at + CONFIRM_DELAY, at + CANCEL_DELAY
    confirm = make_token(secret=secrets.token_urlsafe(32), expires_at=confirm_until)
    cancel = make_token(secret=secrets.token_urlsafe(32), expires_at=cancel_until)
    change = EmailChange.objects.create(
        user=user,
        former_email=user.email,
        new_email=email,
        confirm_digest=digest(confirm),
        cancel_digest=digest(cancel),
        asked_at=at,
        confirm_until=confirm_until,
        cancel_until=cancel_until,
    )
    taken = find_user_by_email(email=email) is not None
    return AskedChange(change=change, confirm_token=confirm, cancel_token=cancel, taken=taken)


def read_email_change(*, token: str, at: datetime) -> EmailChange | None:
    """The change behind a confirmation link that still works."""
    waiting = EmailChange.objects.select_related("user").filter(
        applied_at=None, cancelled_at=None, confirm_until__gt=at
    )
    return waiting.filter(confirm_digest=digest(token), user__is_active=True).first()


def read_cancellation(*, token: str, at: datetime) -> EmailChange | None:
    """The change behind a cancellation link that still works, applied or not."""
    open_ones = EmailChange.objects.select_related("user").filter(cancelled_at=None, cancel_until__gt=at)
    return open_ones.filter(cancel_digest=digest(token), user__is_active=True).first()


def confirm_email_change(*, token: str, at: datetime) -> EmailChange:
    """The new mailbox says yes: it becomes the address of the account. Raises `ChangeRefused`."""
    try:
        with transaction.atomic():
            return _confirm(token=token, at=at)
    except IntegrityError as error:
        # Somebody took the address in the same instant.
        raise ChangeRefused from error


def _confirm(*, token: str, at: datetime) -> EmailChange:
    change = _locked(confirm_digest=digest(token))
    if change.applied_at or change.cancelled_at or change.confirm_until <= at or not change.user.is_active:
        raise ChangeRefused
    if find_user_by_email(email=change.new_email) is not None:
        raise ChangeRefused
    _set_email(change.user, change.new_email)
    change.applied_at = at
    change.save(update_fields=["applied_at"])
    return change


@transaction.atomic
def cancel_email_change(*, token: str, at: datetime) -> EmailChange:
    """The former mailbox says no: the account keeps, or takes back, its address, and every device is signed out.

    Whoever asked knew the password: it no longer opens anything until a new one is chosen from this mailbox.
    Raises `ChangeRefused`.
    """
    change = _locked(cancel_digest=digest(token))
    if change.cancelled_at or change.cancel_until <= at or not change.user.is_active:
        raise ChangeRefused
    change.cancelled_at = at
    change.save(update_fields=["cancelled_at"])
    user = change.user
    # Later changes of a thief fall with the first.
    EmailChange.objects.filter(user=user, cancelled_at=None, asked_at__gt=change.asked_at).update(cancelled_at=at)
    holder = find_user_by_email(email=change.former_email)
    if holder is None or holder.pk == user.pk:
        _set_email(user, change.former_email)
    user.set_unusable_password()
    user.save(update_fields=["password"])
    close_sessions(user=user)
    return change


def _locked(**found: str) -> EmailChange:
    """The change of that digest, its account locked then read again."""
    seen = EmailChange.objects.filter(**found).first()
    if seen is None:
        raise ChangeRefused
    user = User.objects.select_for_update(of=("self",), no_key=True).get(pk=seen.user_id)
    change = EmailChange.objects.get(pk=seen.pk)
    change.user = user
    return change


def _set_email(user: User, email: str) -> None:
    user.email = email
    user.save(update_fields=["email"])
    EmailAddress.objects.filter(user=user).delete()
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)


def open_session(*, user: User, session_key: str, device: str, is_shared: bool, at: datetime) -> SignInSession:
    """Keep that this account is signed in there."""
    session, _created = SignInSession.objects.update_or_create(
        session_key=session_key,
        defaults={"user": user, "device": device, "is_shared": is_shared, "opened_at": at, "seen_at": at},
    )
    return session


def sessions_of(*, user: User) -> list[SignInSession]:
    """The devices of an account that are still signed in, the last seen first; the others are forgotten."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    known = list(SignInSession.objects.filter(user=user).order_by("-seen_at", "-pk"))
    alive = [session for session in known if store().exists(session.session_key)]
    gone = {session.pk for session in known} - {session.pk for session in alive}
    if gone:
        SignInSession.objects.filter(pk__in=gone).delete()
    return alive


def close_session(*, session: SignInSession) -> None:
    """Sign that device out at once."""
    import_module(settings.SESSION_ENGINE).SessionStore().delete(session.session_key)
    session.delete()


def close_sessions(*, user: User, but: str = "") -> int:
    """Sign every device of the account out, except the one of the session key `but`; returns how many."""
    others = list(SignInSession.objects.filter(user=user).exclude(session_key=but))
    for session in others:
        close_session(session=session)
    return len(others)

"""Writing accounts: creation, activation, purge, terms."""

import logging
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import ProtectedError

from portal.domain.accounts.enums import AccountOrigin
from portal.domain.accounts.models import Activation, TermsAcceptance, TermsVersion, User
from portal.domain.accounts.queries import LinkState, find_user, link_state
from portal.domain.accounts.rules import clean_email, clean_username, digest, make_token, username_from_email

logger = logging.getLogger(__name__)

#: How many lapsed accounts one run erases; the next run takes the rest.
PURGE_BATCH = 500


class ActivationRefused(Exception):
    """The link does not open an account; `state` says why."""

    def __init__(self, state: LinkState) -> None:
        super().__init__(state.value)
        self.state = state


class WrongPassword(Exception):
    """The link is good, the password is not the one chosen with the account."""


@dataclass(frozen=True, slots=True)
class PendingAccount:
    """An account that waits, and the token of its link: the only place where it is in the open."""

    user: User
    token: str
    expires_at: datetime


@transaction.atomic
def create_pending_account(
    *,
    username: str,
    email: str,
    password_hash: str,
    first_name: str,
    last_name: str,
    origin: AccountOrigin,
    valid_for: timedelta,
    at: datetime,
) -> PendingAccount:
    """Create an account that cannot sign in until its link is followed, at the latest `valid_for` after `at`.

    A user name that is taken gets a number, an empty one is made from the mail address: nobody learns
    from the form which names exist. `password_hash` is what `make_password` returned.
    Raises IntegrityError when the mail address has an account.
    """
    user = User.objects.create(
        username=free_username(wanted=clean_username(username) or username_from_email(email)),
        email=clean_email(email),
        password=password_hash,
        first_name=first_name,
        last_name=last_name,
        origin=origin,
        is_active=False,
        date_joined=at,
    )
    token, expires_at = _new_token(valid_for=valid_for, at=at)
    Activation.objects.create(user=user, token_digest=digest(token), sent_at=at, expires_at=expires_at)
    return PendingAccount(user=user, token=token, expires_at=expires_at)


@transaction.atomic
def create_open_account(
    *,
    username: str,
    email: str,
    password_hash: str,
    first_name: str,
    last_name: str,
    origin: AccountOrigin,
    at: datetime,
) -> User:
    """Create an account that may sign in at once: the caller knows that the mailbox was just proved by a link.

    A user name that is taken gets a number, an empty one is made from the mail address.
    Raises IntegrityError when the mail address has an account.
    """
    user = User.objects.create(
        username=free_username(wanted=clean_username(username) or username_from_email(email)),
        email=clean_email(email),
        password=password_hash,
        first_name=first_name,
        last_name=last_name,
        origin=origin,
        date_joined=at,
    )
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


@transaction.atomic
def renew_activation(*, user: User, valid_for: timedelta, at: datetime) -> PendingAccount | None:
    """Give a waiting account a new link and its whole delay; the former link dies. None when it waits no longer."""
    waiting = Activation.objects.pending().select_for_update(of=("self",), no_key=True)
    activation = waiting.filter(user=user, expires_at__gt=at).first()
    if activation is None:
        return None
    token, expires_at = _new_token(valid_for=valid_for, at=at)
    activation.token_digest, activation.sent_at, activation.expires_at = digest(token), at, expires_at
    activation.save(update_fields=["token_digest", "sent_at", "expires_at"])
    return PendingAccount(user=user, token=token, expires_at=expires_at)


@transaction.atomic
def activate_account(*, token: str, password: str, at: datetime) -> User:
    """Open the account of this link: it may sign in, and its mail address is verified.

    The link proves the mailbox, the password proves that the same person filled the form: whoever receives
    the link of an account made by somebody else cannot open it unawares for them.
    Raises `ActivationRefused`, `WrongPassword`.
    """
    locked = Activation.objects.select_for_update(of=("self",), no_key=True).select_related("user")
    activation = locked.filter(token_digest=digest(token)).first()
    state = link_state(activation=activation, token=token, at=at)
    if activation is None or state != LinkState.VALID:
        raise ActivationRefused(state)
    user = activation.user
    if not user.check_password(password):
        raise WrongPassword
    activation.activated_at = at
    activation.save(update_fields=["activated_at"])
    user.is_active = True
    user.save(update_fields=["is_active"])
    EmailAddress.objects.update_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
    return user


def purge_unactivated_accounts(*, at: datetime, limit: int = PURGE_BATCH) -> int:
    """Erase the accounts whose link has lapsed, and return how many (rule 39).

    Their mail address and user name are free again. An account that is being activated is left alone.
    """
    purged = 0
    lapsed = Activation.objects.expired(at=at).filter(user__is_active=False, user__last_login=None)
    for number in list(lapsed.order_by("expires_at").values_list("pk", flat=True)[:limit]):
        with transaction.atomic():
            row = (
                Activation.objects.expired(at=at)
                .select_for_update(of=("self",), skip_locked=True)
                .select_related("user")
                .filter(pk=number, user__is_active=False)
                .first()
            )
            if row is None:
                continue
            try:
                with transaction.atomic():
                    row.user.delete()
            except ProtectedError:
                # Something signed by this account keeps it: one such row must not stop the others.
                logger.exception("account %s lapsed and cannot be erased", row.user_id)
                continue
        purged += 1
    if purged:
        logger.info("%s accounts that were never activated erased", purged)
    return purged


def erase_pending_account(*, user: User) -> None:
    """Erase an account that was never activated, to let another take its address. Raises ValueError on any other."""
    if user.is_active or not Activation.objects.pending().filter(user=user).exists():
        raise ValueError("only an account that waits for its activation may be erased")
    user.delete()


@transaction.atomic
def accept_terms(*, version: TermsVersion, by: User, at: datetime) -> TermsAcceptance:
    """Keep that this person accepted this version at that instant. A second time changes nothing (rule 45)."""
    acceptance, _ = TermsAcceptance.objects.get_or_create(user=by, version=version, defaults={"accepted_at": at})
    return acceptance


def free_username(*, wanted: str) -> str:
    """`wanted`, or `wanted` and a number when somebody has it (“claire.vuillet2”)."""
    name, number = wanted, 1
    while find_user(login=name) is not None:
        number += 1
        # Two figures are enough for namesakes; beyond, a drawn number ends the search.
        name = f"{wanted}{number if number < 100 else secrets.randbelow(10**6)}"
    return name


def _new_token(*, valid_for: timedelta, at: datetime) -> tuple[str, datetime]:
    expires_at = at + valid_for
    return make_token(secret=secrets.token_urlsafe(32), expires_at=expires_at), expires_at

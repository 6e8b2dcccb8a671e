"""Reading accounts."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower

from portal.domain.accounts.models import Activation, TermsAcceptance, TermsVersion, User
from portal.domain.accounts.rules import clean_email, clean_username, digest, token_expiry


def find_user(*, login: str) -> User | None:
    """The account that a person means by a mail address or a user name, whatever the case; active or not.

    One query, the same for any answer. A mail address wins over a user name written alike.
    """
    users = User.objects.alias(mail=Lower("email"), name=Lower("username"))
    meant = users.filter((Q(mail=clean_email(login)) & ~Q(email="")) | Q(name=clean_username(login)))
    return max(meant, key=lambda user: (user.email.lower() == clean_email(login), user.pk), default=None)


def find_user_by_email(*, email: str) -> User | None:
    """The account that has this mail address, whatever the case; active or not."""
    return User.objects.alias(mail=Lower("email")).filter(mail=clean_email(email)).exclude(email="").first()


def find_pending(*, email: str, at: datetime) -> User | None:
    """The account of this address that still waits for its activation at `at`."""
    user = find_user_by_email(email=email)
    return user if user is not None and is_pending(user=user, at=at) else None


def is_pending(*, user: User, at: datetime) -> bool:
    """Whether this account waits for its activation and still may be activated."""
    return not user.is_active and Activation.objects.pending().filter(user=user, expires_at__gt=at).exists()


class LinkState(StrEnum):
    """What an activation link is worth."""

    VALID = "valid"
    EXPIRED = "expired"
    USED = "used"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ActivationLink:
    """A link as the page behind it shows it. `expires_at` is None for what is not a link of ours."""

    state: LinkState
    expires_at: datetime | None
    first_name: str = ""
    username: str = ""


def read_activation_link(*, token: str, at: datetime) -> ActivationLink:
    """What the activation link with this token is worth at `at`; says nothing about a link that is not valid."""
    activation = Activation.objects.select_related("user").filter(token_digest=digest(token)).first()
    state = link_state(activation=activation, token=token, at=at)
    if activation is None or state != LinkState.VALID:
        return ActivationLink(state=state, expires_at=token_expiry(token))
    return ActivationLink(
        state=state,
        expires_at=activation.expires_at,
        first_name=activation.user.first_name,
        username=activation.user.username,
    )


def link_state(*, activation: Activation | None, token: str, at: datetime) -> LinkState:
    """What a token is worth, knowing the row that carries its digest. Without row, its own instant still speaks."""
    if activation is None:
        written = token_expiry(token)
        return LinkState.EXPIRED if written is not None and written <= at else LinkState.UNKNOWN
    if activation.activated_at is not None:
        return LinkState.USED
    return LinkState.EXPIRED if activation.expires_at <= at else LinkState.VALID


def latest_terms(*, at: datetime) -> TermsVersion | None:
    """The version of the terms in force at `at`, or None when the town has published none."""
    return TermsVersion.objects.filter(published_at__lte=at).order_by("-number").first()


def terms_to_accept(*, user: User, at: datetime) -> TermsVersion | None:
    """The version in force that this account has not accepted, or None.

    Asked on every page: one query, which leaves the text where it is until somebody reads it.
    """
    accepted = TermsAcceptance.objects.filter(version=OuterRef("pk"), user=user)
    latest = TermsVersion.objects.filter(published_at__lte=at).order_by("-number").defer("body")
    version = latest.annotate(accepted=Exists(accepted)).first()
    return None if version is None or version.accepted else version

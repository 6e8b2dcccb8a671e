"""What a link is worth, who a first contact looks like, which number comes next. Pure."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from portal.domain.accounts.rules import clean_email, token_expiry
from portal.domain.families.rules import fold

#: Numbers have at least four figures, at most six: that is what invoices and forms hold.
FIRST_NUMBER, LAST_NUMBER = 1000, 999_999


class InvitationState(StrEnum):
    """What the link of an invitation is worth."""

    VALID = "valid"
    EXPIRED = "expired"
    USED = "used"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


def invitation_state(
    *, known: bool, accepted: bool, cancelled: bool, expires_at: datetime | None, token: str, at: datetime
) -> InvitationState:
    """The state of a link. One of ours that is gone is told “expired” from the instant written in it, nothing else."""
    if not known or expires_at is None:
        written = token_expiry(token)
        return InvitationState.EXPIRED if written is not None and written <= at else InvitationState.UNKNOWN
    if accepted:
        return InvitationState.USED
    if cancelled:
        return InvitationState.CANCELLED
    return InvitationState.VALID if expires_at > at else InvitationState.EXPIRED


class AccountChoice(StrEnum):
    """What the reader of an invitation does next."""

    NEW = "new"
    SIGN_IN = "sign_in"
    JOIN = "join"
    OTHER_ACCOUNT = "other_account"
    CLOSED = "closed"


def account_choice(*, has_account: bool, is_open: bool, signed_in: bool, is_theirs: bool) -> AccountChoice:
    """Only the account of the invited address may enter; whoever else is signed in leaves first."""
    if has_account and not is_open:
        return AccountChoice.CLOSED
    if signed_in:
        return AccountChoice.JOIN if is_theirs and has_account else AccountChoice.OTHER_ACCOUNT
    return AccountChoice.SIGN_IN if has_account else AccountChoice.NEW


@dataclass(frozen=True, slots=True)
class Known:
    """A child that the town knows, or that a household names."""

    first_name: str
    last_name: str
    birth_date: date


def same_child(one: Known, other: Known) -> bool:
    """The same birth date and the same names, however written."""
    return (
        one.birth_date == other.birth_date
        and fold(one.first_name) == fold(other.first_name)
        and fold(one.last_name) == fold(other.last_name)
        and fold(one.first_name) != ""
    )


def shares_mail(given: Iterable[str], known: Iterable[str]) -> bool:
    """Whether an address is on both sides."""
    return bool({clean_email(mail) for mail in given if mail} & {clean_email(mail) for mail in known if mail})


def next_number(taken: Collection[int]) -> str:
    """The number of the next dossier: one more than the greatest, or the least that is free once 999999 is given.

    Raises ValueError when none is left.
    """
    following = max((FIRST_NUMBER - 1, *taken)) + 1
    if following <= LAST_NUMBER:
        return str(following)
    used = set(taken)
    for number in range(FIRST_NUMBER, LAST_NUMBER + 1):
        if number not in used:
            return str(number)
    raise ValueError("every dossier number is taken")

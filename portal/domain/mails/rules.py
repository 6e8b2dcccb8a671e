"""When a mail that did not leave is tried again. Pure."""

from datetime import timedelta

from portal.domain.mails.enums import MailKind

#: The wait after each failed attempt. Greylisting answers within minutes, a broken relay within the day;
#: together they stay under the 24 hours of an activation link.
RETRY_DELAYS = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=3),
    timedelta(hours=6),
    timedelta(hours=12),
)

#: These hold a link that opens an account: a copy sent later by somebody else would be a stale or stolen key.
SECRET_KINDS = frozenset({MailKind.ACTIVATION, MailKind.PASSWORD_RESET, MailKind.INVITATION})


def retry_delay(attempts: int) -> timedelta | None:
    """How long to wait after that many failed attempts (1 or more); None when there is no next attempt."""
    return RETRY_DELAYS[attempts - 1] if attempts <= len(RETRY_DELAYS) else None

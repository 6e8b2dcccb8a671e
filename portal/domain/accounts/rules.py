"""Mail addresses, user names and links of accounts. Pure."""

import re
import unicodedata
from datetime import UTC, datetime
from hashlib import sha256

MIN_USERNAME = 3
MAX_USERNAME = 30

#: No “@”: a user name never looks like somebody else's mail address.
USERNAME_PATTERN = re.compile(r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?")


def clean_email(email: str) -> str:
    """The address as it is compared and kept: no spaces around, composed, small letters."""
    return unicodedata.normalize("NFC", email.strip()).lower()


def clean_username(username: str) -> str:
    """The user name as it is kept: no spaces around, small letters."""
    return username.strip().lower()


def is_username(username: str) -> bool:
    """Whether a person may choose it: 3 to 30 letters, digits, dots, hyphens, underscores."""
    return MIN_USERNAME <= len(username) <= MAX_USERNAME and USERNAME_PATTERN.fullmatch(username) is not None


def username_from_email(email: str) -> str:
    """A user name made of what stands before the “@”, always acceptable to `is_username`."""
    local = clean_email(email).partition("@")[0].partition("+")[0]
    plain = unicodedata.normalize("NFKD", local).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9._-]", "", plain)[: MAX_USERNAME - 4].strip("._-")
    return name if len(name) >= MIN_USERNAME else f"compte{name}"


def make_token(*, secret: str, expires_at: datetime) -> str:
    """The token of a link: its last instant in the open, then the secret.

    The instant is only there so that a page can still say “expired” once the account is gone; what
    decides is the row found by `digest`, which covers the whole.
    """
    return f"{int(expires_at.timestamp()):x}.{secret}"


def token_expiry(token: str) -> datetime | None:
    """The instant written in a token, or None when this is not one of ours."""
    written, separator, secret = token.partition(".")
    if not (separator and secret and re.fullmatch(r"[0-9a-f]{8,9}", written)):
        return None
    return datetime.fromtimestamp(int(written, 16), tz=UTC)


def digest(token: str) -> str:
    """What the database keeps of a token."""
    return sha256(token.encode()).hexdigest()

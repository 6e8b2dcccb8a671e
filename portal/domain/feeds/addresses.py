"""From the seed of an address to its secret, and back to nothing: only the digest is stored."""

import secrets
from base64 import urlsafe_b64encode

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from portal.domain.accounts.rules import digest

_SALT = "portal.feeds.address"
#: 256 bits, as 43 letters, digits, hyphens and underscores.
LENGTH = 43


def draw() -> tuple[str, str]:
    """A new seed, and the digest of its secret under today's key."""
    nonce = secrets.token_urlsafe(32)
    return nonce, digest(_secret(nonce, settings.SECRET_KEY))


def secret_of(*, nonce: str, digest_kept: str) -> str | None:
    """The secret again, for its owner to copy on another telephone.

    None when the site's key has changed without a fallback: the address still works, and can only be renewed.
    """
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        secret = _secret(nonce, key)
        if constant_time_compare(digest(secret), digest_kept):
            return secret
    return None


def _secret(nonce: str, key: str | bytes) -> str:
    return urlsafe_b64encode(salted_hmac(_SALT, nonce, secret=key, algorithm="sha256").digest()).decode().rstrip("=")

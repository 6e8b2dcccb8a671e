"""Sealing what lies in the database and in the private storage: a stolen dump or disk reads nothing.

Fernet (AES-128-CBC with HMAC-SHA256) through MultiFernet: the first key seals, all of them open, so that keys turn
without a cut. Keys: `HEALTH_KEYS`, a list of Fernet keys; without it they are derived from `SECRET_KEY` and
`SECRET_KEY_FALLBACKS`. `portail rotate_health_keys` seals everything again with the first one.
"""

import base64
import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models


class CannotOpen(Exception):
    """None of the keys opens it: a key was lost. Nothing of the content is in the message."""


def _derived(secret: str) -> bytes:
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"portal.domain.health")
    return base64.urlsafe_b64encode(derive.derive(secret.encode()))


@lru_cache(maxsize=4)
def _box(keys: tuple[str, ...], secrets: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([*(Fernet(key) for key in keys), *(Fernet(_derived(secret)) for secret in secrets)])


def box() -> MultiFernet:
    """The keys in force, the one that seals first."""
    return _box(tuple(settings.HEALTH_KEYS), (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


def seal(content: bytes) -> bytes:
    return box().encrypt(content)


def unseal(token: bytes) -> bytes:
    """Raises CannotOpen."""
    try:
        return box().decrypt(token)
    except InvalidToken as error:
        raise CannotOpen from error


if TYPE_CHECKING:  # Django's own field is not generic at run time
    _Text = models.TextField[Any, Any]
else:
    _Text = models.TextField


class SealedJSONField(_Text):
    """A JSON value that the database only holds sealed. It cannot be searched; the empty value is stored empty."""

    def deconstruct(self) -> Any:
        """For migrations it is the text column that it is: they import nothing of ours."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.TextField", args, kwargs

    def from_db_value(self, value: str | None, _expression: Any, _connection: Any) -> Any:
        return json.loads(unseal(value.encode())) if value else {}

    def to_python(self, value: Any) -> Any:
        return json.loads(value) if isinstance(value, str) and value else value or {}

    def get_prep_value(self, value: Any) -> str:
        return seal(json.dumps(value, cls=DjangoJSONEncoder).encode()).decode() if value else ""

    def value_to_string(self, obj: models.Model) -> str:
        """A dump for another portal holds the sealed value, never the plain one."""
        return self.get_prep_value(self.value_from_object(obj))

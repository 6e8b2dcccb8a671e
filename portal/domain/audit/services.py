"""The one verb of the journal."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import models

from portal.domain.accounts.models import User
from portal.domain.audit.models import AuditEntry
from portal.domain.audit.words import VERBS

ActingLookup = Callable[[User], int | None]

_acting: list[ActingLookup] = []


class UnknownVerbError(LookupError):
    """A mistake of ours: the verb has no word yet."""


def register_acting(lookup: ActingLookup) -> None:
    """Say for which family an agent acts, by key: every line they write is marked with it. The last one counts."""
    _acting[:] = [lookup]


def record(
    *,
    verb: str,
    target: models.Model,
    by: User,
    at: datetime,
    family_key: int | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Write one line of the journal in the caller's transaction. `before` and `after` are JSON-ready values.

    Raises UnknownVerbError for a verb that `words` does not name: agents and families would read a programmer's word.
    """
    if verb not in VERBS:
        raise UnknownVerbError(verb)
    return AuditEntry.objects.create(
        at=at,
        by=by,
        verb=verb,
        target=target._meta.label_lower,
        target_key=str(target.pk),
        family_key=family_key,
        before=dict(before or {}),
        after=dict(after or {}),
        acting_family_key=_acting[0](by) if _acting and by.is_staff else None,
    )

"""Writing in the journal, one line or many."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
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


@dataclass(frozen=True, slots=True)
class Line:
    """One line to write; `before` and `after` are JSON-ready values."""

    target: models.Model
    family_key: int | None = None
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)


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
    line = Line(target, family_key, before or {}, after or {})
    (entry,) = _entries(verb, [line], by=by, at=at)
    entry.save(force_insert=True)
    return entry


def record_all(*, verb: str, lines: Sequence[Line], by: User, at: datetime) -> None:
    """The same for many lines of one verb, in one query. Raises UnknownVerbError."""
    AuditEntry.objects.bulk_create(_entries(verb, lines, by=by, at=at))


def _entries(verb: str, lines: Sequence[Line], *, by: User, at: datetime) -> list[AuditEntry]:
    if verb not in VERBS:
        raise UnknownVerbError(verb)
    acting = _acting[0](by) if _acting and by.is_staff else None
    return [
        AuditEntry(
            at=at,
            by=by,
            verb=verb,
            target=line.target._meta.label_lower,
            target_key=str(line.target.pk),
            family_key=line.family_key,
            before=dict(line.before),
            after=dict(line.after),
            acting_family_key=acting,
        )
        for line in lines
    ]

"""The one verb of the journal."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import models

from portal.domain.accounts.models import User
from portal.domain.audit.models import AuditEntry


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
    """Write one line of the journal in the caller's transaction. `before` and `after` are JSON-ready values."""
    return AuditEntry.objects.create(
        at=at,
        by=by,
        verb=verb,
        target=target._meta.label_lower,
        target_key=str(target.pk),
        family_key=family_key,
        before=dict(before or {}),
        after=dict(after or {}),
    )

"""What the journal tells of one object, on the page of that object."""

from dataclasses import dataclass

from django.db import models
from django.db.models import QuerySet

from portal.backoffice.scoping import today
from portal.backoffice.screens.journal_filters import readable_by
from portal.domain.accounts.models import User
from portal.domain.audit.models import AuditEntry
from portal.domain.audit.words import VERBS

READ = "audit.view_auditentry"
#: Lines that the page of an object shows; the journal has the others.
SHOWN = 20


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """A line of the journal and its action in French."""

    entry: AuditEntry
    action: str


def history_of(instance: models.Model, *, agent: User) -> list[HistoryLine]:
    """The last changes of an object that this agent may read, latest first, in one query; none without permission."""
    if not agent.has_perm(READ):
        return []
    rows = AuditEntry.objects.filter(target=instance._meta.label_lower, target_key=str(instance.pk))
    return last_lines(readable_by(agent, rows, on=today()))


def last_lines(entries: QuerySet[AuditEntry]) -> list[HistoryLine]:
    """The latest of these lines, which the caller has narrowed to what the agent may read."""
    rows = entries.select_related("by").order_by("-at", "-pk")[:SHOWN]
    return [HistoryLine(entry, VERBS.get(entry.verb, entry.verb)) for entry in rows]

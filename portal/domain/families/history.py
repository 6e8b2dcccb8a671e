"""What was done in a dossier, as its family reads it: who, what, when (B36)."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from portal.domain.accounts.models import User
from portal.domain.audit.models import AuditEntry
from portal.domain.audit.words import READ_BY_FAMILY, VERBS
from portal.domain.families.access import Right, require
from portal.domain.families.enums import Author
from portal.domain.families.models import Adult, Family


@dataclass(frozen=True, slots=True)
class Deed:
    """One line: `words` in French; `name` is that of a member of the dossier, empty for everybody else."""

    at: datetime
    words: str
    author: Author
    name: str


def history_of(family: Family, *, user: User) -> QuerySet[AuditEntry]:
    """The lines of the journal that this person may read, the last first; `tell` puts them in words.

    All that they did themselves in this dossier, and of the others what `READ_BY_FAMILY` names. Raises NotAllowed
    without the right to see. Values before and after are not part of it: one member may not see what another filled.
    """
    require(user=user, family=family, right=Right.SEE)
    mine_or_shown = Q(by=user) | Q(verb__in=READ_BY_FAMILY)
    return AuditEntry.objects.filter(mine_or_shown, family_key=family.pk).select_related("by").order_by("-at", "-pk")


def tell(entries: list[AuditEntry], *, family: Family, user: User) -> list[Deed]:
    """These lines in words, in one query. An agent is « the service »: their name is the town's business."""
    members = {
        adult.user_id: str(adult)
        for adult in Adult.objects.filter(memberships__family=family, user__in={entry.by_id for entry in entries})
    }
    return [
        Deed(
            at=entry.at,
            words=VERBS.get(entry.verb, entry.verb),
            author=_author(entry, user=user, is_member=entry.by_id in members),
            name=members.get(entry.by_id, ""),
        )
        for entry in entries
    ]


def _author(entry: AuditEntry, *, user: User, is_member: bool) -> Author:
    if entry.acting_family_key is not None:
        return Author.SERVICE_FOR_FAMILY
    if entry.by_id == user.pk:
        return Author.YOU
    if is_member:
        return Author.MEMBER
    return Author.SERVICE if entry.by.is_staff else Author.SOMEBODY

"""Putting a dossier away when a family has left, and taking it out again."""

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction

from portal.domain.accounts.models import User
from portal.domain.audit.services import record
from portal.domain.families.models import ChildLink, Family, FamilyMember
from portal.domain.merging.locks import lock
from portal.domain.merging.registry import Concerned, archived, obstacles

ARCHIVE = "families.archive_family"
MAX_REASON = 200


class ArchiveRefused(Exception):
    """Nothing was written; `reasons`, in French, say what is to be settled first."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


def why_not_archive(*, family: Family, at: datetime) -> list[str]:
    """What is to be settled before this dossier is put away, in French sentences; empty when nothing is."""
    return [reason for obstacle in obstacles() for reason in obstacle(family.pk, at)]


@transaction.atomic
def archive_family(*, family: Family, reason: str, by: User, at: datetime) -> Family:
    """Put the dossier away: its accounts no longer act for it, lists leave it out, search still finds it.

    Archived already: nothing changes. Raises PermissionDenied, ArchiveRefused.
    """
    _require(by)
    reason = " ".join(reason.split())
    if not reason:
        raise ArchiveRefused("Écrivez pourquoi ce dossier est archivé.")
    if len(reason) > MAX_REASON:
        raise ArchiveRefused(f"Le motif compte {MAX_REASON} caractères au plus.")
    locked = _lock(family)
    if locked.archived_at is not None:
        return locked
    if hindered := why_not_archive(family=locked, at=at):
        raise ArchiveRefused(*hindered)
    for close in archived():
        close(locked.pk, by, at)
    locked.archived_at = at
    locked.save(update_fields=["archived_at"])
    record(verb="archive_family", target=locked, by=by, at=at, family_key=locked.pk, after={"reason": reason})
    return locked


@transaction.atomic
def restore_family(*, family: Family, by: User, at: datetime) -> Family:
    """Take an archived dossier out again: its accounts act for it as before. In use already: nothing changes.

    Raises PermissionDenied, ArchiveRefused for a dossier that another one absorbed.
    """
    _require(by)
    locked = _lock(family)
    if locked.merged_into_id is not None:
        raise ArchiveRefused("Ce dossier est réuni à un autre : il ne se rouvre pas.")
    if locked.archived_at is None:
        return locked
    before, locked.archived_at = locked.archived_at, None
    locked.save(update_fields=["archived_at"])
    record(
        verb="restore_family",
        target=locked,
        by=by,
        at=at,
        family_key=locked.pk,
        before={"archived_at": before.isoformat()},
    )
    return locked


def _require(by: User) -> None:
    if not by.has_perm(ARCHIVE):
        raise PermissionDenied


def _lock(family: Family) -> Family:
    """The dossier with its people: nobody enrols nor books for its children meanwhile."""
    children = ChildLink.objects.filter(family=family).order_by("child").values_list("child", flat=True)
    adults = FamilyMember.objects.filter(family=family).order_by("adult").values_list("adult", flat=True)
    lock(Concerned((family.pk,), tuple(children), tuple(adults)))
    return Family.objects.get(pk=family.pk)

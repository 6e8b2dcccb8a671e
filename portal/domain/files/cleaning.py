"""Files that nobody holds: rows whose owner never came, contents whose row was never committed.

A file lives through what holds it (a supporting document, a declaration, a photograph). A transaction that is rolled
back after the content was written, or a draft given up, leaves one behind: it is erased a day later.
"""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, ForeignObjectRel, OuterRef, QuerySet

from portal.domain.accounts.models import User
from portal.domain.audit.services import record
from portal.domain.files.models import StoredFile
from portal.domain.files.services import erase_file
from portal.domain.files.storage import PrivateStorage

logger = logging.getLogger(__name__)

#: The folder of `StoredFile.content`.
FAMILIES = PrivateStorage("families")
#: What is younger may still be on its way to its owner.
GRACE = timedelta(hours=24)
#: More contents without a row than this do not come from lost transactions: it is another database, or an old one.
MOST_STRAYS = 200


def unheld_files() -> QuerySet[StoredFile]:
    """The files that no row of any table holds, whatever the table does when a file goes."""
    found = StoredFile.objects.all()
    for relation in StoredFile._meta.get_fields(include_hidden=True):
        if isinstance(relation, ForeignObjectRel):
            holder = relation.field
            holding = holder.model._base_manager.filter(**{holder.name: OuterRef("pk")})
            found = found.exclude(Exists(holding))
    return found


def erase_unheld_files(*, by: User, at: datetime) -> int:
    """Erase what nobody has held for a day, row and content; return how many. One transaction each."""
    old = unheld_files().filter(uploaded_at__lte=at - GRACE).order_by("uploaded_at", "pk")
    return sum(_erase(key, by=by, at=at) for key in list(old.values_list("pk", flat=True)))


@transaction.atomic
def _erase(key: int, *, by: User, at: datetime) -> int:
    # One sweep at a time; what takes hold of the file from now on is refused by its foreign key.
    if not StoredFile.objects.select_for_update(of=("self",), skip_locked=True).filter(pk=key).exists():
        return 0
    stored = unheld_files().filter(pk=key).first()
    if stored is None:
        return 0
    record(verb="erase_unheld_file", target=stored, by=by, at=at)
    erase_file(stored)
    return 1


def erase_stray_contents(*, at: datetime) -> int:
    """Erase the contents that have had no row for a day; return how many.

    Nothing is erased when there are more than `MOST_STRAYS`: the database was restored, or is another's; somebody must
    look.
    """
    storage = FAMILIES
    known = set(StoredFile.objects.values_list("content", flat=True))
    strays = [name for name in storage.every_name() if name not in known and _is_old(storage, name, at)]
    if len(strays) > MOST_STRAYS:
        logger.error("%s private files have no row: nothing was erased, see the backup that was restored", len(strays))
        return 0
    for name in strays:
        storage.delete(name)
    return len(strays)


def _is_old(storage: PrivateStorage, name: str, at: datetime) -> bool:
    try:
        return storage.get_modified_time(name) <= at - GRACE
    except OSError:  # erased meanwhile
        return False

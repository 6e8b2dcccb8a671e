"""The photograph of a person: optional, sent by the family, seen by those who may see the person."""

from datetime import datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from portal.domain.accounts.models import User
from portal.domain.audit.services import record
from portal.domain.families.access import NotAllowed, Right, children_with, require
from portal.domain.families.models import Adult, Child, Family, FamilyMember
from portal.domain.files.checks import FileType
from portal.domain.files.services import erase_file, store_file

PICTURES = (FileType.JPEG, FileType.PNG, FileType.HEIC, FileType.WEBP)
MOST_BYTES = 6 * 1024 * 1024


@transaction.atomic
def set_photo(*, person: Adult | Child, family: Family, upload: "UploadedFile[bytes]", by: User, at: datetime) -> None:
    """Give a person of the family a photograph, in place of the one before, which is erased.

    The picture is drawn again without its place nor its device. Raises NotAllowed, FileRefused.
    """
    _require_edit(person, family, by)
    locked = _lock(person)
    before = locked.photo
    locked.photo = store_file(upload=upload, accepted=PICTURES, most=MOST_BYTES, by=by, at=at)
    locked.save(update_fields=["photo"])
    if before is not None:
        erase_file(before)
    record(verb="set_photo", target=locked, by=by, at=at, family_key=family.pk)


@transaction.atomic
def remove_photo(*, person: Adult | Child, family: Family, by: User, at: datetime) -> bool:
    """Take a person's photograph away, for good. False when there was none. Raises NotAllowed."""
    _require_edit(person, family, by)
    locked = _lock(person)
    if locked.photo is None:
        return False
    erase_file(locked.photo)
    record(verb="remove_photo", target=locked, by=by, at=at, family_key=family.pk)
    return True


def _lock(person: Adult | Child) -> Adult | Child:
    model = type(person)
    locked: Adult | Child = model._default_manager.select_for_update(of=("self",), no_key=True).get(pk=person.pk)
    return locked


def _require_edit(person: Adult | Child, family: Family, by: User) -> None:
    require(user=by, family=family, right=Right.EDIT)
    if isinstance(person, Child):
        theirs = children_with(user=by, family=family, right=Right.EDIT).filter(pk=person.pk).exists()
    else:
        theirs = FamilyMember.objects.filter(family=family, adult=person).exists()
    if not theirs:
        raise NotAllowed(Right.EDIT.value)

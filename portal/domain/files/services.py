"""Keeping and erasing the files that families send."""

import logging
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from hashlib import sha256

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from portal.domain.accounts.models import User
from portal.domain.files.checks import SENT_BY_FAMILIES, FileType, check_file
from portal.domain.files.enums import ScanState
from portal.domain.files.models import StoredFile
from portal.domain.files.refusal import FileRefused
from portal.domain.files.scanner import scan
from portal.domain.files.shape import shape_of

logger = logging.getLogger(__name__)


def store_file(
    *, upload: "UploadedFile[bytes]", accepted: Iterable[FileType], most: int, by: User, at: datetime
) -> StoredFile:
    """Check a file (content, weight, virus scanner), draw photographs again, and keep it in the private storage.

    `most` is in bytes; a heavier file is refused before it is read. If the caller's transaction is rolled back, the
    content is left without a row, which `cleaning` erases a day later.
    Raises FileRefused, with a sentence that says what to do; also when the storage does not take the file, and then
    nothing of it is left.
    """
    # One byte more than allowed is enough to refuse, without reading the rest in memory.
    checked = check_file(
        name=upload.name or "",
        content=upload.read(most + 1),
        accepted=tuple(accepted),
        most=most,
        size=upload.size,
    )
    clean = scan(checked.content)
    shape = shape_of(checked.kind, checked.content)
    stored = StoredFile(
        kind=checked.kind,
        name=checked.name,
        size=len(checked.content),
        sha256=sha256(checked.content).hexdigest(),
        pages=shape.pages,
        width=shape.width,
        height=shape.height,
        scan=ScanState.CLEAN if clean else ScanState.NOT_SCANNED,
        uploaded_at=at,
        uploaded_by=by,
    )
    try:
        stored.content.save(checked.name, ContentFile(checked.content), save=False)
    except OSError as error:
        logger.exception("private storage did not take a file")
        raise FileRefused(_("Ce fichier n’a pas pu être enregistré. Renvoyez-le dans quelques minutes.")) from error
    try:
        with transaction.atomic():
            stored.save()
    except BaseException:
        stored.content.delete(save=False)
        raise
    return stored


def store_files(
    *,
    uploads: "Iterable[UploadedFile[bytes]]",
    attach: Callable[[StoredFile], object],
    by: User,
    at: datetime,
    held: Collection[str] = (),
) -> None:
    """Keep the files that a family sends together: all of them, or nothing of any on the disk.

    `attach` writes the row that holds each, in their order. The same content twice is kept once, and so is what is
    already `held` (digests of the plain content). Raises FileRefused, also beyond FAMILY_MAX_UPLOADS contents in all.
    """
    known = set(held)
    kept: list[StoredFile] = []
    try:
        for upload in uploads:
            stored = store_file(
                upload=upload, accepted=SENT_BY_FAMILIES, most=settings.FAMILY_MAX_UPLOAD_SIZE, by=by, at=at
            )
            kept.append(stored)
            if stored.sha256 in known:
                erase_file(stored)
                continue
            if len(known) >= settings.FAMILY_MAX_UPLOADS:
                raise FileRefused(too_many_files())
            known.add(stored.sha256)
            attach(stored)
    except BaseException:
        for stored in kept:
            stored.content.storage.delete(stored.content.name or "")
        raise


def too_many_files() -> str:
    """What to do when more are chosen than the town takes."""
    return _("%(most)s fichiers au plus\u00a0: réunissez les pages dans un même fichier.") % {
        "most": settings.FAMILY_MAX_UPLOADS
    }


def erase_file(stored: StoredFile) -> None:
    """Erase the row now, and the content once that is committed. Raises ProtectedError while something holds it."""
    storage, name = stored.content.storage, stored.content.name
    stored.delete()
    transaction.on_commit(lambda: storage.delete(name or ""))

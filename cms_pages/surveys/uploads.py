"""What a family may join to an answer: the portal's own check of files, with sentences that name the file."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from portal.domain.files.checks import SENT_BY_FAMILIES, CheckedFile, check_file, weight
from portal.domain.files.refusal import FileRefused

MAX_BYTES = 5 * 1024 * 1024
MAX_FILES = 3
ACCEPT = ".pdf,.jpg,.jpeg,.png,.heic,.webp"

_LONGEST_NAME = 60


def check_upload(upload: "UploadedFile[Any]") -> CheckedFile:
    """The file as it will be stored. Raises ValidationError naming the file and what to do."""
    shown = display_name(upload.name or "")
    if upload.size and upload.size > MAX_BYTES:  # before it is read
        raise ValidationError(
            _("«\u00a0%(name)s\u00a0»\u00a0: %(most)s au plus. Réduisez-le, puis choisissez-le de nouveau.")
            % {"name": shown, "most": weight(MAX_BYTES)},
            code="size",
        )
    try:
        return check_file(upload.name or "", upload.read(MAX_BYTES + 1), accepted=SENT_BY_FAMILIES, most=MAX_BYTES)
    except FileRefused as refusal:
        raise ValidationError(
            _("«\u00a0%(name)s\u00a0»\u00a0: %(reason)s") % {"name": shown, "reason": refusal.reason}, code="file"
        ) from refusal


def display_name(name: str) -> str:
    """The last part of a path, without what does not print, cut: fit for a message."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    printable = "".join(character for character in last if character.isprintable())
    return printable.strip()[:_LONGEST_NAME] or _("fichier")

"""Files as families send them, made on the spot."""

import io
from datetime import UTC, datetime

import pypdf
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from PIL import Image
from pypdf.actions import JavaScript

from portal.domain.accounts.models import User
from portal.domain.files.checks import SENT_BY_FAMILIES
from portal.domain.files.models import StoredFile
from portal.domain.files.services import store_file

MEGABYTE = 1024 * 1024
NOW = datetime(2026, 9, 7, 10, 0, tzinfo=UTC)


def pdf(pages: int = 1, size: tuple[float, float] = (595, 842), **options: str) -> bytes:
    """A PDF of empty pages. `javascript`: a program; `password`: locked with it; `attached`: a file inside."""
    writer = pypdf.PdfWriter()
    for _number in range(pages):
        writer.add_blank_page(*size)
    if "javascript" in options:
        writer.add_open_action(JavaScript(options["javascript"]))
    if "attached" in options:
        writer.add_attachment("paie.csv", options["attached"].encode())
    if "password" in options:
        writer.encrypt(options["password"], algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def photo(kind: str = "JPEG", size: tuple[int, int] = (1200, 1600), colour: str = "red") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, kind)
    return out.getvalue()


def upload(name: str, content: bytes) -> "UploadedFile[bytes]":
    return SimpleUploadedFile(name, content)


def stored(by: User, content: bytes, name: str = "piece.pdf", at: datetime = NOW) -> StoredFile:
    """A file kept as a family's."""
    return store_file(upload=upload(name, content), accepted=SENT_BY_FAMILIES, most=6 * MEGABYTE, by=by, at=at)

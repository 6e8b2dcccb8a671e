"""The answer that carries a private file to the person who may read it. Whether they may is the door's to check.

The one piece of the domain that speaks HTTP: both doors send files, and neither may import the other.
"""

import logging
from collections.abc import Callable
from typing import IO, Any, TypeAlias

from django.http import Http404, HttpResponse
from django.utils.http import content_disposition_header

from portal.domain.files.checks import FileType
from portal.domain.files.models import StoredFile

logger = logging.getLogger(__name__)

#: Whatever a file holds, it asks for nothing, runs nothing and stands in nobody's frame.
POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"
#: Safari opens an empty window for a PDF in a sandbox. Chromium shows it either way; its viewer styles itself inline.
PDF_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"

Source: TypeAlias = bytes | IO[Any]


def private_answer(
    source: Source | Callable[[], Source], *, name: str, kind: FileType | str, inline: bool = False
) -> HttpResponse:
    """The content as a file of that name: its own type, never guessed, kept by no cache. A stream is closed.

    `source`: the content, a stream of it, or what opens either. `kind`: a type that is accepted, or the media type of
    what is not one of them. `inline`: shown in the browser when it can, else saved. All is read at once, a few
    megabytes at most, so that a lost file is found before the answer begins: raises Http404.
    """
    try:
        content = _read(source() if callable(source) else source)
    except OSError as error:
        # Names on the disk are drawn at random: they tell the operator which file, and nobody whose.
        logger.error("A private file cannot be read: %s", error)
        raise Http404 from error
    answer = HttpResponse(content, content_type=kind.content_type if isinstance(kind, FileType) else kind)
    answer["Content-Disposition"] = content_disposition_header(not inline, name) or "inline"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    answer["Content-Security-Policy"] = PDF_POLICY if kind == FileType.PDF else POLICY
    return answer


def stored_answer(stored: StoredFile, *, inline: bool = False) -> HttpResponse:
    """The file as it is kept, under its name. Raises Http404 when its content is gone."""
    name, storage = stored.content.name, stored.content.storage
    if not name:
        raise Http404
    return private_answer(
        lambda: storage.open(name, "rb"), name=stored.name, kind=FileType(stored.kind), inline=inline
    )


def _read(source: Source) -> bytes:
    if isinstance(source, bytes):
        return source
    with source:
        content: bytes = source.read()
    return content

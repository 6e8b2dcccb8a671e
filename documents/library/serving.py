"""Answering with a stored file: never guessed, never run by the browser, part by part when asked."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, BinaryIO, cast

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header, http_date

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
_BLOCK = 64 * 1024
PUBLIC_HOUR = "public, max-age=3600"
PUBLIC_DAY = "public, max-age=86400"
PRIVATE = "private, no-store"


def serve_file(
    request: HttpRequest,
    stream: BinaryIO,
    *,
    size: int,
    content_type: str,
    name: str,
    etag: str,
    modified: datetime,
    cache: str,
    inline: bool,
) -> HttpResponseBase:
    """The file, 304 when the reader has it, 206 for the one range asked, 416 for a range outside it.

    `etag` without its quotes. Closes `stream`.
    """
    quoted, since = f'"{etag}"', int(modified.timestamp())
    span = _span(request, size, quoted)
    if span is not None and span[0] > span[1]:
        stream.close()
        refused = HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}", "Cache-Control": cache})
        return refused
    response: FileResponse | StreamingHttpResponse
    if span is None:
        response = FileResponse(stream, content_type=content_type)
        response["Content-Length"] = str(size)
    else:
        first, last = span
        response = StreamingHttpResponse(_part(stream, first, last), status=206, content_type=content_type)
        response["Content-Range"] = f"bytes {first}-{last}/{size}"
        response["Content-Length"] = str(last - first + 1)
    response["Content-Disposition"] = content_disposition_header(not inline, name) or "inline"
    response["X-Content-Type-Options"] = "nosniff"
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = quoted
    response["Last-Modified"] = http_date(since)
    response["Cache-Control"] = cache
    # The stubs only know answers that are not streamed.
    answer: HttpResponseBase = get_conditional_response(request, quoted, since, cast(Any, response)) or response
    if answer is not response:
        # Not `response.close()`: Django would take the request for finished and close its connections.
        stream.close()
    return answer


def _span(request: HttpRequest, size: int, etag: str) -> tuple[int, int] | None:
    """First and last byte asked; None for the whole file. First after last: nothing of the file was asked."""
    found = _RANGE.fullmatch(request.headers.get("Range", "").strip())
    if found is None or request.method != "GET" or request.headers.get("If-Range", etag) != etag:
        return None
    first, last = found[1], found[2]
    if not first and not last:
        return None
    if not first:
        return (max(size - int(last), 0), size - 1) if int(last) else (1, 0)
    begin = int(first)
    if last and int(last) < begin:
        return None
    end = min(int(last), size - 1) if last else size - 1
    return (begin, end) if begin < size else (1, 0)


def _part(stream: BinaryIO, first: int, last: int) -> Iterator[bytes]:
    with stream:
        stream.seek(first)
        left = last - first + 1
        while left > 0 and (block := stream.read(min(_BLOCK, left))):
            left -= len(block)
            yield block

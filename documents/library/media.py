"""The pictures of the site, when no web server stands in front to show them.

Only the renditions that pages draw: the originals that agents sent, with what their camera wrote in them, and
Wagtail's files, which have their own door and their own rules, are not reached from here.
"""

from pathlib import PurePosixPath
from typing import BinaryIO, cast

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from documents.library.serving import PUBLIC_DAY, serve_file

#: The folder of the renditions (`wagtail.images.models.Rendition.file`).
FOLDER = "images"
#: Pictures made of points: nothing in them can be a program.
CONTENT_TYPES = {
    ".avif": "image/avif",
    ".gif": "image/gif",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
}


@login_not_required
@require_safe
def picture(request: HttpRequest, name: str) -> HttpResponseBase:
    """One rendition, by its name in the folder. Anything else does not exist; nothing is ever listed."""
    content_type = CONTENT_TYPES.get(PurePosixPath(name).suffix.lower())
    if content_type is None or not name.isprintable() or name.startswith(".") or "\\" in name:
        raise Http404
    path = f"{FOLDER}/{name}"
    try:
        modified, size = default_storage.get_modified_time(path), default_storage.size(path)
        stream = cast(BinaryIO, default_storage.open(path, "rb"))
    except (OSError, SuspiciousFileOperation, ValueError) as error:
        raise Http404 from error
    return serve_file(
        request,
        stream,
        size=size,
        content_type=content_type,
        name=name,
        etag=f"{int(modified.timestamp() * 1000):x}-{size:x}",
        modified=modified,
        cache=PUBLIC_DAY,
        inline=True,
    )

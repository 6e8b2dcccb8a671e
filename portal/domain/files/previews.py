"""A page of a kept file as a picture: what a parent looks at before sending, what an agent looks at to decide.

Nothing of the file itself reaches the browser, only points drawn here. The right to see is the door's to check.
"""

import io
from enum import IntEnum

from PIL import Image, UnidentifiedImageError

from portal.domain.files.checks import FileType
from portal.domain.files.models import StoredFile
from portal.domain.files.pdfium import UnreadablePdf, opened
from portal.domain.files.pictures import MAX_POINTS
from portal.domain.files.shape import PICTURES

#: Widths that may be asked for: a closed list, so that an address cannot ask for a wall.
WIDTHS = (160, 320, 640, 960, 1_600)
#: Points of the longer side of what is drawn, whatever the page looks like.
LONGEST_SIDE = 3_200


#: Points of the shorter side under which small print is rarely readable (an A4 page at 90 dots per inch).
READABLE_SIDE = 700


def looks_small(stored: StoredFile) -> bool:
    """Whether a photograph is so small that its dates may not be readable. Of a PDF one cannot tell."""
    return bool(stored.width and stored.height) and min(stored.width or 0, stored.height or 0) < READABLE_SIDE


class Turn(IntEnum):
    """How much a page is turned, clockwise, in degrees."""

    NONE = 0
    RIGHT = 90
    UPSIDE_DOWN = 180
    LEFT = 270


class NoPreview(Exception):
    """This page cannot be shown: it does not exist, or its file cannot be drawn."""


def page_count(stored: StoredFile) -> int:
    """The pages that can be looked at: those of a PDF, 1 for a picture, 0 for what is not drawn."""
    if stored.kind == FileType.PDF:
        return stored.pages or 0
    return 1 if stored.kind in PICTURES else 0


def page_picture(stored: StoredFile, *, page: int = 1, width: int = WIDTHS[2], turn: Turn = Turn.NONE) -> bytes:
    """The page, counted from 1, as a PNG at most `width` points wide before it is turned.

    Raises NoPreview: no such page, width out of `WIDTHS`, file lost or unreadable.
    """
    if width not in WIDTHS or not 1 <= page <= page_count(stored):
        raise NoPreview
    try:
        with stored.content.open("rb") as stream:
            content = stream.read()
    except OSError as error:
        raise NoPreview from error
    drawn = _pdf_page(content, page, width) if stored.kind == FileType.PDF else _picture(content, width)
    turned = drawn.rotate(-turn, expand=True) if turn else drawn
    out = io.BytesIO()
    turned.save(out, "PNG")
    return out.getvalue()


def _pdf_page(content: bytes, page: int, width: int) -> Image.Image:
    try:
        with opened(content) as document:
            if page > len(document):
                raise NoPreview
            shown = document[page - 1]
            across, down = shown.get_size()
            if across <= 0 or down <= 0:
                raise NoPreview
            scale = min(width / across, LONGEST_SIDE / down)
            # Annotations and form fields are not drawn by their own programs: there is none.
            drawn: Image.Image = shown.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB")
            return drawn
    except UnreadablePdf as error:
        raise NoPreview from error


def _picture(content: bytes, width: int) -> Image.Image:
    try:
        with Image.open(io.BytesIO(content), formats=["JPEG", "PNG"]) as picture:
            if picture.width * picture.height > MAX_POINTS:
                raise NoPreview
            picture.thumbnail((width, LONGEST_SIDE))
            return picture.convert("RGBA" if picture.mode in {"RGBA", "LA", "P"} else "RGB")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError) as error:
        raise NoPreview from error

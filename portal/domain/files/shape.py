"""How big a file is for the eye: pages of a PDF, points of a picture. What cannot be read has no shape."""

import io
from dataclasses import dataclass

from PIL import Image, UnidentifiedImageError

from portal.domain.files.checks import FileType
from portal.domain.files.pdfium import UnreadablePdf, opened

PICTURES = frozenset({FileType.JPEG, FileType.PNG})
#: A count of pages is what the author wrote: beyond this it is not believed.
MOST_PAGES = 5_000
#: Points of the shorter side under which a photographed page can hardly be read: A4 at 100 dots per inch.
READABLE_SIDE = 800


@dataclass(frozen=True, slots=True)
class Shape:
    """Pages of a document, or width and height of a picture in points; None where it has no meaning."""

    pages: int | None = None
    width: int | None = None
    height: int | None = None


def shape_of(kind: FileType, content: bytes) -> Shape:
    """The shape of a file that passed the checks. A file written to break its reader has none."""
    if kind in PICTURES:
        try:
            with Image.open(io.BytesIO(content)) as picture:
                return Shape(width=picture.width, height=picture.height)
        except (UnidentifiedImageError, OSError):
            return Shape()
    if kind is FileType.PDF:
        pages = _pages_of(content)
        return Shape(pages=pages if pages is not None and 0 < pages <= MOST_PAGES else None)
    return Shape()


def _pages_of(content: bytes) -> int | None:
    try:
        with opened(content) as document:
            return len(document)
    except UnreadablePdf:
        return None


def hard_to_read(width: int | None, height: int | None) -> bool:
    """Whether a photograph has so few points that the family is asked to look at it again. Never a refusal."""
    return width is not None and height is not None and min(width, height) < READABLE_SIDE

"""Photographs: upright, of a bearable size, without the place and the device that the telephone wrote in them."""

import io
import warnings

import pillow_heif
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from portal.domain.files.refusal import FileRefused

pillow_heif.register_heif_opener()

#: Points of the largest picture that is opened: 50 million is more than telephones take, and 150 MB of memory.
MAX_POINTS = 50_000_000
#: The longer side of what is kept: an A4 page at 300 dots per inch.
LONGEST_SIDE = 3_508
QUALITY = 85


def redrawn(content: bytes, *, decoder: str) -> tuple[bytes, str]:
    """The same picture drawn again from its points, and its new type: "png" for a PNG, "jpg" for any other.

    Nothing else of the original is left: no position, no date, no device, no second file behind it. A picture larger
    than an A4 page at 300 dots per inch is reduced to it. `decoder` is Pillow's name of the format that the first
    bytes announced: no other is tried. Raises FileRefused.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=[decoder]) as picture:
                if picture.width * picture.height > MAX_POINTS:
                    raise FileRefused(_("Cette image est trop grande. Réduisez-la, puis choisissez-la de nouveau."))
                return _drawn(picture, "PNG" if decoder == "PNG" else "JPEG")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError, EOFError) as error:
        raise FileRefused(
            _("Cette image ne s’ouvre pas\u00a0: elle est peut-être abîmée. Choisissez-la de nouveau.")
        ) from error


def _drawn(picture: Image.Image, target: str) -> tuple[bytes, str]:
    upright = ImageOps.exif_transpose(picture)
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    transparent = target == "PNG" and ("A" in upright.mode or "transparency" in upright.info)
    plain = upright.convert("RGBA" if transparent else "RGB")
    bare = Image.new(plain.mode, plain.size)
    bare.paste(plain)
    out = io.BytesIO()
    if target == "PNG":
        bare.save(out, "PNG", optimize=True)
        return out.getvalue(), "png"
    bare.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue(), "jpg"

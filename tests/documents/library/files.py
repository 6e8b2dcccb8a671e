"""Files as they come in: right ones, and hostile ones."""

import io
import zipfile
import zlib
from collections.abc import Mapping

OOXML_TYPES = (
    b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    b'<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    b'wordprocessingml.document.main+xml"/></Types>'
)
DOCX_TEXT = b"<document><body><p>Autorisation de sortie</p></body></document>"


def pdf(*objects: bytes, mark: bytes = b"") -> bytes:
    """A small PDF; `objects` are added to it, `mark` tells two of them apart."""
    parts = [
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
        b"1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n",
        b"2 0 obj\n<</Type/Pages/Kids[]/Count 0>>\nendobj\n",
        *objects,
        b"% " + mark + b"\n" if mark else b"",
        b"trailer\n<</Root 1 0 R/Size 3>>\nstartxref\n0\n%%EOF\n",
    ]
    return b"".join(parts)


def object_stream(content: bytes, dictionary: bytes = b"/Filter/FlateDecode") -> bytes:
    """Objects of a PDF kept compressed, as most programs write them."""
    packed = zlib.compress(content) if b"Flate" in dictionary else content
    head = b"9 0 obj\n<</Type/ObjStm/N 1/First 4/Length %d%s>>\nstream\n" % (len(packed), dictionary)
    return head + packed + b"\nendstream\nendobj\n"


def archive(members: Mapping[str, bytes], *, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return out.getvalue()


def docx(extra: Mapping[str, bytes] | None = None, types: bytes = OOXML_TYPES) -> bytes:
    """A Word document."""
    return archive({"[Content_Types].xml": types, "word/document.xml": DOCX_TEXT, **(extra or {})})


def odt(extra: Mapping[str, bytes] | None = None) -> bytes:
    """An OpenDocument text."""
    return archive(
        {
            "mimetype": b"application/vnd.oasis.opendocument.text",
            "content.xml": b"<content><p>Fiche sanitaire</p></content>",
            **(extra or {}),
        }
    )


ICS = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n"

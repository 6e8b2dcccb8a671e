"""Whether a file is what its name says, and nothing else. The one door of every upload.

A file is accepted for what it contains: the name only says what is expected. Refused: empty or too big files, what is
not one of the types asked for, what is two things at once, programs inside documents (macros, scripts, attached
files), archives that unfold without end. Photographs are drawn again (`pictures`). The sentences say what to do.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath

import filetype
from django.db import models
from django.utils.text import slugify
from django.utils.translation import gettext as _

from portal.domain.files.pictures import redrawn
from portal.domain.files.refusal import FileRefused
from portal.domain.kernel.french import NBSP, join_words


class FileType(models.TextChoices):
    """The types that are accepted; the value is the extension, the label what families read."""

    PDF = "pdf", "PDF"
    DOCX = "docx", "Word"
    ODT = "odt", "OpenDocument texte"
    XLSX = "xlsx", "Excel"
    ODS = "ods", "OpenDocument tableur"
    CSV = "csv", "CSV"
    ICS = "ics", "agenda"
    TXT = "txt", "texte"
    JPEG = "jpg", "photo JPEG"
    PNG = "png", "image PNG"
    HEIC = "heic", "photo HEIC"
    WEBP = "webp", "image WebP"

    @property
    def content_type(self) -> str:
        """The media type of the answer that carries the file."""
        return _CONTENT_TYPES[self]


_CONTENT_TYPES = {
    FileType.PDF: "application/pdf",
    FileType.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    FileType.ODT: "application/vnd.oasis.opendocument.text",
    FileType.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileType.ODS: "application/vnd.oasis.opendocument.spreadsheet",
    FileType.CSV: "text/csv; charset=utf-8",
    FileType.ICS: "text/calendar; charset=utf-8",
    FileType.TXT: "text/plain; charset=utf-8",
    FileType.JPEG: "image/jpeg",
    FileType.PNG: "image/png",
    FileType.HEIC: "image/heic",
    FileType.WEBP: "image/webp",
}

#: What the town publishes.
PUBLISHED = (
    FileType.PDF,
    FileType.DOCX,
    FileType.ODT,
    FileType.XLSX,
    FileType.ODS,
    FileType.CSV,
    FileType.ICS,
    FileType.TXT,
)
#: What families send: papers as PDF, or photographed.
SENT_BY_FAMILIES = (FileType.PDF, FileType.JPEG, FileType.PNG, FileType.HEIC, FileType.WEBP)

NAME_LENGTH = 80
#: What an office document may unfold to, in bytes and in files inside it.
UNFOLDED_BYTES = 200 * 1024 * 1024
UNFOLDED_FILES = 5_000
_UNFOLDED_STREAMS = 50 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that was accepted: its type, a name fit for an address, its bytes."""

    kind: FileType
    name: str
    content: bytes


def check_file(
    name: str, content: bytes, *, accepted: Sequence[FileType], most: int, size: int | None = None
) -> CheckedFile:
    """The file, once its content is known to be one of the `accepted` types. Raises FileRefused.

    `most`: the greatest size in bytes; `size`: the weight of the whole file when `content` is only the beginning of
    one that is too big. A photograph is recognised by its first bytes, whatever its name says (telephones send a JPEG
    named .heic), and comes back drawn again: JPEG, or PNG for a PNG.
    """
    if not content:
        raise FileRefused(_("Ce fichier est vide. Ouvrez-le sur votre appareil, enregistrez-le, puis renvoyez-le."))
    whole = max(len(content), size or 0)
    if whole > most:
        raise FileRefused(
            _("Ce fichier pèse %(size)s, %(most)s au plus. Réduisez ses images ou coupez-le en deux.")
            % {"size": weight(whole), "most": weight(most)}
        )
    picture = _picture(content)
    if picture is not None and picture[0] in accepted:
        drawn, extension = redrawn(content, decoder=picture[1])
        kind = FileType(extension)
        return CheckedFile(kind, normal_name(name, kind), drawn)
    suffix = PurePath(name.replace("\\", "/")).suffix.lower().lstrip(".")
    if suffix not in {kind.value for kind in accepted}:
        wanted = join_words((kind.value for kind in accepted), last=_("ou"))
        raise FileRefused(
            _("Ce type de fichier n’est pas accepté. Choisissez un fichier %(wanted)s.") % {"wanted": wanted}
        )
    kind = FileType(suffix)
    check = _CHECKS.get(kind)
    if check is None:
        raise _not_what_it_says(kind)
    check(kind, content)
    return CheckedFile(kind, normal_name(name, kind), content)


_PICTURES: dict[str, tuple[FileType, str]] = {
    "image/jpeg": (FileType.JPEG, "JPEG"),
    "image/png": (FileType.PNG, "PNG"),
    "image/heic": (FileType.HEIC, "HEIF"),
    "image/heif": (FileType.HEIC, "HEIF"),
    "image/webp": (FileType.WEBP, "WEBP"),
}


def _picture(content: bytes) -> tuple[FileType, str] | None:
    """The type that the first bytes of a photograph announce, with Pillow's name of it."""
    guessed = filetype.guess(content[:4096])
    return _PICTURES.get(guessed.mime) if guessed is not None else None


def normal_name(name: str, kind: FileType) -> str:
    """A name without folder, accent, space or second extension: “Règlement 2026.PDF” gives “reglement-2026.pdf”."""
    stem = PurePath(name.replace("\\", "/")).stem
    return f"{slugify(stem)[:NAME_LENGTH].strip('-_') or 'document'}.{kind.value}"


def weight(size: int) -> str:
    """“180 Ko”, “1,4 Mo”: kilobytes of 1,024 bytes, rounded up so that it is never zero."""
    kilobytes = max(1, -(-size // 1024))
    if kilobytes < 1000:
        return f"{kilobytes}{NBSP}Ko"
    return f"{size / 1024 / 1024:.1f}".replace(".", ",").removesuffix(",0") + f"{NBSP}Mo"


def _not_what_it_says(kind: FileType) -> FileRefused:
    return FileRefused(
        _(
            "Ce fichier porte l’extension «\u00a0.%(extension)s\u00a0» mais ce n’en est pas un. Ouvrez-le dans son "
            "logiciel et réenregistrez-le au format %(format)s."
        )
        % {"extension": kind.value, "format": kind.label}
    )


# PDF

_STREAM = re.compile(rb"stream\r?\n")
_STREAM_END = b"endstream"
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_NAME_ENDS = rb"(?![A-Za-z0-9])"
_PROGRAMS = re.compile(rb"/(?:JavaScript|Launch|RichMedia)" + _NAME_ENDS)
_SHORT_PROGRAMS = re.compile(rb"/(?:JS|XFA)" + _NAME_ENDS)
_ATTACHED = re.compile(rb"/EmbeddedFiles?" + _NAME_ENDS)
_LOCKED = re.compile(rb"/Encrypt" + _NAME_ENDS)
_PLAIN_FILTER = re.compile(rb"/Filter\s*\[?\s*/(?:FlateDecode|Fl)\s*\]?\s*(?:/(?!DecodeParms|DP)|>>)")
#: Where the dictionary of a stream is looked for, before it.
_DICTIONARY_BYTES = 600


def _check_pdf(kind: FileType, content: bytes) -> None:
    if not content.startswith(b"%PDF-") or b"%%EOF" not in content[-2048:]:
        raise _not_what_it_says(kind)
    after = content[content.rindex(b"%%EOF") + 5 :]
    if after.strip(b"\r\n\t \x00") or zipfile.is_zipfile(io.BytesIO(content)) or _has_markup(content[:1024]):
        raise FileRefused(_("Ce PDF contient un autre fichier. Réenregistrez-le au format PDF, puis renvoyez-le."))
    folded = b"\n".join(_object_streams(content))
    everything = _unescaped(content) + folded
    if _LOCKED.search(everything):
        raise FileRefused(
            _(
                "Ce PDF est protégé par un mot de passe\u00a0: tout le monde ne le lirait pas. "
                "Réenregistrez-le sans protection."
            )
        )
    # Three letters are found by chance in a picture: short names are looked for outside the streams only.
    outside = _unescaped(_without_streams(content)) + folded
    if _PROGRAMS.search(everything) or _SHORT_PROGRAMS.search(outside):
        raise FileRefused(
            _("Ce PDF contient un programme. Réenregistrez-le au format PDF/A, qui n’en contient jamais.")
        )
    if _ATTACHED.search(everything):
        raise FileRefused(_("Ce PDF contient un fichier joint. Envoyez ce fichier à part, et ce PDF sans lui."))


def _streams(content: bytes) -> Iterator[tuple[int, int, int]]:
    """Where each stream begins, where its data begins and ends. Each byte is read once, however it is written."""
    position = 0
    while found := _STREAM.search(content, position):
        end = content.find(_STREAM_END, found.end())
        if end < 0:
            return
        yield found.start(), found.end(), end
        position = end + len(_STREAM_END)


def _without_streams(content: bytes) -> bytes:
    parts: list[bytes] = []
    position = 0
    for _start, data, end in _streams(content):
        parts.append(content[position:data])
        position = end
    return b"".join([*parts, content[position:]])


def _object_streams(content: bytes) -> list[bytes]:
    """The compressed objects of a PDF. Raises FileRefused when they cannot be read, or unfold without end."""
    parts: list[bytes] = []
    left = _UNFOLDED_STREAMS
    for start, data, end in _streams(content):
        before = content[max(0, start - _DICTIONARY_BYTES) : start]
        dictionary = _unescaped(before[max(before.rfind(b" obj"), 0) :])
        if b"/ObjStm" not in dictionary:
            continue
        if b"/Filter" not in dictionary:
            parts.append(_unescaped(content[data:end]))
            continue
        if not _PLAIN_FILTER.search(dictionary) or b"/DecodeParms" in dictionary:
            raise FileRefused(_("Ce PDF ne se laisse pas vérifier. Réenregistrez-le au format PDF/A."))
        reader = zlib.decompressobj()
        try:
            unfolded = reader.decompress(content[data:end], left)
        except zlib.error as error:
            raise FileRefused(_("Ce PDF est abîmé. Réenregistrez-le au format PDF, puis renvoyez-le.")) from error
        left -= len(unfolded)
        if left <= 0:
            raise FileRefused(_("Ce PDF se déplie sans fin. Réenregistrez-le au format PDF, puis renvoyez-le."))
        parts.append(_unescaped(unfolded))
    return parts


def _unescaped(data: bytes) -> bytes:
    """Names may hide a letter behind its number: /J#53 is /JS."""
    return _ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), data)


# Office documents

_OOXML = {
    FileType.DOCX: ("word/document.xml", b"wordprocessingml.document.main+xml"),
    FileType.XLSX: ("xl/workbook.xml", b"spreadsheetml.sheet.main+xml"),
}
_MACROS = re.compile(r"(^|/)(vba[^/]*\.(bin|xml)|activex/.*|macrosheets/.*|embeddings/.*)$", re.IGNORECASE)
_ODF_PROGRAMS = re.compile(r"^(Basic|Scripts)/|^Object [^/]+/|^ObjectReplacements/", re.IGNORECASE)
_REMOTE = re.compile(rb'relationships/(?:attachedTemplate|oleObject|frame)"[^>]*TargetMode="External"', re.IGNORECASE)


def _check_archive(kind: FileType, content: bytes) -> zipfile.ZipFile:
    """The archive that an office document is, once it is known to unfold to something reasonable."""
    if not content.startswith(b"PK\x03\x04"):
        raise _not_what_it_says(kind)
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise _not_what_it_says(kind) from error
    names = [member.filename for member in members]
    if len(names) > UNFOLDED_FILES or sum(member.file_size for member in members) > UNFOLDED_BYTES:
        raise FileRefused(
            _("Ce fichier se déplie sans fin\u00a0: il n’est pas accepté. Réenregistrez-le dans son logiciel.")
        )
    if len(set(names)) != len(names) or any(
        name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/") for name in names
    ):
        raise _not_what_it_says(kind)
    if any(member.flag_bits & 1 for member in members):
        raise FileRefused(_("Ce fichier est protégé par un mot de passe. Réenregistrez-le sans protection."))
    return archive


def _member(archive: zipfile.ZipFile, name: str, kind: FileType, most: int = 1024 * 1024) -> bytes:
    """The beginning of a file of the archive; what cannot be read means that it is not that kind of document."""
    try:
        with archive.open(name) as stream:
            return stream.read(most)
    except (KeyError, zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise _not_what_it_says(kind) from error


def _no_macro(kind: FileType) -> FileRefused:
    return FileRefused(
        _("Ce document contient une macro ou un objet incorporé. Réenregistrez-le sans macro, ou en PDF.")
    )


def _check_ooxml(kind: FileType, content: bytes) -> None:
    archive = _check_archive(kind, content)
    main, declared = _OOXML[kind]
    types = _member(archive, "[Content_Types].xml", kind)
    if b"macroenabled" in types.lower() or any(_MACROS.search(name) for name in archive.namelist()):
        raise _no_macro(kind)
    if declared not in types:
        raise _not_what_it_says(kind)
    _member(archive, main, kind, 1024)
    for name in archive.namelist():
        if name.endswith(".rels") and _REMOTE.search(_member(archive, name, kind)):
            raise FileRefused(_("Ce document va chercher un modèle sur un autre site. Réenregistrez-le en PDF."))


def _check_odf(kind: FileType, content: bytes) -> None:
    archive = _check_archive(kind, content)
    if _member(archive, "mimetype", kind).strip() != _CONTENT_TYPES[kind].encode():
        raise _not_what_it_says(kind)
    if any(_ODF_PROGRAMS.search(name) for name in archive.namelist()):
        raise _no_macro(kind)
    _member(archive, "content.xml", kind, 1024)


# Texts

_MARKUP = re.compile(rb"<\s*(?:!doctype|html|head|body|script|svg|iframe|object|embed|\?xml|img|meta|link)\b", re.I)


def _has_markup(content: bytes) -> bool:
    return _MARKUP.search(content) is not None


def _check_text(kind: FileType, content: bytes) -> None:
    if b"\x00" in content or filetype.guess(content) is not None:
        raise _not_what_it_says(kind)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileRefused(
            _("Les accents de ce fichier ne se liraient pas partout. Réenregistrez-le avec l’encodage UTF-8.")
        ) from error
    if _has_markup(content) or text.lstrip().startswith("<"):
        raise FileRefused(_("Ce fichier contient une page web. Envoyez-en le texte, ou un PDF."))
    if not text.strip():
        raise FileRefused(_("Ce fichier est vide."))
    if kind is FileType.ICS and not (
        text.lstrip().upper().startswith("BEGIN:VCALENDAR") and text.rstrip().upper().endswith("END:VCALENDAR")
    ):
        raise _not_what_it_says(kind)


_CHECKS: dict[FileType, Callable[[FileType, bytes], None]] = {
    FileType.PDF: _check_pdf,
    FileType.DOCX: _check_ooxml,
    FileType.XLSX: _check_ooxml,
    FileType.ODT: _check_odf,
    FileType.ODS: _check_odf,
    FileType.CSV: _check_text,
    FileType.ICS: _check_text,
    FileType.TXT: _check_text,
}

"""What a file says of itself: pages, words for the search, what a reader with a screen reader would miss."""

import hashlib
import io
import logging
import zipfile
from dataclasses import dataclass
from xml.etree.ElementTree import ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException
from pypdf import PdfReader

from portal.domain.files.checks import CheckedFile, FileType

TEXT_LENGTH = 200_000
#: A book is found by its first pages; nobody waits for the others to be read.
_PAGES_READ = 150
_OFFICE_TEXT = {
    FileType.DOCX: ("word/document.xml",),
    FileType.ODT: ("content.xml",),
    FileType.ODS: ("content.xml",),
    FileType.XLSX: ("xl/sharedStrings.xml",),
}
_XML_BYTES = 20 * 1024 * 1024
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Inspection:
    """`pages` None: not known, or not a thing of this type. `warnings` are French sentences for the agent."""

    text: str = ""
    pages: int | None = None
    warnings: tuple[str, ...] = ()


def digest_of(content: bytes) -> str:
    """SHA-256, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def inspect(file: CheckedFile) -> Inspection:
    """What is found in an accepted file. Never fails: a file that is read badly only says less."""
    if file.kind is FileType.PDF:
        return _pdf(file.content)
    if file.kind in _OFFICE_TEXT:
        return Inspection(text=_office_text(file))
    return Inspection(text=_cut(file.content.decode("utf-8-sig", "replace")))


def _cut(text: str) -> str:
    """Words apart by one space, without what PostgreSQL cannot keep."""
    return " ".join(text.replace("\x00", " ").split())[:TEXT_LENGTH]


def _pdf(content: bytes) -> Inspection:
    try:
        reader = PdfReader(io.BytesIO(content))
        root, metadata, pages = reader.root_object, reader.metadata, len(reader.pages)
        warnings = []
        if not (root.get("/MarkInfo") or {}).get("/Marked") or "/StructTreeRoot" not in root:
            warnings.append(
                "Ce PDF n’est pas balisé : un lecteur d’écran en lit mal les titres et les tableaux. Exportez-le en "
                "« PDF accessible » (PDF/UA), ou publiez aussi son texte dans une page."
            )
        if not (metadata and metadata.title):
            warnings.append("Ce PDF n’a pas de titre dans ses propriétés.")
        if "/Lang" not in root:
            warnings.append("Ce PDF ne dit pas sa langue : choisissez « français » dans les propriétés du document.")
        text = _cut(" ".join(page.extract_text() for page in reader.pages[:_PAGES_READ]))
        if pages and not text:
            warnings.append(
                "Ce PDF n’a pas de texte : c’est l’image d’un papier. Personne ne peut le chercher ni l’écouter."
            )
    except Exception as error:  # noqa: BLE001  # whatever a strange file does, it is published all the same
        _log.info("a PDF could not be read: %s", error)
        return Inspection(warnings=("Ce PDF n’a pas pu être lu en entier : ouvrez-le pour vérifier.",))
    return Inspection(text=text, pages=pages, warnings=tuple(warnings))


def _office_text(file: CheckedFile) -> str:
    words: list[str] = []
    with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
        for name in _OFFICE_TEXT[file.kind]:
            try:
                with archive.open(name) as stream:
                    tree = ElementTree.fromstring(stream.read(_XML_BYTES))
            except (KeyError, ParseError, DefusedXmlException, zipfile.BadZipFile, OSError, EOFError) as error:
                _log.info("an office document could not be read: %s", error)
                continue
            words.extend(tree.itertext())
    return _cut(" ".join(words))

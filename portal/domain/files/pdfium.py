"""The one door to pdfium, which draws and counts the pages of PDFs. It is not safe in several threads at once."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pypdfium2

_one_at_a_time = threading.Lock()


class UnreadablePdf(Exception):
    """pdfium does not open it, or stumbles on it."""


@contextmanager
def opened(content: bytes) -> Iterator[pypdfium2.PdfDocument]:
    """The document, for the time of the block; nobody else uses pdfium meanwhile. Raises UnreadablePdf."""
    with _one_at_a_time:
        try:
            document = pypdfium2.PdfDocument(content)
        except pypdfium2.PdfiumError as error:
            raise UnreadablePdf from error
        try:
            yield document
        except (pypdfium2.PdfiumError, ValueError, MemoryError) as error:
            raise UnreadablePdf from error
        finally:
            document.close()

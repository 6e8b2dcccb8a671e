"""The tables of the library. `documents` comes first: the page reads it through `listing` and `views`."""

from documents.library.models.documents import DocumentCategory, DocumentVersion, LibraryDocument
from documents.library.models.pages import DocumentsPage

__all__ = ["DocumentCategory", "DocumentVersion", "DocumentsPage", "LibraryDocument"]

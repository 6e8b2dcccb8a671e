"""Where the library meets the rest: the address of its list, its search results, what makes kept pages old."""

from datetime import date

from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext_lazy as _

from cms_pages.search import Hit, SearchSource, register_search_source
from cms_pages.site_facts import register_landmark
from documents.library import queries
from documents.library.models import DocumentCategory, DocumentsPage, DocumentVersion, LibraryDocument
from portal.domain.accounts.models import User
from portal.domain.kernel.clock import paris_date
from portal.web.public_content import register_public_content, register_public_parameter

LANDMARK = "library"
_SLUG = r"[-a-zA-Z0-9_]{1,50}"


def library_address() -> str:
    """Where the list of documents is, or ""."""
    page = DocumentsPage.objects.live().order_by("path").first()
    return (page.url or "") if page else ""


def search_hits(text: str, *, user: User | AnonymousUser, on: date) -> list[Hit]:
    """The documents found, as results of the site's search."""
    found = queries.search(text, user, on)
    said = queries.words_of(found)
    return [
        Hit(
            title=each.title,
            url=each.page_url,
            kind=each.category.name,
            excerpt=f"{each.description} {said.get(each.pk, '')}".strip(),
            day=paris_date(each.current.published_at) if each.current else None,
            rank=each.found_rank or 0.0,
        )
        for each in found
    ]


def connect() -> None:
    """Called once, at start-up."""
    register_landmark(LANDMARK, library_address)
    register_search_source(SearchSource(key="documents", label=_("Documents"), order=30, search=search_hits))
    register_public_content(DocumentCategory, LibraryDocument, DocumentVersion)
    register_public_parameter("categorie", _SLUG)
    register_public_parameter("service", _SLUG)
    register_public_parameter("annee", r"20\d\d-20\d\d")

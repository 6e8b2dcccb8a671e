"""The doors of the library: a document's page, its files, the family's list."""

from typing import Any, BinaryIO, cast

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe
from wagtail.models import Page

from documents.library.listing import listing_context
from documents.library.models.documents import DocumentVersion, LibraryDocument
from documents.library.serving import PRIVATE, PUBLIC_HOUR, serve_file
from portal.domain.files.checks import FileType
from portal.domain.kernel.clock import paris_date
from portal.web.family import FamilyRequest, family_required

CHANGE = "library.change_librarydocument"


class SignInFirst(Exception):
    """The document is for families, and nobody is signed in."""


def find_document(request: HttpRequest, slug: str) -> LibraryDocument:
    """The document of this address, when this visitor may read it.

    A document stays at its address when its days are over or it left the list. Raises SignInFirst to a visitor,
    Http404 when it does not exist for this person. Agents who write it read it before its first day.
    """
    found = LibraryDocument.objects.with_versions()
    today = paris_date(timezone.now())
    document = found.begun_on(today).for_everybody().filter(slug=slug).first()
    if document is not None:
        return document  # without a look at who asks: the answer may be kept by a cache
    if request.user.is_authenticated and request.user.has_perm(CHANGE):
        return get_object_or_404(found, slug=slug)
    begun = found.begun_on(today)
    if not request.user.is_authenticated:
        if begun.filter(slug=slug).exists():
            raise SignInFirst
        raise Http404
    return get_object_or_404(begun.readable_by(request.user, on=today), slug=slug)


def document_page(request: HttpRequest, page: Page, slug: str) -> HttpResponse:
    """One document: what it is, its version in force, those before."""
    try:
        document = find_document(request, slug)
    except SignInFirst:
        return redirect_to_login(request.get_full_path())
    today = paris_date(timezone.now())
    context = {
        "page": page,
        "trail": [*page.trail(), page],
        "document": document,
        "canonical": f"{page.get_full_url(request)}{document.slug}/",
        "over": document.is_over(today),
        "early": document.valid_from is not None and document.valid_from > today,
    }
    return render(request, "library/document.html", context)


@login_not_required
@require_safe
def file(request: HttpRequest, slug: str, number: int, name: str) -> HttpResponseBase:
    """One version, whatever came after it. A name that is not quite its own leads to its own."""
    try:
        document = find_document(request, slug)
    except SignInFirst:
        return redirect_to_login(request.get_full_path())
    version = next((each for each in document.all_versions if each.number == number), None)
    if version is None:
        raise Http404
    if version.name != name:
        return redirect(version.url, permanent=True)
    return _answer(request, document, version)


@login_not_required
@require_safe
def latest(request: HttpRequest, slug: str) -> HttpResponseBase:
    """To the version in force: the address to give in a mail or a page."""
    try:
        document = find_document(request, slug)
    except SignInFirst:
        return redirect_to_login(request.get_full_path())
    if document.current is None:
        raise Http404
    answer = redirect(document.current.url)
    answer["Cache-Control"] = "no-cache" if document.is_public else PRIVATE
    return answer


@require_safe
@family_required
def family_documents(request: FamilyRequest) -> HttpResponse:
    """The useful documents in the family's space: its own first."""
    context: dict[str, Any] = listing_context(request)
    return render(request, "library/family.html", context)


def _answer(request: HttpRequest, document: LibraryDocument, version: DocumentVersion) -> HttpResponseBase:
    try:
        stream = cast(BinaryIO, version.file.open("rb"))
    except FileNotFoundError as error:
        raise Http404 from error
    return serve_file(
        request,
        stream,
        size=version.size,
        content_type=version.file_type.content_type,
        name=version.name,
        etag=version.sha256,
        modified=version.published_at,
        cache=PUBLIC_HOUR if document.is_public and not _is_early(document) else PRIVATE,
        inline=version.file_type is FileType.PDF,
    )


def _is_early(document: LibraryDocument) -> bool:
    return document.valid_from is not None and document.valid_from > paris_date(timezone.now())

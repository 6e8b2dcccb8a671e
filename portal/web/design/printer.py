"""WeasyPrint at work. Only `pdf` comes here, when the first page is printed: loading it takes half a second."""

from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from weasyprint import HTML
from weasyprint.urls import URLFetcher, URLFetcherResponse

_BASE_URL = "https://portail.invalid/"


class _StaticFetcher(URLFetcher):
    """Serves /static/ from the disk and refuses everything else: a PDF never makes a request."""

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
        """The static file behind an address. Raises ValueError for any other address."""
        path = url.removeprefix(_BASE_URL.rstrip("/")).partition("?")[0]
        if not path.startswith(settings.STATIC_URL):
            raise ValueError(f"not one of our files: {url}")
        name = path.removeprefix(settings.STATIC_URL)
        kind = "text/css" if name.endswith(".css") else "image/svg+xml" if name.endswith(".svg") else ""
        answer = {"Content-Type": kind} if kind else {}
        found = finders.find(name)
        if isinstance(found, str):
            with open(found, "rb") as stream:
                return URLFetcherResponse(url, stream.read(), answer)
        with staticfiles_storage.open(name) as stored:
            return URLFetcherResponse(url, stored.read(), answer)


def print_page(page: str) -> tuple[bytes, int]:
    """A page of HTML as a tagged PDF, and its number of pages."""
    document = HTML(string=page, base_url=_BASE_URL, url_fetcher=_StaticFetcher()).render(pdf_variant="pdf/ua-1")
    content: bytes = document.write_pdf(pdf_variant="pdf/ua-1")
    return content, len(document.pages)

"""One address for one commune (A1): every other host leads to that of PORTAL_BASE_URL, for good."""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect

#: Probes speak to the machine itself, by whatever name.
PROBES = "/sante/"


class CanonicalHostMiddleware:
    """Redirects a page asked under another host. 308 keeps the method of a form that was sent."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The page, or the way to the one address. A host that is not ours at all is refused before (400)."""
        if not settings.CANONICAL_HOST or request.path_info.startswith(PROBES):
            return self.get_response(request)
        if request.get_host().lower() == urlsplit(settings.PORTAL_BASE_URL).netloc.lower():
            return self.get_response(request)
        answer = HttpResponsePermanentRedirect(settings.PORTAL_BASE_URL + request.get_full_path())
        if request.method not in {"GET", "HEAD"}:
            answer.status_code = 308
        return answer

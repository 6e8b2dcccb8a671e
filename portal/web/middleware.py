"""The closed sign: while the portal is in maintenance, families see one page and nothing is written.

Closed by `settings.PORTAL_MAINTENANCE` (an upgrade: neither session nor database is read), or by a source that an
application registers, such as the agents' own settings (agents then still come in).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from portal.web.design.errors import maintenance

#: What stays open: files of the page itself, health checks, the agents' door and the way into it.
OPEN_PREFIXES = ("/static/", "/theme.css", "/sante/", "/gestion/", "/compte/connexion/")
_REQUEST_ATTRIBUTE = "_portal_closing"


@dataclass(frozen=True, slots=True)
class Closing:
    """Why the portal is closed. `until` is said as it is written ("18 h"), `retry_after` is in seconds.

    `agents_enter`: somebody of the staff who is signed in goes everywhere as usual.
    """

    until: str = ""
    words: str = ""
    retry_after: int = 900
    agents_enter: bool = False


ClosingProvider = Callable[[HttpRequest], Closing | None]

_providers: list[ClosingProvider] = []


def register_closing_provider(provider: ClosingProvider) -> ClosingProvider:
    """Add a source. It is asked on every request: it answers without a query. Twice the same has no effect."""
    if provider not in _providers:
        _providers.append(provider)
    return provider


def closing(request: HttpRequest) -> Closing | None:
    """Why the portal is closed now, None when it is open. The setting comes before the registered sources."""
    state = getattr(settings, "PORTAL_MAINTENANCE", False)
    if state:
        return Closing(until=state if isinstance(state, str) else "")
    return next((found for provider in _providers if (found := provider(request)) is not None), None)


class MaintenanceMiddleware:
    """Answers 503 to every page of the families while the portal is closed.

    `PORTAL_MAINTENANCE` is False, True, or the hour of reopening as it must be said ("18 h").
    `PORTAL_MAINTENANCE_OPEN` adds addresses that stay open.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The page of maintenance, or the ordinary answer."""
        closed = closing(request)
        if closed is None:
            return self.get_response(request)
        still_open = (*OPEN_PREFIXES, *getattr(settings, "PORTAL_MAINTENANCE_OPEN", ()))
        if request.path.startswith(still_open):
            return self.get_response(request)
        if closed.agents_enter and settings.SESSION_COOKIE_NAME in request.COOKIES:
            # Who it is will be known further down, before any view is called.
            setattr(request, _REQUEST_ATTRIBUTE, closed)
            return self.get_response(request)
        return _closed(request, closed)

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., Any], view_args: Any, view_kwargs: Any
    ) -> HttpResponse | None:
        """Let the staff in, and nobody else."""
        closed: Closing | None = getattr(request, _REQUEST_ATTRIBUTE, None)
        if closed is None or request.user.is_staff:
            return None
        return _closed(request, closed)


def _closed(request: HttpRequest, closed: Closing) -> HttpResponse:
    return maintenance(request, until=closed.until, words=closed.words, retry_after=closed.retry_after)

"""The closed sign: while `settings.PORTAL_MAINTENANCE` is true, families see one page and nothing is written."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from portal.web.design.errors import maintenance

#: What stays open: files of the page itself, health checks, the agents' door and the way into it.
OPEN_PREFIXES = ("/static/", "/theme.css", "/sante/", "/gestion/", "/compte/connexion/")


class MaintenanceMiddleware:
    """Answers 503 to every page of the families while the setting says so.

    `PORTAL_MAINTENANCE` is False, True, or the hour of reopening as it must be said ("18 h"). Nothing else is read:
    neither the session nor the database. `PORTAL_MAINTENANCE_OPEN` adds addresses that stay open.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The page of maintenance, or the ordinary answer."""
        state = getattr(settings, "PORTAL_MAINTENANCE", False)
        if not state:
            return self.get_response(request)
        still_open = (*OPEN_PREFIXES, *getattr(settings, "PORTAL_MAINTENANCE_OPEN", ()))
        if request.path.startswith(still_open):
            return self.get_response(request)
        return maintenance(request, until=state if isinstance(state, str) else "")

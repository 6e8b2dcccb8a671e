"""An agent in a family's space: known on every page, out when the hour has passed, unable to write in the past."""

from collections.abc import Callable
from typing import cast

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from portal.domain.accounts.models import User
from portal.domain.families.acting import current_acting
from portal.domain.families.models import ActingSession

#: The agents' door knows its own rights and shows no family's space.
_OUTSIDE = ("/gestion/", "/static/", "/media/", "/theme.css", "/sante/")
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class ActingRequest(HttpRequest):
    """A request under this middleware: the templates and the clock read `acting`."""

    acting: ActingSession | None


class ActingMiddleware:
    """Sets `request.acting`: the open `ActingSession` of an agent, None for everybody else (without a query)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The page; at another date, 409 for what would write, and no trace."""
        asked = cast(ActingRequest, request)
        asked.acting = None
        # Without the cookie there is nobody to ask, and what is public stays free of the session.
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or request.path_info.startswith(_OUTSIDE):
            return self.get_response(request)
        user = request.user
        if not isinstance(user, User) or not user.is_staff:
            return self.get_response(request)
        acting = asked.acting = current_acting(user=user, at=timezone.now())
        if acting is None:
            return self.get_response(request)
        if acting.viewed_at is None or request.path_info in {reverse("acting:stop"), reverse("account_logout")}:
            return self.get_response(request)
        if request.method not in _SAFE:
            return render(request, "acting/read_only.html", {"acting": acting}, status=409)
        return self._without_trace(request)

    def _without_trace(self, request: HttpRequest) -> HttpResponse:
        """The page of another date, whose every write is taken back: some pages note that they were read."""
        with transaction.atomic():
            response = self.get_response(request)
            transaction.set_rollback(True)
        response["Cache-Control"] = "private, no-store"
        return response

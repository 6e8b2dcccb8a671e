"""The gate of the terms of use, in front of every page of the families."""

from collections.abc import Callable
from urllib.parse import urlencode

from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django_htmx.http import HttpResponseClientRedirect

from portal.domain.accounts.models import User
from portal.domain.accounts.queries import terms_to_accept

FAMILY_PREFIX = "/famille/"


class TermsGateMiddleware:
    """Sends to the terms whoever has not accepted the version in force, then lets them come back (one query)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The page, or the way to the terms. A form sent meanwhile is not replayed: its page is shown again."""
        if not request.path_info.startswith(FAMILY_PREFIX):
            return self.get_response(request)
        if getattr(request, "acting", None) is not None:
            return self.get_response(request)  # an agent in a family's space accepts nothing in its name
        user = request.user
        if not isinstance(user, User) or terms_to_accept(user=user, at=timezone.now()) is None:
            return self.get_response(request)
        wanted = request.get_full_path() if request.method in {"GET", "HEAD"} else FAMILY_PREFIX
        address = f"{reverse('accounts:terms')}?{urlencode({REDIRECT_FIELD_NAME: wanted})}"
        if request.headers.get("HX-Request") == "true":
            return HttpResponseClientRedirect(address)
        return redirect(address)

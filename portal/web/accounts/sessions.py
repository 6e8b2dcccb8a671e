"""The session of a signed-in person: named for its owner, short on a shared computer (L11).

Our own rather than allauth.usersessions, which keeps network addresses and writes at each request: a device is a few
words and two dates here, its last visit is written every ten minutes.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME, logout
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from portal.domain.accounts.models import SignInSession, User
from portal.domain.accounts.security import open_session
from portal.web.accounts.devices import device_words
from portal.web.accounts.forms import SHARED_KEY

SEEN_KEY = "seen_at"

#: On a shared computer, that long without a page signs out.
IDLE = timedelta(minutes=20)
#: The last visit of a device is written no more often.
SEEN_EVERY = timedelta(minutes=10)


def keep_session(request: HttpRequest, user: User, *, at: datetime) -> None:
    """Write the device of this session down, under its present key."""
    session = request.session
    if not session.session_key:
        session.create()
    open_session(
        user=user,
        session_key=session.session_key or "",
        device=device_words(request.META.get("HTTP_USER_AGENT", "")),
        is_shared=bool(session.get(SHARED_KEY)),
        at=at,
    )
    session[SEEN_KEY] = at.isoformat()


def connect() -> None:
    """Called once, from `apps.ready`."""
    user_logged_in.connect(_on_sign_in, dispatch_uid="portal.web.accounts.sessions")


def _on_sign_in(sender: Any, request: HttpRequest | None, user: Any, **_kwargs: Any) -> None:
    if request is not None and isinstance(user, User):
        keep_session(request, user, at=timezone.now())


class SessionMiddleware:
    """Signs out a shared computer left alone, and remembers when a device was last seen."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The page, or the way to the sign-in when the time is over. A visitor costs nothing."""
        seen = request.session.get(SEEN_KEY) if hasattr(request, "session") and request.COOKIES else None
        if not isinstance(seen, str):
            return self.get_response(request)
        now = timezone.now()
        quiet = now - datetime.fromisoformat(seen)
        shared = bool(request.session.get(SHARED_KEY))
        if shared and quiet > IDLE and request.user.is_authenticated:
            return self._sign_out(request)
        if quiet > SEEN_EVERY or (shared and quiet > timedelta(minutes=1)):
            request.session[SEEN_KEY] = now.isoformat()
            SignInSession.objects.filter(session_key=request.session.session_key or "").update(seen_at=now)
        return self.get_response(request)

    def _sign_out(self, request: HttpRequest) -> HttpResponse:
        SignInSession.objects.filter(session_key=request.session.session_key or "").delete()
        logout(request)
        messages.info(
            request, _("Vous êtes déconnecté après 20 minutes sans activité, car cet ordinateur est partagé.")
        )
        wanted = request.get_full_path() if request.method in {"GET", "HEAD"} else "/famille/"
        address = f"{reverse('account_login')}?{urlencode({REDIRECT_FIELD_NAME: wanted})}"
        if request.headers.get("HX-Request") == "true":
            return HttpResponseClientRedirect(address)
        return redirect(address)

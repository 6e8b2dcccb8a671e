"""Leaving the portal leaves FranceConnect too: its session would let the next person at this computer in."""

import logging
import secrets
from collections.abc import Callable
from urllib.parse import urlencode

import requests
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from portal.web.franceconnect.adapter import is_configured
from portal.web.franceconnect.provider import ID_TOKEN_KEY, endpoints

logger = logging.getLogger(__name__)

STATE_KEY = "franceconnect_logout_state"


class LeavingMiddleware:
    """After our own sign-out, goes through FranceConnect's when the session came from there."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer, or the way to FranceConnect once nobody is signed in any more."""
        if request.method != "POST" or request.path_info != reverse("account_logout") or not is_configured():
            return self.get_response(request)
        token = request.session.get(ID_TOKEN_KEY)
        response = self.get_response(request)
        if not token or request.user.is_authenticated or response.status_code != 302:
            return response
        try:
            address = endpoints()["end_session_endpoint"]
        except (requests.RequestException, OAuth2Error, KeyError) as error:
            # Our own session is closed: that is what was asked.
            logger.warning("FranceConnect: %s", type(error).__name__)
            return response
        state = secrets.token_urlsafe(32)
        request.session[STATE_KEY] = state
        asked = {
            "id_token_hint": token,
            "state": state,
            "post_logout_redirect_uri": settings.PORTAL_BASE_URL + reverse("franceconnect:signed_out"),
        }
        return redirect(f"{address}?{urlencode(asked)}")

"""What allauth asks of us about FranceConnect: the client, who may come in, what an error looks like."""

import logging
from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.base.constants import AuthError, AuthProcess
from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import get_random_string

from portal.web.franceconnect import arrivals
from portal.web.franceconnect.provider import PROVIDER

logger = logging.getLogger(__name__)


def is_configured() -> bool:
    """Whether the town has its FranceConnect client."""
    return bool(settings.FRANCECONNECT_CLIENT_ID and settings.FRANCECONNECT_SECRET)


class SocialAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """One provider, described by the settings; no account is ever made here."""

    def list_apps(
        self, request: HttpRequest | None, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """The client of the settings, never one of the database."""
        if not is_configured() or provider not in {None, PROVIDER}:
            return []
        if client_id not in {None, settings.FRANCECONNECT_CLIENT_ID}:
            return []
        return [
            SocialApp(
                provider=PROVIDER,
                provider_id=PROVIDER,
                name="FranceConnect",
                client_id=settings.FRANCECONNECT_CLIENT_ID,
                secret=settings.FRANCECONNECT_SECRET,
                settings={"server_url": settings.FRANCECONNECT_URL, "token_auth_method": "client_secret_post"},
            )
        ]

    def generate_state_param(self, state: dict[str, Any]) -> str:
        """Longer than allauth's own: FranceConnect asks for one nobody guesses."""
        return get_random_string(43)

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def authenticate_by_email(self, login: SocialLogin) -> None:
        """Never: two people may give the same address."""

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Everything is decided here; allauth only goes on to sign in a parent who is linked."""
        process = sociallogin.state.get("process")
        if process == AuthProcess.CONNECT:
            raise ImmediateHttpResponse(arrivals.to_link(request, sociallogin))
        if process == AuthProcess.REDIRECT:
            raise ImmediateHttpResponse(arrivals.for_quotient(request, sociallogin))
        answer = arrivals.to_sign_in(request, sociallogin)
        if answer is not None:
            raise ImmediateHttpResponse(answer)

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: str | None = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> None:
        """A page in French with a way out, and a line in the log without anybody in it."""
        if exception is not None:
            logger.warning("FranceConnect: %s", type(exception).__name__)
        state = (extra_context or {}).get("state")
        raise ImmediateHttpResponse(
            arrivals.failed(request, cancelled=error == AuthError.CANCELLED, exception=exception, state=state)
        )

"""FranceConnect v2 for allauth: what the stock OpenID Connect provider lacks.

A nonce, a signed userinfo, verified signatures, the level eidas1 checked, the token of the session kept to leave.
Scopes and parameters never come from the address of the request.
"""

import secrets
from typing import Any

import requests
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.urls import reverse
from django.utils.crypto import constant_time_compare

from portal.web.franceconnect.tokens import read_signed

PROVIDER = "franceconnect"
LEVEL = "eidas1"
NONCES_KEY = "franceconnect_nonces"
_TABS = 4
ID_TOKEN_KEY = "franceconnect_id_token"  # noqa: S105  # the name of a place in the session
EXTRA_SCOPES_KEY = "franceconnect_scopes"
_CONFIG_MINUTES = 10


def endpoints() -> dict[str, str]:
    """The addresses that FranceConnect declares, kept ten minutes. Raises RequestException, OAuth2Error."""
    key = f"franceconnect:{settings.FRANCECONNECT_URL}"
    found: dict[str, str] | None = cache.get(key)
    if found is None:
        answer = requests.get(
            f"{settings.FRANCECONNECT_URL}/.well-known/openid-configuration",
            timeout=settings.FRANCECONNECT_TIMEOUT,
            allow_redirects=False,
        )
        answer.raise_for_status()
        try:
            found = dict(answer.json())
        except (ValueError, TypeError):
            raise OAuth2Error("unreadable configuration") from None
        cache.set(key, found, _CONFIG_MINUTES * 60)
    return found


class FranceConnectAdapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]  # allauth has no types
    """The exchange: code against tokens, then who came."""

    @property
    def openid_config(self) -> dict[str, str]:
        return endpoints()

    @property
    def basic_auth(self) -> bool:
        """FranceConnect takes the secret in the body only."""
        return False

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        """On the portal's own address, as it was declared to FranceConnect, whatever the Host header says."""
        return settings.PORTAL_BASE_URL + reverse("franceconnect:callback")

    def complete_login(self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any) -> SocialLogin:
        """Who came. Raises OAuth2Error unless both tokens are signed, fresh, ours, and tell of the same person."""
        raw = kwargs["response"].get("id_token") or ""
        sent = request.session.pop(NONCES_KEY, [])
        identity = self._read(app, raw, needed=("iss", "aud", "exp", "iat", "sub", "nonce", "acr"))
        if not any(constant_time_compare(str(identity["nonce"]), nonce) for nonce in sent):
            raise OAuth2Error("nonce")
        request.session[NONCES_KEY] = [nonce for nonce in sent if nonce != identity["nonce"]]
        if identity["acr"] != LEVEL:
            raise OAuth2Error("acr")
        person = self._read(app, self._signed_userinfo(token.token), needed=("iss", "aud", "sub"))
        if person["sub"] != identity["sub"]:
            raise OAuth2Error("sub")
        login: SocialLogin = self.get_provider().sociallogin_from_response(request, person)
        # Kept aside until somebody is signed in: it is what FranceConnect asks for to end its own session.
        login.id_token = raw
        login.person = person
        return login

    def _read(self, app: SocialApp, token: str, *, needed: tuple[str, ...]) -> dict[str, Any]:
        return read_signed(
            token,
            jwks_uri=self.openid_config["jwks_uri"],
            issuer=self.openid_config["issuer"],
            audience=app.client_id,
            needed=needed,
        )

    def _signed_userinfo(self, access_token: str) -> str:
        answer = requests.get(
            self.profile_url,
            headers={"Authorization": f"Bearer {access_token}"},
            timeout=settings.FRANCECONNECT_TIMEOUT,
            allow_redirects=False,
        )
        answer.raise_for_status()
        return str(answer.text).strip()


class FranceConnectProvider(OpenIDConnectProvider):  # type: ignore[misc]  # allauth has no types
    """What is asked of FranceConnect, and the little that is kept of its answer."""

    id = PROVIDER
    name = "FranceConnect"
    oauth2_adapter_class = FranceConnectAdapter
    supports_token_authentication = False

    def get_callback_url(self) -> str:
        return reverse("franceconnect:callback")

    def get_login_url(self, request: HttpRequest, **kwargs: Any) -> str:
        return reverse("franceconnect:start")

    def get_auth_params_from_request(self, request: HttpRequest, action: str) -> dict[str, str]:
        """The level, and a nonce that the answer must bring back."""
        nonce = secrets.token_urlsafe(32)
        # Two tabs may be on their way at once; each nonce serves once, with the state that goes with it.
        request.session[NONCES_KEY] = [*request.session.get(NONCES_KEY, []), nonce][-_TABS:]
        return {"acr_values": LEVEL, "nonce": nonce}

    def get_scope_from_request(self, request: HttpRequest) -> list[str]:
        """The town's scopes, those of the quotient when a view of ours asked for them."""
        return [*settings.FRANCECONNECT_SCOPES, *getattr(request, EXTRA_SCOPES_KEY, ())]

    def extract_uid(self, data: dict[str, Any]) -> str:
        return str(data["sub"])

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        """Nothing: the identifier is enough to recognise somebody who comes back."""
        return {}

    def extract_common_fields(self, data: dict[str, Any]) -> dict[str, Any]:
        return {}

    def extract_email_addresses(self, data: dict[str, Any]) -> list[Any]:
        """None: an address given by FranceConnect is only declared."""
        return []


provider_classes = [FranceConnectProvider]

"""Reading what FranceConnect signed: keys from its JWKS, algorithms from a list, everything named checked."""

from typing import Any

import jwt
import requests
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.conf import settings

#: What FranceConnect v2 signs with. Never the algorithm that a token asks for.
ALGORITHMS = ("ES256", "RS256")
#: Seconds by which two clocks may differ.
LEEWAY = 10


def read_signed(token: str, *, jwks_uri: str, issuer: str, audience: str, needed: tuple[str, ...]) -> dict[str, Any]:
    """The claims of a signed token. Raises OAuth2Error, without the token, when anything is not as it must be."""
    try:
        key = _key_of(jwt.get_unverified_header(token).get("kid"), jwks_uri)
        claims: dict[str, Any] = jwt.decode(
            token,
            key=key,
            algorithms=list(ALGORITHMS),
            issuer=issuer,
            audience=audience,
            leeway=LEEWAY,
            options={"require": list(needed)},
        )
    except (jwt.PyJWTError, ValueError, TypeError, KeyError) as error:
        raise OAuth2Error(f"token refused: {type(error).__name__}") from None
    return claims


def _key_of(kid: Any, jwks_uri: str) -> Any:
    """The public key of that name. Keys are asked for each time: they turn, and a sign-in is rare."""
    answer = requests.get(jwks_uri, timeout=settings.FRANCECONNECT_TIMEOUT, allow_redirects=False)
    answer.raise_for_status()
    for data in answer.json()["keys"]:
        if data.get("kid") == kid and data.get("use", "sig") == "sig":
            return jwt.PyJWK.from_dict(data).key
    raise OAuth2Error("unknown key")

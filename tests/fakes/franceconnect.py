"""A FranceConnect v2 of one's own, on 127.0.0.1: discovery, authorisation, tokens, signed userinfo, end of session.

It does what the real one says it does (a nonce of 22 characters, `eidas1`, codes that serve once) and, when told, what
it must never do: `wrong` names the lie of the next exchange.
"""

import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

from tests.fakes.serving import serving

CLIENT, SECRET = "client-de-test", "secret-de-test"

PERSON = {
    "sub": "b6048e95bb134ec5b1d1e1fa69f287172e91722b9354d637a1bcf2ebb0fd2ef5v1",
    "given_name": "Claire Louise",
    "family_name": "VUILLET",
    "birthdate": "1989-12-03",
}


class FakeFranceConnect:
    """The state of the server; `person` is who signs in there."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.other_key = ec.generate_private_key(ec.SECP256R1())
        self.person: dict[str, Any] = dict(PERSON)
        self.wrong = ""
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[dict[str, str]] = []
        self.ended: list[dict[str, str]] = []
        self.tokens: list[str] = []
        self.url = ""

    @property
    def issuer(self) -> str:
        return f"{self.url}/api/v2"

    def authorize(self, query: dict[str, str]) -> tuple[int, str]:
        """The address to which the browser is sent back."""
        self.asked.append(query)
        good = (
            query.get("response_type") == "code"
            and query.get("client_id") == CLIENT
            and query.get("acr_values") == "eidas1"
            and len(query.get("nonce", "")) >= 22
            and len(query.get("state", "")) >= 22
            and "openid" in query.get("scope", "").split()
        )
        if not good:
            return 400, ""
        back = query["redirect_uri"]
        if self.wrong == "refused":
            return 302, f"{back}?{urlencode({'error': 'access_denied', 'state': query['state']})}"
        code = secrets.token_urlsafe(16)
        self.codes[code] = query
        return 302, f"{back}?{urlencode({'code': code, 'state': query['state']})}"

    def token(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        query = self.codes.pop(form.get("code", ""), None)
        known = (form.get("client_id"), form.get("client_secret")) == (CLIENT, SECRET)
        if query is None or not known or self.wrong == "expired" or form.get("redirect_uri") != query["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        nonce = "un-autre-nonce-que-celui-demande" if self.wrong == "nonce" else query["nonce"]
        acr = "eidas0" if self.wrong == "acr" else "eidas1"
        token = secrets.token_urlsafe(16)
        self.tokens.append(token)
        return 200, {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": 60,
            "id_token": self.sign({"sub": self.person["sub"], "nonce": nonce, "acr": acr}),
        }

    def userinfo(self) -> tuple[str, str]:
        if self.wrong == "plain":
            return json.dumps(self.person), "application/json"
        claims = dict(self.person)
        if self.wrong == "sub":
            claims["sub"] = "quelqu-un-d-autre"
        return self.sign(claims, userinfo=True), "application/jwt"

    def sign(self, claims: dict[str, Any], *, userinfo: bool = False) -> str:
        """A token; the lie touches the userinfo when it is named `userinfo-…`, the id_token otherwise."""
        lie = self.wrong.removeprefix("userinfo-") if self.wrong.startswith("userinfo-") == userinfo else ""
        now = int(time.time())
        body = {
            "iss": "https://ailleurs.example" if lie == "iss" else self.issuer,
            "aud": "un-autre-client" if lie == "aud" else CLIENT,
            "iat": now,
            "exp": now - 3600 if lie == "old" else now + 60,
            **claims,
        }
        if lie == "none":
            return jwt.encode(body, "", "none", headers={"kid": "k1"})
        if lie == "hmac":
            return jwt.encode(body, "une-cle-partagee-assez-longue-pour-hs256", "HS256", headers={"kid": "k1"})
        if lie == "kid":
            return jwt.encode(body, self.key, "ES256", headers={"kid": "inconnue"})
        return jwt.encode(body, self.other_key if lie == "signature" else self.key, "ES256", headers={"kid": "k1"})

    @property
    def configuration(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/jwks",
            "end_session_endpoint": f"{self.issuer}/session/end",
        }

    @property
    def jwks(self) -> dict[str, Any]:
        public = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [{**public, "kid": "k1", "alg": "ES256", "use": "sig"}]}


class _Handler(BaseHTTPRequestHandler):
    fake: ClassVar[FakeFranceConnect]

    def log_message(self, *_args: Any) -> None:
        """Nothing of it is written."""

    def answer(self, code: int, body: str = "", kind: str = "application/json", location: str = "") -> None:
        self.send_response(code)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query))
        if self.fake.wrong == "down":
            return self.answer(503)
        if parts.path.endswith("/openid-configuration"):
            return self.answer(200, json.dumps(self.fake.configuration))
        if parts.path.endswith("/jwks"):
            return self.answer(200, json.dumps(self.fake.jwks))
        if parts.path.endswith("/authorize"):
            code, location = self.fake.authorize(query)
            return self.answer(code, location=location)
        if parts.path.endswith("/userinfo"):
            if self.headers.get("Authorization", "") not in {f"Bearer {token}" for token in self.fake.tokens}:
                return self.answer(401)
            body, kind = self.fake.userinfo()
            return self.answer(200, body, kind)
        if parts.path.endswith("/session/end"):
            self.fake.ended.append(query)
            back = f"{query['post_logout_redirect_uri']}?{urlencode({'state': query['state']})}"
            return self.answer(302, location=back)
        return self.answer(404)

    def do_POST(self) -> None:
        form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        code, data = self.fake.token(form)
        self.answer(code, json.dumps(data))


@contextmanager
def running() -> Iterator[FakeFranceConnect]:
    """The server, on a free port, until the end of the block."""
    fake = FakeFranceConnect()
    with serving(type("Handler", (_Handler,), {"fake": fake})) as fake.url:
        yield fake

"""Public pages kept whole for visitors: rendered once, served without session nor database.

A page is kept for a minute at most, never over midnight in Paris, and only while nothing public changes
(portal.web.public_content). Somebody signed in neither reads nor writes here: any cookie but the two that pages may
depend on sends the request around, or is hidden from the page that is being made for everybody.
"""

import hashlib
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.conf import settings
from django.core.cache import caches
from django.core.exceptions import DisallowedHost, TooManyFieldsSent
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase, HttpResponseNotModified
from django.middleware.csrf import CSRF_TOKEN_LENGTH, CsrfViewMiddleware, _unmask_cipher_token, get_token
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags
from django.utils.translation import get_language_from_request

from portal.domain.kernel.clock import paris_date, start_of_day
from portal.web.middleware import closing
from portal.web.public_content import ALIAS, end_of_truth, generation, public_parameters

#: Seconds: from when one visitor renders the page again while the others get the kept one, and the most it serves.
FRESH = 45
KEPT = 60
#: Seconds that the one who renders has to do so.
RENDERING = 10
MAX_BYTES = 512 * 1024
MAX_PATH = 300

#: Where nothing is for everybody, whatever the answer says.
CLOSED_PREFIXES = ("/gestion/", "/compte/", "/famille/", "/sante/", "/_util/", "/demo/", "/static/", "/media/")
#: Parameters of mailings and networks: they choose nothing, and pages do not see them.
_IGNORED = re.compile(r"(?:utm|mtm|pk|at|hsa)_[a-z_]{1,30}|fbclid|gclid|msclkid|xtor")
#: What a kept page may vary on; a page that varies on anything else is not kept.
_KNOWN_VARY = frozenset({"cookie", "accept-language", "hx-request", "accept-encoding"})
_FORBIDDEN = ("private", "no-store", "no-cache")
_TOKEN = re.compile(rb"(?<![A-Za-z0-9])[A-Za-z0-9]{%d}(?![A-Za-z0-9])" % CSRF_TOKEN_LENGTH)
_BY_US = frozenset({"content-length", "etag", "set-cookie", "date", "expires", "last-modified"})


@dataclass(frozen=True, slots=True)
class Kept:
    """One page. `mark` stands in `body` for the visitor's own token; instants in seconds since 1970."""

    generation: str
    fresh_until: float
    until: float
    headers: tuple[tuple[str, str], ...]
    body: bytes
    mark: bytes
    digest: str = field(default="")


#: A release that keeps something else does not read what the one before kept.
_SHAPE = hashlib.sha256(".".join(Kept.__slots__).encode()).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks for: the key of the page, and its query without what chooses nothing."""

    key: str
    query: str


def asked_by_anybody(request: HttpRequest) -> Asked | None:
    """The page that this request asks for, or None when the answer may depend on who asks."""
    meta = request.META
    if (
        request.method not in ("GET", "HEAD")
        or settings.SESSION_COOKIE_NAME in request.COOKIES
        or "messages" in request.COOKIES
        or "HTTP_HX_REQUEST" in meta
        or "HTTP_AUTHORIZATION" in meta
        or "HTTP_RANGE" in meta
        or getattr(request, "is_dummy", False)  # a preview of Wagtail: it goes through here with the page's address
        or len(request.path) > MAX_PATH
        or request.path.startswith(CLOSED_PREFIXES)
    ):
        return None
    query = _chosen(meta.get("QUERY_STRING", ""))
    if query is None:
        return None
    try:
        host = request.get_host()
    except DisallowedHost:
        return None
    parts = (str(request.scheme), host, request.path, query, get_language_from_request(request))
    return Asked(key=f"page.{_SHAPE}." + hashlib.sha256("\n".join(parts).encode()).hexdigest(), query=query)


def _chosen(raw: str) -> str | None:
    """The query with the parameters that choose a page, in order; None when one of them is unknown."""
    if not raw:
        return ""
    try:
        pairs = parse_qsl(raw, keep_blank_values=True, strict_parsing=True, max_num_fields=20, errors="strict")
    except (ValueError, TooManyFieldsSent):
        return None
    known = public_parameters()
    chosen: dict[str, str] = {}
    for name, value in pairs:
        if name in known:
            if name in chosen or not known[name].fullmatch(value):
                return None
            chosen[name] = value
        elif not _IGNORED.fullmatch(name):
            return None
    return urlencode(sorted(chosen.items()))


class PageCacheMiddleware:
    """Serves kept pages, and keeps those that are for everybody.

    When a page gets old, one visitor makes it again while the others are given the old one, never beyond its minute.
    After a change nobody is given what was before it: each renders until the first one is done. Without a cache
    server, every page is rendered. `settings.PAGE_CACHE` false turns it off.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.csrf = CsrfViewMiddleware(lambda request: HttpResponse())

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The page, kept or made."""
        asked = asked_by_anybody(request) if settings.PAGE_CACHE else None
        if asked is None:
            return self.get_response(request)
        mark = generation(request)
        if mark is None or closing(request):
            return self.get_response(request)
        now = time.time()
        entry: Kept | None = caches[ALIAS].get(asked.key)
        if entry is None or entry.generation != mark or now >= entry.until:
            return self._make(request, asked, mark)
        if now >= entry.fresh_until and caches[ALIAS].add(f"{asked.key}.rendering", 1, RENDERING):
            return self._make(request, asked, mark)
        self.csrf.process_request(request)
        return self._answer(request, entry, "hit")

    def _make(self, request: HttpRequest, asked: Asked, mark: str) -> HttpResponseBase:
        """Render the page as nobody in particular, and keep it when it may be."""
        at = timezone.now()
        query, cookies = request.META.get("QUERY_STRING", ""), request.COOKIES
        seen = (settings.CSRF_COOKIE_NAME, settings.LANGUAGE_COOKIE_NAME)
        request.META["QUERY_STRING"] = asked.query
        request.COOKIES = {name: value for name, value in cookies.items() if name in seen}
        request.__dict__.pop("GET", None)
        response = self.get_response(request)
        request.META["QUERY_STRING"], request.COOKIES = query, cookies
        request.__dict__.pop("GET", None)
        entry = keepable(request, response, mark=mark, at=at)
        if entry is None:
            return response
        if request.method == "GET":
            left = entry.until - time.time()
            if left > 1 and generation() == mark:
                caches[ALIAS].set(asked.key, entry, int(left))
        return self._answer(request, entry, "miss")

    def _answer(self, request: HttpRequest, entry: Kept, how: str) -> HttpResponseBase:
        """A kept page for this visitor: their own token with its cookie, or 304 when they have this very page."""
        had_secret = "CSRF_COOKIE" in request.META
        token = get_token(request) if entry.mark else ""
        owner = str(request.META.get("CSRF_COOKIE", "")) if entry.mark else ""
        etag = f'W/"{hashlib.sha256(f"{entry.digest}.{owner}".encode()).hexdigest()[:32]}"'
        given = parse_etags(request.META.get("HTTP_IF_NONE_MATCH", ""))
        response: HttpResponse
        if (had_secret or not entry.mark) and given and (etag in given or given == ["*"]):
            response = HttpResponseNotModified()
        else:
            body = entry.body.replace(entry.mark, token.encode()) if entry.mark else entry.body
            response = HttpResponse(body)
            response["Content-Length"] = str(len(body))
        for name, value in entry.headers:
            if response.status_code == 200 or name.lower() != "content-type":
                response[name] = value
        response["ETag"] = etag
        # A page that holds a token is one visitor's copy: their browser may keep it, a proxy may not.
        if not response.has_header("Cache-Control"):
            kind = "private" if entry.mark else "public"
            response["Cache-Control"] = f"{kind}, max-age=0, must-revalidate"
        patch_vary_headers(response, ("Cookie", "Accept-Language", "HX-Request"))
        response["X-Page-Cache"] = how
        if entry.mark:
            self.csrf.process_response(request, response)
        return response


def keepable(request: HttpRequest, response: HttpResponseBase, *, mark: str, at: datetime) -> Kept | None:
    """The page as it can be kept, or None when it is not for everybody. `at` is when its making began."""
    if not isinstance(response, HttpResponse) or response.status_code != 200 or len(response.content) > MAX_BYTES:
        return None
    if set(response.cookies) - {settings.CSRF_COOKIE_NAME}:
        return None
    if getattr(request, "is_preview", False) or getattr(request, "_csp_nonce", None):
        return None
    user: Any = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        return None
    control = response.get("Cache-Control", "").lower()
    vary = {name.strip().lower() for name in response.get("Vary", "").split(",") if name.strip()}
    if any(word in control for word in _FORBIDDEN) or vary - _KNOWN_VARY:
        return None
    body, placeholder = _without_token(request, response.content)
    if body is None:
        return None
    midnight = start_of_day(paris_date(at) + timedelta(days=1)).timestamp()
    ends = end_of_truth(request)
    until = min(at.timestamp() + KEPT, midnight, ends.timestamp() if ends else midnight)
    return Kept(
        generation=mark,
        fresh_until=min(at.timestamp() + FRESH, until),
        until=until,
        headers=tuple((name, value) for name, value in response.items() if name.lower() not in _BY_US),
        body=body,
        mark=placeholder,
        digest=hashlib.sha256(body.replace(placeholder, b"") if placeholder else body).hexdigest(),
    )


def _without_token(request: HttpRequest, body: bytes) -> tuple[bytes | None, bytes]:
    """The body with a mark in place of every token of this visitor; None when their secret stands in it."""
    secret = str(request.META.get("CSRF_COOKIE", ""))
    if not secret:
        return body, b""
    if secret.encode() in body:
        return None, b""
    placeholder = f"csrf-{secrets.token_hex(16)}".encode()
    found = False

    def mask(hit: re.Match[bytes]) -> bytes:
        nonlocal found
        if _unmask_cipher_token(hit[0].decode()) != secret:
            return hit[0]
        found = True
        return placeholder

    return _TOKEN.sub(mask, body), placeholder if found else b""

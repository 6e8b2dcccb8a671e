"""/theme.css: the commune's colour and its scale, cached for a year under a fingerprint."""

import hashlib
from functools import lru_cache

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_safe

from portal.web.design.colour import NotAColour, palette
from portal.web.identity import DEFAULT_BRAND, current_identity

YEAR = 365 * 24 * 3600


@lru_cache(maxsize=64)
def stylesheet(brand: str) -> str:
    """The style sheet of a brand colour; a value that is not a colour gives the portal's own.

    Same layer and same names as tokens.css, loaded after it: the hex values stand for every browser.
    """
    try:
        scale = palette(brand)
    except NotAColour:
        scale = palette(DEFAULT_BRAND)
    return (
        "@layer tokens{:root{"
        f"--brand:{scale.brand};--brand-ink:{scale.ink};--brand-deep:{scale.deep};--brand-line:{scale.line};"
        f"--brand-soft:{scale.soft};--brand-wash:{scale.wash};--brand-glow:{scale.glow}"
        "}@media (prefers-contrast:more){:root{--brand-line:var(--brand-ink)}}}\n"
    )


@lru_cache(maxsize=64)
def fingerprint(brand: str) -> str:
    """Twelve hexadecimal digits that change with the style sheet."""
    return hashlib.sha256(stylesheet(brand).encode()).hexdigest()[:12]


def stylesheet_url(brand: str) -> str:
    """The address of the style sheet with its fingerprint; empty when the site does not serve it."""
    try:
        address = reverse("design:theme")
    except NoReverseMatch:
        return ""
    return f"{address}?v={fingerprint(brand)}"


@login_not_required
@require_safe
def theme(request: HttpRequest) -> HttpResponse:
    """The style sheet of the commune. Under its own fingerprint it never changes; otherwise kept five minutes."""
    brand = current_identity(request).brand
    response = HttpResponse(stylesheet(brand), content_type="text/css; charset=utf-8")
    if request.GET.get("v") == fingerprint(brand):
        response["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    else:
        response["Cache-Control"] = "public, max-age=300"
    response["ETag"] = f'"{fingerprint(brand)}"'
    return response

"""The facts that every page shows, read only when the template asks for them."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from portal.web.identity import FamilyHeader, current_family_header, current_identity
from portal.web.menu import menu_links
from portal.web.notices import page_notices


def site_context(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `site_identity`, `family_header`, `menu_public`, `menu_private`, `page_notices`.

    All are lazy: a fragment that shows none of them costs no query. Each is read once per request.
    """
    header: Any = SimpleLazyObject(lambda: current_family_header(request))

    def known_header() -> FamilyHeader | None:
        return header if header else None

    return {
        "site_identity": SimpleLazyObject(lambda: current_identity(request)),
        "family_header": header,
        "menu_public": SimpleLazyObject(lambda: menu_links("public", request, known_header())),
        "page_notices": SimpleLazyObject(lambda: page_notices(request)),
        "menu_private": SimpleLazyObject(lambda: menu_links("private", request, known_header())),
    }

"""What the portal adds to a page because of its role. Reads only; the wording is in `templates/cms_pages/roles/`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest
from wagtail.models import Page, Site

from cms_pages.audiences import open_to_everybody
from cms_pages.cookies import cookies
from cms_pages.enums import PageRole
from portal.domain.accounts.models import TermsVersion
from portal.domain.activities.models import Service, Structure


@dataclass(frozen=True, slots=True)
class Asked:
    """For what a role is read: the page, the request, the instant."""

    page: Page
    request: HttpRequest
    at: datetime


def role_context(role: str, *, page: Page, request: HttpRequest, at: datetime) -> dict[str, Any]:
    """The values that the template of this role shows; none for a page without role."""
    reader = _READERS.get(role)
    return reader(Asked(page, request, at)) if reader else {}


def _terms(asked: Asked) -> dict[str, Any]:
    """The text in force, or with `?version=` a former one: whoever accepted a text can read it again.

    Raises Http404 for a version that was never in force.
    """
    published = list(TermsVersion.objects.filter(published_at__lte=asked.at).defer("body").order_by("-number"))
    latest = published[0] if published else None
    wanted = asked.request.GET.get("version", "")
    shown = latest
    if wanted:
        shown = next((version for version in published if str(version.number) == wanted), None)
        if shown is None:
            raise Http404
    return {"terms": shown, "terms_in_force": latest, "former_terms": [one for one in published if one != latest]}


def _information(asked: Asked) -> dict[str, Any]:
    """The pages below; services and places too, as long as no page of their own shows them."""
    below = list(asked.page.get_children().live().public().order_by("path").specific())
    kinds = {type(page).__name__ for page in below}
    return {
        "below": below,
        "services": [] if "ContactPage" in kinds else Service.objects.order_by("name"),
        "structures": [] if "StructureIndexPage" in kinds else Structure.objects.order_by("name"),
    }


def _sitemap(asked: Asked) -> dict[str, Any]:
    """Every public page that is on line, as a tree: each entry is (page, depth from home)."""
    site = Site.objects.select_related("root_page").filter(is_default_site=True).first()
    if site is None:
        return {"pages": []}
    pages = Page.objects.descendant_of(site.root_page, inclusive=True).live().public()
    return {"pages": _nested(list(open_to_everybody(pages).order_by("path").specific(defer=True)))}


def _cookies(asked: Asked) -> dict[str, Any]:
    return {"cookies": cookies()}


def _nested(pages: list[Page]) -> list[dict[str, Any]]:
    """From pages in tree order to nested entries, so that the list on the page is one of lists."""
    roots: list[dict[str, Any]] = []
    open_entries: list[dict[str, Any]] = []
    for page in pages:
        entry: dict[str, Any] = {"page": page, "children": []}
        while open_entries and open_entries[-1]["page"].depth >= page.depth:
            open_entries.pop()
        (open_entries[-1]["children"] if open_entries else roots).append(entry)
        open_entries.append(entry)
    return roots


_READERS: dict[str, Callable[[Asked], dict[str, Any]]] = {
    PageRole.TERMS: _terms,
    PageRole.INFORMATION: _information,
    PageRole.SITEMAP: _sitemap,
    PageRole.COOKIES: _cookies,
}

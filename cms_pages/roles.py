"""What the portal adds to a page because of its role. Reads only; the wording is in `templates/cms_pages/roles/`."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from wagtail.models import Page, Site

from cms_pages.enums import PageRole
from portal.domain.accounts.models import TermsVersion
from portal.domain.activities.models import Service, Structure


def role_context(role: str, *, at: datetime) -> dict[str, Any]:
    """The values that the template of this role shows; none for a page without role."""
    reader = _READERS.get(role)
    return reader(at) if reader else {}


def _terms(at: datetime) -> dict[str, Any]:
    """The text in force: the last version published."""
    return {"terms": TermsVersion.objects.filter(published_at__lte=at).order_by("-number").first()}


def _information(at: datetime) -> dict[str, Any]:
    return {
        "services": Service.objects.order_by("name"),
        "structures": Structure.objects.order_by("name"),
    }


def _sitemap(at: datetime) -> dict[str, Any]:
    """Every public page that is on line, as a tree: each entry is (page, depth from home)."""
    site = Site.objects.select_related("root_page").filter(is_default_site=True).first()
    if site is None:
        return {"pages": []}
    pages = (
        Page.objects.descendant_of(site.root_page, inclusive=True)
        .live()
        .public()
        .order_by("path")
        .specific(defer=True)
    )
    return {"pages": _nested(list(pages))}


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


_READERS: dict[str, Callable[[datetime], dict[str, Any]]] = {
    PageRole.TERMS: _terms,
    PageRole.INFORMATION: _information,
    PageRole.SITEMAP: _sitemap,
}

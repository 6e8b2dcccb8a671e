"""What search engines and networks read: canonical addresses, structured data, the map of the site, robots.txt."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils.html import strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe
from wagtail.contrib.sitemaps.views import sitemap as wagtail_sitemap
from wagtail.models import Page

from cms_pages.hours import schema_hours
from cms_pages.models import FaqPage, HomePage, StructurePage
from portal.domain.activities.models import Structure
from portal.web.identity import SiteIdentity, current_identity

#: Closed doors and tools: nothing there for a search engine.
DISALLOWED = ("/gestion/", "/famille/", "/compte/", "/recherche/", "/demo/", "/sante/", "/_util/")

SCHEMA = "https://schema.org"
#: Inside a block of data no sign may close it or open another tag.
_ESCAPED = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026", 0x2028: "\\u2028", 0x2029: "\\u2029"}

_TYPES = {
    "nursery": "ChildCare",
    "relay": "GovernmentOffice",
    "school": "School",
    "canteen": "FoodEstablishment",
    "after_school": "ChildCare",
    "leisure": "ChildCare",
    "youth": "CivicStructure",
}


def may_be_indexed() -> bool:
    """Whether this site is the town's own: a demo or a rehearsal is hidden from search engines."""
    return bool(settings.INDEXABLE and not settings.DEMO)


@login_not_required
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What robots may read: all public pages, or nothing where the site is not the real one."""
    lines = ["User-agent: *"]
    if may_be_indexed():
        lines += [f"Disallow: {address}" for address in DISALLOWED]
        lines += ["", f"Sitemap: {settings.PORTAL_BASE_URL}/sitemap.xml"]
    else:
        lines.append("Disallow: /")
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@login_not_required
@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """Every public page on line, with the date of its last publication."""
    response: HttpResponse = wagtail_sitemap(request)
    return response


def canonical_address(page: Page, request: HttpRequest | None) -> str:
    """The whole address of the page. The second page of a list is a page; filters are not."""
    address = page.get_full_url(request) or ""
    number = request.GET.get("page", "") if request is not None else ""
    return (
        f"{address}?page={number}" if number.isascii() and number.isdigit() and number not in {"0", "1"} else address
    )


def sharing_image(page: Page) -> Any:
    """A rendition that networks accept, or None."""
    for name in ("image", "photo"):
        image = getattr(page, name, None)
        if image is not None:
            return image.get_rendition("fill-1200x630|format-jpeg")
    return None


def as_script(data: list[dict[str, Any]]) -> SafeString:
    """A block of JSON-LD. The browser does not run it, so that the strict policy has nothing to refuse."""
    if not data:
        return SafeString("")
    content = json.dumps({"@context": SCHEMA, "@graph": data}, ensure_ascii=False).translate(_ESCAPED)
    return mark_safe(f'<script type="application/ld+json">{content}</script>')  # noqa: S308  # escaped above


def page_data(page: Page, *, trail: Sequence[Page], context: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What a page says of itself: its place in the site, then the place, the questions or the town that it shows."""
    data: list[dict[str, Any]] = []
    if trail:
        steps = [*trail, page]
        data.append(
            {
                "@type": "BreadcrumbList",
                "itemListElement": [
                    {"@type": "ListItem", "position": rank, "name": step.title, "item": step.full_url}
                    for rank, step in enumerate(steps, 1)
                ],
            }
        )
    if isinstance(page, HomePage):
        data += _town(page, current_identity(context.get("request")))
    elif isinstance(page, StructurePage) and page.structure is not None:
        data.append(_place(page, page.structure))
    elif isinstance(page, FaqPage) and context.get("groups"):
        data.append(
            {
                "@type": "FAQPage",
                "mainEntity": [
                    {
                        "@type": "Question",
                        "name": one.question,
                        "acceptedAnswer": {"@type": "Answer", "text": one.plain_answer},
                    }
                    for group in context["groups"]
                    for one in group.questions
                ],
            }
        )
    return data


def _town(page: HomePage, town: SiteIdentity) -> list[dict[str, Any]]:
    office = _known(
        {
            "@type": "GovernmentOffice",
            "name": town.town_hall_title,
            "telephone": town.phone,
            "email": town.email,
            "address": ", ".join(town.address),
            "url": page.full_url,
        }
    )
    return [{"@type": "WebSite", "name": town.title, "url": page.full_url, "inLanguage": "fr"}, office]


def _place(page: StructurePage, structure: Structure) -> dict[str, Any]:
    place: dict[str, Any] = {
        "@type": _TYPES.get(page.kind, "CivicStructure"),
        "name": page.title,
        "url": page.full_url,
        "description": strip_tags(page.lead),
        "telephone": structure.phone,
        "email": structure.email,
        "openingHours": schema_hours(page.timetables()),
        "address": _known(
            {
                "@type": "PostalAddress",
                "streetAddress": structure.street,
                "postalCode": structure.postcode,
                "addressLocality": structure.town,
                "addressCountry": "FR",
            }
        ),
    }
    if structure.latitude is not None and structure.longitude is not None:
        place["geo"] = {
            "@type": "GeoCoordinates",
            "latitude": float(structure.latitude),
            "longitude": float(structure.longitude),
        }
    return _known(place)


def _known(values: dict[str, Any]) -> dict[str, Any]:
    """Only what is filled in."""
    return {name: value for name, value in values.items() if value}

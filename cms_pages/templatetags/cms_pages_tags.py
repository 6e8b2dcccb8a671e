"""What the templates of public pages ask for."""

from collections.abc import Iterable, Sequence
from typing import Any, cast

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from wagtail.models import Page

from cms_pages.deadlines import PublicDeadline, next_deadlines
from cms_pages.models import StructurePage
from cms_pages.places import PlanLinks, links_to
from cms_pages.queries import Allowed, Coming, allowed_in_space, coming_up, structure_pages
from cms_pages.seo import as_script, canonical_address, may_be_indexed, page_data, sharing_image
from cms_pages.site_facts import page_address as address_of
from cms_pages.site_facts import site_facts
from portal.domain.accounts.models import User
from portal.domain.activities.models import Structure
from portal.domain.kernel.clock import paris_date
from portal.web.identity import SiteIdentity
from portal.web.public_content import kept

register = template.Library()


@register.simple_tag(takes_context=True)
def public_deadlines(context: template.Context, limit: int = 3) -> list[PublicDeadline]:
    """`{% public_deadlines 3 as deadlines %}`: the next closings, for everybody, read once a minute."""
    now = timezone.now()
    return kept(
        f"cms_pages.deadlines.{limit}",
        lambda: next_deadlines(at=now, limit=limit),
        context.get("request"),
        during=f"{now:%Y%m%d%H%M}",
    )


@register.simple_tag(takes_context=True)
def page_address(context: template.Context, key: str) -> str:
    """`{% page_address "terms" as terms_url %}`: where the page of that role is; "" when it is not on line."""
    return address_of(key, context.get("request"))


@register.simple_tag
def phone_link(number: str) -> SafeString:
    """`{% phone_link service.phone %}`: a number that a phone can call."""
    return format_html('<a href="{}">{}</a>', SiteIdentity(phone=number).phone_href, number)


@register.simple_tag
def structures(kinds: Iterable[str] = ()) -> list[StructurePage]:
    """`{% structures page.structure_kinds as places %}`: the places on line, of these kinds or all."""
    return structure_pages(kinds=kinds or ())


@register.simple_tag
def coming() -> Coming:
    """`{% coming as soon %}`: the next school holidays and the next dates of enrolment."""
    return coming_up(at=timezone.now())


@register.simple_tag(takes_context=True)
def space_allows(context: template.Context) -> list[Allowed]:
    """`{% space_allows as things %}`: what a signed-in family does here."""
    return allowed_in_space(context.get("request"))


@register.simple_tag
def plan_links(structure: Structure) -> PlanLinks:
    """`{% plan_links place.structure as plan %}`: the addresses of the place in the visitor's own applications."""
    return links_to(structure)


@register.simple_tag(takes_context=True)
def structured_data(context: template.Context, page: Page, trail: Sequence[Page] = ()) -> SafeString:
    """The JSON-LD of a page: where it stands, what it describes. A block of data, not a script: it is allowed."""
    return as_script(page_data(page, trail=trail, context=cast(dict[str, Any], context.flatten())))


@register.simple_tag(takes_context=True)
def canonical(context: template.Context, page: Page) -> str:
    """The one address of a page, with the number of the page of a list and nothing else of the query.

    A page that shows several things at several addresses says which one it is in its context (`canonical`).
    """
    return str(context.get("canonical") or canonical_address(page, context.get("request")))


@register.simple_tag
def share_image(page: Page) -> Any:
    """The image that a network shows beside the link, 1200 points wide, or None."""
    return sharing_image(page)


@register.simple_tag(takes_context=True)
def edit_address(context: template.Context) -> str:
    """`{% edit_address as address %}`: where a signed-in editor changes this page; "" for others and elsewhere."""
    request, page = context.get("request"), context.get("page")
    user = getattr(request, "user", None)
    if not isinstance(page, Page) or page.pk is None or getattr(request, "is_preview", False):
        return ""
    if not isinstance(user, User) or not user.has_perm("wagtailadmin.access_admin"):
        return ""
    if not page.permissions_for_user(user).can_edit():
        return ""
    return reverse("wagtailadmin_pages:edit", args=[page.pk])


@register.simple_tag
def indexable() -> bool:
    """Whether search engines may keep this site."""
    return may_be_indexed()


@register.simple_tag(takes_context=True)
def accessibility_declaration(context: template.Context) -> dict[str, Any]:
    """`{% accessibility_declaration as declared %}`: the answers of the declaration, its lists line by line."""
    declaration = site_facts(context.get("request")).declaration
    last = declaration.ends_on()
    return {
        "audited_on": declaration.audited_on,
        "expired": last is not None and last < paris_date(timezone.now()),
        "ends_on": last,
        **{
            name: getattr(declaration, name)
            for name in ("rate", "auditor", "rgaa", "established_on", "contact_email", "contact_phone")
        },
        **{
            name: declaration.lines(name)
            for name in ("non_conform", "derogations", "exempted", "technologies", "tested_with", "tested_pages")
        },
    }

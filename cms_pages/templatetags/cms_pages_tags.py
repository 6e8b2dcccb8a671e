"""What the templates of public pages ask for."""

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from cms_pages.deadlines import PublicDeadline, next_deadlines
from cms_pages.site_facts import page_address as address_of
from portal.web.identity import SiteIdentity

register = template.Library()


@register.simple_tag
def public_deadlines(limit: int = 3) -> list[PublicDeadline]:
    """`{% public_deadlines 3 as deadlines %}`: the next closings, for everybody."""
    return next_deadlines(at=timezone.now(), limit=limit)


@register.simple_tag(takes_context=True)
def page_address(context: template.Context, key: str) -> str:
    """`{% page_address "terms" as terms_url %}`: where the page of that role is; "" when it is not on line."""
    return address_of(key, context.get("request"))


@register.simple_tag
def phone_link(number: str) -> SafeString:
    """`{% phone_link service.phone %}`: a number that a phone can call."""
    return format_html('<a href="{}">{}</a>', SiteIdentity(phone=number).phone_href, number)

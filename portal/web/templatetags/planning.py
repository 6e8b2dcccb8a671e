"""What templates say of a draft, and its banner on the pages of the family."""

from datetime import datetime

from django import template
from django.conf import settings

from portal.domain.bookings.planning import Draft
from portal.domain.kernel import french
from portal.web.planning import words

register = template.Library()


@register.filter
def describe_changes(draft: Draft) -> str:
    """`{{ draft|describe_changes }}`: « 3 ajouts, 1 annulation »."""
    return words.describe_changes(draft)


@register.filter
def changes(count: int) -> str:
    """`{{ draft.count|changes }}`: « 4 changements »."""
    return words.changes(count)


@register.filter
def left(until: datetime, now: datetime) -> str:
    """`{{ draft.expires_at|left:now }}`: « 18 min »."""
    return french.remaining(until - now)


@register.filter
def lower_first(text: str) -> str:
    """`{{ label|lower_first }}`: a name in the middle of a sentence; acronyms keep their capitals."""
    return words.lower_first(text)


@register.simple_tag
def draft_minutes() -> int:
    """`{% draft_minutes as minutes %}`: how long a draft is kept after its last change."""
    return int(settings.DRAFT_MINUTES)

"""What templates say of a draft, and its banner on the pages of the family."""

from datetime import datetime
from typing import Any

from django import template
from django.conf import settings

from portal.domain import language
from portal.domain.bookings.planning import Draft
from portal.domain.bookings.queries import load_draft
from portal.domain.kernel.clock import to_paris
from portal.web import clock
from portal.web.family import resolve_family
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
def signed_count(count: int) -> str:
    """`{{ row.count|signed_count }}`: « +138 », « −2 »."""
    return f"{'−' if count < 0 else '+'}{language.words().integer(abs(count))}"


@register.filter
def left(until: datetime, now: datetime) -> str:
    """`{{ draft.expires_at|left:now }}`: « 18 min »."""
    return language.words().remaining(until - now)


@register.filter
def lower_first(text: str) -> str:
    """`{{ label|lower_first }}`: a name in the middle of a sentence; acronyms keep their capitals."""
    return words.lower_first(text)


@register.inclusion_tag("components/countdown.html", takes_context=True)
def countdown(
    context: template.Context, moment: datetime, capital: bool = False, bare: bool = False
) -> dict[str, Any]:
    """`{% countdown deadline.closes_at %}`: « dans 2 jours, jeudi 10 septembre à 23 h 59 », right without script.

    `moment` is the last minute allowed. It moves with deadline.js, unless the page shows another instant than now.
    """
    request = context.get("request")
    now = clock.now(request)
    acting = getattr(request, "acting", None)
    return {
        "moment": to_paris(moment),
        "ahead": language.words().ahead(moment, now=now),
        "capital": capital,
        "bare": bare,
        "live": acting is None or acting.viewed_at is None,
    }


@register.simple_tag
def draft_minutes() -> int:
    """`{% draft_minutes as minutes %}`: how long a draft is kept after its last change."""
    return int(settings.DRAFT_MINUTES)


@register.inclusion_tag("planning/_draft_notice.html")
def draft_notice(draft: Draft) -> dict[str, Any]:
    """`{% draft_notice draft %}`: « Un brouillon attend », where it is and until when; nothing for an empty one."""
    return {"draft": draft, "apart": False}


@register.inclusion_tag("planning/_draft_notice.html", takes_context=True)
def draft_banner(context: template.Context) -> dict[str, Any]:
    """`{% draft_banner %}`: the same on top of the other pages of a family, which know nothing of the draft.

    One query when there is no draft; none for a visitor, an agent or an account without family.
    """
    request = context.get("request")
    user = getattr(request, "user", None)
    family = resolve_family(request) if user is not None and user.is_authenticated else None
    draft = load_draft(family=family, at=clock.now(request)) if family is not None else Draft()
    return {"draft": draft, "apart": True}

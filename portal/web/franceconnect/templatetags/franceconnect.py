"""The button, for the sign-in page: nothing when the town has no FranceConnect."""

from typing import Any

from django import template
from django.conf import settings

from portal.web.franceconnect.adapter import is_configured

register = template.Library()


@register.inclusion_tag("franceconnect/_button.html")
def franceconnect_button(wanted: str = "") -> dict[str, Any]:
    """`{% franceconnect_button redirect_field_value %}`: the way in; `wanted` is the page asked."""
    return {"shown": is_configured(), "wanted": wanted or "", "picture": settings.FRANCECONNECT_BUTTON}

"""The switch between languages, and the mark of what stays French."""

from dataclasses import dataclass
from typing import Any

from django import template
from django.conf import settings
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from portal.web.templatetags.ui import url_if_any

register = template.Library()


@dataclass(frozen=True, slots=True)
class LanguageLink:
    """A language of the screens, named in itself."""

    code: str
    name: str
    current: bool


@register.inclusion_tag("layout/_language.html", takes_context=True)
def language_switch(context: template.Context) -> dict[str, Any]:
    """`{% language_switch %}`: a button for each other language, which shows the same page again; nothing alone."""
    request = context.get("request")
    spoken = get_language()
    address = url_if_any("language:choose")
    links = [LanguageLink(code, name, current=code == spoken) for code, name in settings.LANGUAGES]
    return {
        "languages": links if address and request is not None else [],
        "address": address,
        "here": request.get_full_path() if request is not None else "/",
    }


@register.simple_tag
def french_content() -> SafeString:
    """`<div{% french_content %}>`: marks words of the town, in French, on a page read in another language."""
    return SafeString("") if get_language() == settings.LANGUAGE_CODE else SafeString(' lang="fr"')


@register.filter
def french_words(text: str) -> SafeString:
    """`{{ line.rate_label|french_words }}`: the town's words inside ours, marked when ours are not French."""
    if get_language() == settings.LANGUAGE_CODE:
        return conditional_escape(text)
    return format_html('<span lang="fr">{}</span>', text)

"""Drawing a rubric of the dossier with the context that its area gave."""

from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from portal.web.dossier.sections import Rubric

register = template.Library()


@register.simple_tag(takes_context=True)
def rubric_inside(context: template.Context, rubric: Rubric) -> SafeString:
    """The inside of a card: its template sees its own context and the request, nothing of the page."""
    request: Any = context.get("request")
    return SafeString(render_to_string(rubric.template, dict(rubric.context), request=request))

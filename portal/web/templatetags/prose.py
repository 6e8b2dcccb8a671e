"""The light markup of the town's texts, in templates. The rules are in `portal.domain.kernel.prose`."""

from django import template
from django.utils.safestring import SafeString, mark_safe

from portal.domain.kernel import prose as markup

register = template.Library()


@register.filter
def prose(source: str | None) -> SafeString:
    """`{{ terms.body|prose }}`: titles, paragraphs, lists and links; HTML in the source is shown, not obeyed."""
    return mark_safe(markup.html(source or ""))  # noqa: S308  # every text is escaped by the markup

"""The latest news in any template."""

from django import template
from django.utils import timezone

from news import queries
from news.models import NewsPage
from portal.web.public_content import kept

register = template.Library()


@register.simple_tag(takes_context=True)
def latest_news(context: template.Context, limit: int = 3, category: str = "") -> list[NewsPage]:
    """`{% latest_news 3 category="cantine" as articles %}`: the items on line, latest first, of a rubric or all.

    Read once a minute: an item may end by itself.
    """
    return kept(
        f"news.latest.{limit}.{category}",
        lambda: queries.latest_news(limit, category=category),
        context.get("request"),
        during=f"{timezone.now():%Y%m%d%H%M}",
    )

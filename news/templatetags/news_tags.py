"""The latest news in any template."""

from django import template

from news import queries
from news.models import NewsPage

register = template.Library()


@register.simple_tag
def latest_news(limit: int = 3, category: str = "") -> list[NewsPage]:
    """`{% latest_news 3 category="cantine" as articles %}`: the items on line, latest first, of a rubric or all."""
    return queries.latest_news(limit, category=category)

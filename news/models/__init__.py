"""News items, the page that lists them, and who has read what."""

# In this order: pages lean on the modules that show them, which lean on the two small models.
from news.models.category import NewsCategory
from news.models.reading import NewsReading

from news.models.pages import NewsAttachment, NewsIndexPage, NewsPage, NewsQuerySet, today  # isort: skip

__all__ = ["NewsAttachment", "NewsCategory", "NewsIndexPage", "NewsPage", "NewsQuerySet", "NewsReading", "today"]

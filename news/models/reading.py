from django.conf import settings
from django.db import models


class NewsReading(models.Model):
    """That somebody opened an item, once."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="compte", on_delete=models.CASCADE, related_name="+"
    )  # goes with the account
    page = models.ForeignKey(
        "news.NewsPage", verbose_name="actualité", on_delete=models.CASCADE, related_name="+"
    )  # goes with the item
    read_at = models.DateTimeField("lue le")

    class Meta:
        verbose_name = "lecture d’une actualité"
        verbose_name_plural = "lectures d’actualités"
        constraints = [models.UniqueConstraint(fields=["user", "page"], name="news_read_once")]

    def __str__(self) -> str:
        return f"{self.user}, {self.page}"

from django.db import models
from wagtail.admin.panels import FieldPanel
from wagtail.snippets.models import register_snippet


@register_snippet
class NewsCategory(models.Model):
    """What a news item is about: cantine, périscolaire, vacances…"""

    slug = models.SlugField("code", unique=True)
    name = models.CharField("nom", max_length=40)
    order = models.PositiveSmallIntegerField("rang", default=0)

    panels = [FieldPanel("name"), FieldPanel("slug"), FieldPanel("order")]

    class Meta:
        verbose_name = "rubrique d’actualité"
        verbose_name_plural = "rubriques d’actualité"

    def __str__(self) -> str:
        return self.name

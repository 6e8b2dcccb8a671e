"""The Django application that carries the family's door."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Holds the template tags and views of the door; it owns no model."""

    name = "portal.web"
    label = "web"
    verbose_name = "Portail des familles"

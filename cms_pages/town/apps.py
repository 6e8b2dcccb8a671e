from django.apps import AppConfig


class TownConfig(AppConfig):
    name = "cms_pages.town"
    label = "town"
    verbose_name = "réglages du site"
    default_auto_field = "django.db.models.BigAutoField"

from django.apps import AppConfig


class ClosuresConfig(AppConfig):
    name = "portal.domain.closures"
    label = "closures"
    verbose_name = "fermetures déclarées"
    default_auto_field = "django.db.models.BigAutoField"

from django.apps import AppConfig


class BackofficeConfig(AppConfig):
    name = "portal.backoffice"
    label = "backoffice"
    verbose_name = "gestion"
    default_auto_field = "django.db.models.BigAutoField"

from django.apps import AppConfig


class TariffsConfig(AppConfig):
    name = "portal.domain.tariffs"
    label = "tariffs"
    verbose_name = "tarifs"
    default_auto_field = "django.db.models.BigAutoField"

from django.apps import AppConfig


class ProceduresConfig(AppConfig):
    name = "portal.domain.procedures"
    label = "procedures"
    verbose_name = "démarches"
    default_auto_field = "django.db.models.BigAutoField"

from django.apps import AppConfig


class ProceduresConfig(AppConfig):
    name = "portal.domain.procedures"
    label = "procedures"
    verbose_name = "démarches"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say what is personal here, and how it is forgotten."""
        from portal.domain.procedures import merging, privacy

        privacy.connect()
        merging.connect()

from django.apps import AppConfig


class ConsentsConfig(AppConfig):
    name = "portal.domain.consents"
    label = "consents"
    verbose_name = "autorisations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say what a dossier must hold of this, and what is personal in it."""
        from portal.domain.consents import merging, privacy, requirements

        requirements.connect()
        privacy.connect()
        merging.connect()

from django.apps import AppConfig


class CustodyConfig(AppConfig):
    name = "portal.domain.custody"
    label = "custody"
    verbose_name = "garde partagée"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say what is given back and what is forgotten, once models are there."""
        from portal.domain.custody import merging
        from portal.domain.custody.privacy import ERASURE, PART, RETENTION
        from portal.domain.privacy.registry import register

        register(PART, ERASURE, RETENTION)
        merging.connect()

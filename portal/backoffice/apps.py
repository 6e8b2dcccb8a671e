from django.apps import AppConfig


class BackofficeConfig(AppConfig):
    name = "portal.backoffice"
    label = "backoffice"
    verbose_name = "gestion"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let the parts of the dossier say what profiles and the sample town hold of them, once models are there."""
        from portal.backoffice import parts
        from portal.backoffice.desk import areas, settling
        from portal.domain.procedures.hooks import register_after_step

        parts.connect()
        areas.connect()
        register_after_step(settling.after_step)

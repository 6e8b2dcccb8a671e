from django.apps import AppConfig


class ClosuresConfig(AppConfig):
    name = "portal.domain.closures"
    label = "closures"
    verbose_name = "fermetures déclarées"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say what must be true of the days that closures cancelled."""
        from portal.domain.closures import checks

        checks.connect()

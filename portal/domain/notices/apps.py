from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "portal.domain.notices"
    label = "notices"
    verbose_name = "notifications"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say what is personal here, and how it is forgotten."""
        from portal.domain.notices import departures, merging, privacy

        privacy.connect()
        merging.connect()
        departures.connect()

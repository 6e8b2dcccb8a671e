from django.apps import AppConfig


class JoiningConfig(AppConfig):
    name = "portal.domain.joining"
    label = "joining"
    verbose_name = "entrées"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say what is known of a person's account, what is forgotten one day, what the hourly purge erases."""
        from portal.domain.joining import departures, merging, privacy

        privacy.connect()
        merging.connect()
        departures.connect()

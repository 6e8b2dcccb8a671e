from django.apps import AppConfig


class WaitingConfig(AppConfig):
    name = "portal.domain.waiting"
    label = "waiting"
    verbose_name = "listes d’attente"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Ask for the places that come back; say what is personal here and how it follows a merge."""
        from portal.domain.bookings.places import register_keeper
        from portal.domain.waiting import checks, keeping, merging, privacy

        register_keeper(keeping.keep)
        privacy.connect()
        merging.connect()
        checks.connect()

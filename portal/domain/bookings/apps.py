from django.apps import AppConfig


class BookingsConfig(AppConfig):
    name = "portal.domain.bookings"
    label = "bookings"
    verbose_name = "réservations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say what is personal here, and look again at what waits for a dossier when something of it is answered."""
        from portal.domain.bookings import checks, merging, privacy, tasks
        from portal.domain.procedures.hooks import register_after_step

        privacy.connect()
        merging.connect()
        checks.connect()
        register_after_step(tasks.after_answer)

from django.apps import AppConfig


class RemindersConfig(AppConfig):
    name = "portal.domain.reminders"
    label = "reminders"
    verbose_name = "rappels avant une échéance"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say what is personal here, and how it is forgotten."""
        from portal.domain.reminders import privacy

        privacy.connect()

from django.apps import AppConfig


class EnrolmentsConfig(AppConfig):
    name = "portal.domain.enrolments"
    label = "enrolments"
    verbose_name = "inscriptions"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say what is personal here, and how it is forgotten."""
        from portal.domain.enrolments import checks, merging, privacy

        privacy.connect()
        merging.connect()
        checks.connect()

from django.apps import AppConfig


class AbsencesConfig(AppConfig):
    name = "portal.domain.absences"
    label = "absences"
    verbose_name = "absences"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say what is personal here and how it follows a merge."""
        from portal.domain.absences import checks, merging, privacy

        privacy.connect()
        merging.connect()
        checks.connect()

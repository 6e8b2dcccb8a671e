from django.apps import AppConfig


class LateRequestsConfig(AppConfig):
    name = "portal.domain.late_requests"
    label = "late_requests"
    verbose_name = "demandes au service"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say what is personal here and how it follows a merge."""
        from portal.domain.late_requests import merging, privacy

        privacy.connect()
        merging.connect()

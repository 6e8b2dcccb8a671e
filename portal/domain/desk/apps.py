from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "portal.domain.desk"
    label = "desk"
    verbose_name = "bureau des agents"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say how notes are forgotten and how they follow a merge."""
        from portal.domain.desk import merging, privacy

        privacy.connect()
        merging.connect()

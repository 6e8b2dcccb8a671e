from django.apps import AppConfig


class QuotientsConfig(AppConfig):
    name = "portal.domain.quotients"
    label = "quotients"
    verbose_name = "quotient familial"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell the registries below what this package asks of a dossier and what it knows of a family."""
        from portal.domain.quotients import connections, merging

        connections.connect()
        merging.connect()

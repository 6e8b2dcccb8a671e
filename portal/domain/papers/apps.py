from django.apps import AppConfig


class PapersConfig(AppConfig):
    name = "portal.domain.papers"
    label = "papers"
    verbose_name = "pièces"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell the registries below what this package asks of a dossier and what it knows of a family."""
        from portal.domain.papers import connections, merging

        connections.connect()
        merging.connect()

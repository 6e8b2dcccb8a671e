from django.apps import AppConfig


class RentreeConfig(AppConfig):
    name = "portal.domain.rentree"
    label = "rentree"
    verbose_name = "rentrée"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say what is personal here and how it follows a merge."""
        from portal.domain.rentree import merging, privacy

        privacy.connect()
        merging.connect()

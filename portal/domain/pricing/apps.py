from django.apps import AppConfig


class PricingConfig(AppConfig):
    name = "portal.domain.pricing"
    label = "pricing"
    verbose_name = "faits des prix"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say what is personal here, and what a merge does with it."""
        from portal.domain.pricing import merging, privacy

        privacy.connect()
        merging.connect()

from django.apps import AppConfig


class FeedsConfig(AppConfig):
    name = "portal.domain.feeds"
    label = "feeds"
    verbose_name = "agendas"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say what is personal here, how it is forgotten and when an address dies."""
        from portal.domain.feeds import merging, privacy

        privacy.connect()
        merging.connect()

from django.apps import AppConfig


class TransportConfig(AppConfig):
    name = "portal.domain.transport"
    label = "transport"
    verbose_name = "bus"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say what is personal here, and what receipts tell of a stop."""
        from portal.domain.transport import checks, privacy, receipts

        privacy.connect()
        receipts.connect()
        checks.connect()

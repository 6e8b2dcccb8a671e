from django.apps import AppConfig


class ReconciliationConfig(AppConfig):
    name = "portal.domain.reconciliation"
    label = "reconciliation"
    verbose_name = "rapprochement"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say how runs and findings are forgotten, and how they follow a merge."""
        from portal.domain.reconciliation import merging, privacy

        privacy.connect()
        merging.connect()

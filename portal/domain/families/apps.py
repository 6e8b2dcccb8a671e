from django.apps import AppConfig


class FamiliesConfig(AppConfig):
    name = "portal.domain.families"
    label = "families"
    verbose_name = "familles"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say what is personal here, and tell the journal for which family an agent acts."""
        from portal.domain.audit.services import register_acting
        from portal.domain.families import privacy
        from portal.domain.families.acting import acting_family_key

        privacy.connect()
        register_acting(acting_family_key)

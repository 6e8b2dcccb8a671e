from django.apps import AppConfig


class ChangesConfig(AppConfig):
    name = "portal.domain.changes"
    label = "changes"
    verbose_name = "changements du dossier"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say what a dossier must hold of its people, and what is known of them, once models are there."""
        from portal.domain.changes import departures, merging
        from portal.domain.changes.personal_data import ERASURE, PART
        from portal.domain.changes.requirements import identity_requirements
        from portal.domain.families.requirements import register_requirements
        from portal.domain.privacy.registry import register

        register(PART, ERASURE)
        merging.connect()
        departures.connect()
        register_requirements("identity", identity_requirements, order=10)

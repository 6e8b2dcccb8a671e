from django.apps import AppConfig


class HealthConfig(AppConfig):
    name = "portal.domain.health"
    label = "health"
    verbose_name = "fiche sanitaire"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say what a dossier must hold, what is given back and what is forgotten, once models are there."""
        from portal.domain.families.requirements import register_requirements
        from portal.domain.health import merging
        from portal.domain.health.privacy import ERASURE, PART, RETENTIONS
        from portal.domain.health.requirements import may_block, requirements
        from portal.domain.privacy.registry import register

        register_requirements("health", requirements, order=40, may_block=may_block)
        register(PART, ERASURE, *RETENTIONS)
        merging.connect()

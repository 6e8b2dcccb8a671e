from django.apps import AppConfig


class DossierConfig(AppConfig):
    name = "portal.domain.dossier"
    label = "dossier"
    verbose_name = "dossier"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say what is held of a family, and for how long; tell papers, below, which branch a family is in."""
        from portal.domain.dossier import merging, privacy
        from portal.domain.dossier.queries import branch_of
        from portal.domain.papers.branches import register_branch_source

        privacy.connect()
        merging.connect()
        register_branch_source(lambda family, school_year: branch_of(family, school_year) or "")

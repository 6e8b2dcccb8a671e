from django.apps import AppConfig


class SurveysConfig(AppConfig):
    name = "cms_pages.surveys"
    label = "surveys"
    verbose_name = "formulaires"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Fill the registries: rights, tasks of the home page, search, profile section."""
        from cms_pages.surveys import connections, merging, privacy

        connections.connect()
        privacy.connect()
        merging.connect()

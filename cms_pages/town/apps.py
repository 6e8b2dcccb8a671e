from django.apps import AppConfig


class TownConfig(AppConfig):
    name = "cms_pages.town"
    label = "town"
    verbose_name = "réglages du site"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say what is public, complete the identity, and let the agents close the portal."""
        from cms_pages.town import closing, facts, profiles, public

        public.connect()
        facts.connect()
        closing.connect()
        profiles.register()

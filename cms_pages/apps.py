from django.apps import AppConfig


class CmsPagesConfig(AppConfig):
    name = "cms_pages"
    label = "cms_pages"
    verbose_name = "pages publiques"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell the portal who the town is, where its pages are, and what a profile says of them."""
        from cms_pages import profiles, renditions, search_pages, site_facts

        site_facts.connect()
        profiles.register()
        renditions.connect()
        search_pages.connect()

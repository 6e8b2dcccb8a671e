from django.apps import AppConfig


class NewsConfig(AppConfig):
    name = "news"
    label = "news"
    verbose_name = "actualités"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell menus and pages what the news say, and the profile loader what a profile says of them."""
        from news import profiles, queries

        queries.connect()
        profiles.register()

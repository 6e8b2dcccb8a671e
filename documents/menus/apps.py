from django.apps import AppConfig


class MenusConfig(AppConfig):
    name = "documents.menus"
    label = "menus"
    verbose_name = "menus"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell the menu where the menus are, the roles who writes them, the loader what a profile says of them."""
        from documents.menus import places, profiles

        places.connect()
        profiles.register()

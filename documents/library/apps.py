from django.apps import AppConfig


class LibraryConfig(AppConfig):
    name = "documents.library"
    label = "library"
    verbose_name = "bibliothèque de documents"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell the site where the library is, the roles what they may do, the profiles what they may say."""
        from documents.library import places, profiles

        places.connect()
        profiles.register()

from django.apps import AppConfig


class LibraryConfig(AppConfig):
    name = "documents.library"
    label = "library"
    verbose_name = "bibliothèque de documents"
    default_auto_field = "django.db.models.BigAutoField"

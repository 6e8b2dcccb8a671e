from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "portal.domain.files"
    label = "files"
    verbose_name = "fichiers"
    default_auto_field = "django.db.models.BigAutoField"

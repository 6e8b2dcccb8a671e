from django.apps import AppConfig


class MenusConfig(AppConfig):
    name = "documents.menus"
    label = "menus"
    verbose_name = "menus"
    default_auto_field = "django.db.models.BigAutoField"

from django.apps import AppConfig


class FamiliesConfig(AppConfig):
    name = "portal.domain.families"
    label = "families"
    verbose_name = "familles"
    default_auto_field = "django.db.models.BigAutoField"

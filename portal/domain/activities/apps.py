from django.apps import AppConfig


class ActivitiesConfig(AppConfig):
    name = "portal.domain.activities"
    label = "activities"
    verbose_name = "activités"
    default_auto_field = "django.db.models.BigAutoField"

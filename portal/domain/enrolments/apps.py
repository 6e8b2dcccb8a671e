from django.apps import AppConfig


class EnrolmentsConfig(AppConfig):
    name = "portal.domain.enrolments"
    label = "enrolments"
    verbose_name = "inscriptions"
    default_auto_field = "django.db.models.BigAutoField"

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "portal.domain.audit"
    label = "audit"
    verbose_name = "journal"
    default_auto_field = "django.db.models.BigAutoField"

from django.apps import AppConfig


class MailsConfig(AppConfig):
    name = "portal.domain.mails"
    label = "mails"
    verbose_name = "courriels"
    default_auto_field = "django.db.models.BigAutoField"

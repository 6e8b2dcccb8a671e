from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "portal.domain.privacy"
    label = "privacy"
    verbose_name = "données personnelles"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """The packages below cannot register by themselves: accounts, journal, mails."""
        from portal.domain.privacy import below

        below.connect()

from django.apps import AppConfig


class ContactsConfig(AppConfig):
    name = "portal.domain.contacts"
    label = "contacts"
    verbose_name = "contacts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say what a dossier must hold of this, and what is personal in it."""
        from portal.domain.contacts import departures, merging, privacy, requirements

        requirements.connect()
        privacy.connect()
        merging.connect()
        departures.connect()

from django.apps import AppConfig


class TariffsSimulatorConfig(AppConfig):
    name = "tariffs_simulator"
    label = "tariffs_simulator"
    verbose_name = "simulateur de tarifs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell pages, menus and profiles that there is a simulator."""
        from tariffs_simulator import places

        places.connect()

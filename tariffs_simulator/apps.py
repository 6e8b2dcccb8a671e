from django.apps import AppConfig


class TariffsSimulatorConfig(AppConfig):
    name = "tariffs_simulator"
    label = "tariffs_simulator"
    verbose_name = "simulateur de tarifs"
    default_auto_field = "django.db.models.BigAutoField"

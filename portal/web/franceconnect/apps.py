from django.apps import AppConfig


class FranceConnectConfig(AppConfig):
    """An application so that allauth finds its `provider`; it owns no table."""

    name = "portal.web.franceconnect"
    label = "franceconnect"
    verbose_name = "FranceConnect"

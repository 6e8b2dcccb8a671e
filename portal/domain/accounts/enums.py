from django.db import models


class AccountOrigin(models.TextChoices):
    """How the account was born; the activation delay depends on it (guides: 24 h by oneself, 96 h by the service)."""

    SELF = "self", "créé par la famille"
    STAFF = "staff", "créé par le service"
    SYSTEM = "system", "compte technique"

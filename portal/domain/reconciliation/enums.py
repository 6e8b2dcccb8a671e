from django.db import models


class Severity(models.TextChoices):
    """What a finding stops. BLOCKING: nothing should be charged before it is understood."""

    BLOCKING = "blocking", "touche à ce qui sera facturé"
    LOOK = "look", "à regarder"


class Trigger(models.TextChoices):
    """What started a run."""

    NIGHT = "night", "chaque nuit"
    AGENT = "agent", "à la demande"
    COMMAND = "command", "sur le serveur"

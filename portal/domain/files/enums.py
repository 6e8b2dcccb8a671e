from django.db import models


class ScanState(models.TextChoices):
    """What the virus scanner said of a file."""

    NOT_SCANNED = "none", "non analysé"
    CLEAN = "clean", "sain"

"""Which way the bus goes, and how a child leaves it."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Way(models.TextChoices):
    """To the centre, or back from it."""

    OUTWARD = "outward", _("aller")
    HOMEWARD = "homeward", _("retour")


class Release(models.TextChoices):
    """How a child leaves the stop on the way back."""

    COLLECTED = "collected", _("une personne autorisée l’attend à l’arrêt")
    ALONE = "alone", _("rentre seul depuis l’arrêt")

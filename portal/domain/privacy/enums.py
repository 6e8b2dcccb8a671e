from django.db import models
from django.utils.translation import gettext_lazy as _


class ExportState(models.TextChoices):
    ASKED = "asked", _("en préparation")
    READY = "ready", _("prête")
    TAKEN = "taken", _("téléchargée")
    EXPIRED = "expired", _("expirée")


class ErasureState(models.TextChoices):
    ASKED = "asked", _("en cours")
    EXECUTED = "executed", _("effectuée")
    REFUSED = "refused", _("refusée")

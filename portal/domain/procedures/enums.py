from django.db import models
from django.utils.translation import gettext_lazy as _


class ProcedureKind(models.TextChoices):
    ACCOUNT = "account", "compte"
    ENROLMENT = "enrolment", "inscription"
    BOOKING = "booking", "réservations"
    FORM = "form", "formulaire"


class ProcedureState(models.TextChoices):
    RECEIVED = "received", _("en cours")
    RECORDED = "recorded", _("enregistrée")
    ACCEPTED = "accepted", _("acceptée")
    REFUSED = "refused", _("refusée")
    CANCELLED = "cancelled", _("annulée")

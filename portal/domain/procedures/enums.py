from django.db import models


class ProcedureKind(models.TextChoices):
    ACCOUNT = "account", "compte"
    ENROLMENT = "enrolment", "inscription"
    BOOKING = "booking", "réservations"


class ProcedureState(models.TextChoices):
    RECEIVED = "received", "en cours"
    RECORDED = "recorded", "enregistrée"
    ACCEPTED = "accepted", "acceptée"
    REFUSED = "refused", "refusée"
    CANCELLED = "cancelled", "annulée"

from django.db import models


class EnrolmentState(models.TextChoices):
    REQUESTED = "requested", "demandée"
    ACCEPTED = "accepted", "acceptée"
    REFUSED = "refused", "refusée"
    CANCELLED = "cancelled", "annulée"


LIVE_ENROLMENT_STATES = frozenset({EnrolmentState.REQUESTED, EnrolmentState.ACCEPTED})

from django.db import models
from django.utils.translation import gettext_lazy as _


class EnrolmentState(models.TextChoices):
    REQUESTED = "requested", _("demandée")
    ACCEPTED = "accepted", _("acceptée")
    REFUSED = "refused", _("refusée")
    CANCELLED = "cancelled", _("annulée")


LIVE_ENROLMENT_STATES = frozenset({EnrolmentState.REQUESTED, EnrolmentState.ACCEPTED})

from django.db import models
from django.utils.translation import gettext_lazy as _


class LineState(models.TextChoices):
    """What became of one enrolment asked for at the rentrée, when it was sent."""

    ACCEPTED = "accepted", _("acceptée")
    REQUESTED = "requested", _("le service l’étudie")
    HELD = "held", _("attend votre dossier")
    REFUSED = "refused", _("pas enregistrée")


class Openness(models.TextChoices):
    """Whether an activity of the coming year may be asked for. `LATER` and `UNKNOWN` may be prepared."""

    OPEN = "open", _("ouverte")
    LATER = "later", _("pas encore ouverte")
    UNKNOWN = "unknown", _("attend la scolarité")
    CLOSED = "closed", _("fermée")


#: What a family may prepare, and send now or later.
PREPARABLE = frozenset({Openness.OPEN, Openness.LATER, Openness.UNKNOWN})

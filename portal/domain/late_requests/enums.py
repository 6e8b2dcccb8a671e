from django.db import models
from django.utils.translation import gettext_lazy as _


class RequestState(models.TextChoices):
    """The life of a request. PARTLY: some of its days were accepted, the others refused."""

    SENT = "sent", _("en cours d’examen")
    ASKED = "asked", _("à compléter")
    ACCEPTED = "accepted", _("acceptée")
    PARTLY = "partly", _("acceptée en partie")
    REFUSED = "refused", _("refusée")
    WITHDRAWN = "withdrawn", _("retirée")
    LAPSED = "lapsed", _("restée sans réponse")


class DayState(models.TextChoices):
    """The same for one day."""

    OPEN = "open", _("demandé")
    ACCEPTED = "accepted", _("accepté")
    REFUSED = "refused", _("refusé")
    WITHDRAWN = "withdrawn", _("retiré")
    LAPSED = "lapsed", _("sans réponse à temps")


#: Nobody has decided yet: the family may withdraw.
OPEN_STATES = frozenset({RequestState.SENT, RequestState.ASKED})


class Ground(models.TextChoices):
    """Why a family cannot do it by itself: the deadline, or what is never changed on line; no place left; both."""

    DEADLINE = "deadline", _("délai")
    CAPACITY = "capacity", _("places")
    BOTH = "both", _("délai et places")

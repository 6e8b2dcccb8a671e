from django.db import models


class ContactState(models.TextChoices):
    """Where a first contact stands."""

    UNCONFIRMED = "unconfirmed", "adresse mail à confirmer"
    WAITING = "waiting", "à traiter"
    ASKED = "asked", "réponse attendue de la famille"
    ACCEPTED = "accepted", "dossier ouvert"
    REFUSED = "refused", "refusée"


#: An agent may still answer these.
OPEN_STATES = (ContactState.WAITING, ContactState.ASKED)

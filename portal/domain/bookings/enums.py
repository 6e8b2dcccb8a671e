from django.db import models


class BookingState(models.TextChoices):
    BOOKED = "booked", "réservé"
    CANCELLED = "cancelled", "annulé"


class BookingSource(models.TextChoices):
    """How the booking was made."""

    BASKET = "basket", "planning"
    PATTERN = "pattern", "jours habituels"
    WAITING = "waiting", "liste d’attente"
    SERVICE = "service", "demande acceptée par le service"


class CancelledBecause(models.TextChoices):
    """What cancelled a booking; empty for one whose family or service took it back."""

    CLOSURE = "closure", "fermeture"


class Wish(models.TextChoices):
    """What a line of the draft asks for."""

    ADD = "add", "réservation"
    REMOVE = "remove", "annulation"

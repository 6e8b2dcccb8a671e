"""What a closure did, kept after it is lifted."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from portal.domain.activities.models import Closure
from portal.domain.bookings.models import Booking


class DeclaredClosure(models.Model):
    """A closure declared by an agent and the effect it had: copies, which never change, but for the words.

    `closure` is empty once it was lifted. `credits` is the sum in euros of what the cancelled days would have cost.
    """

    closure = models.OneToOneField(
        Closure,
        verbose_name="fermeture",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="declaration",
    )
    reason = models.CharField("motif", max_length=150)
    message = models.CharField("message aux familles", max_length=500, blank=True)
    place = models.CharField("ce qui ferme", max_length=200)
    starts_on = models.DateField("du")
    ends_on = models.DateField("au")
    declared_at = models.DateTimeField("déclarée le")
    declared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="déclarée par", on_delete=models.PROTECT, related_name="+"
    )
    bookings = models.PositiveIntegerField("réservations annulées", default=0)
    wishes = models.PositiveIntegerField("lignes de brouillon retirées", default=0)
    families = models.PositiveIntegerField("familles prévenues", default=0)
    credits = models.DecimalField("montant non facturé", max_digits=10, decimal_places=2, default=0)
    lifted_at = models.DateTimeField("levée le", null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="levée par",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )

    class Meta:
        verbose_name = "fermeture déclarée"
        verbose_name_plural = "fermetures déclarées"
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="declared_closure_order",
                violation_error_message="La fermeture finit après avoir commencé.",
            ),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True)
                | Q(lifted_at__isnull=False, lifted_by__isnull=False, closure__isnull=True),
                name="declared_closure_lifted_whole",
                violation_error_message="Une fermeture levée ne ferme plus rien.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reason}, {self.place}"


class ClosedBooking(models.Model):
    """A booking that a closure cancelled, and what it would have cost (euros): its price, or what an absence left of
    it. `is_tied`: its own place stayed open, what it goes with closed.
    """

    declaration = models.ForeignKey(
        DeclaredClosure, verbose_name="fermeture", on_delete=models.CASCADE, related_name="days"
    )  # says nothing without it
    booking = models.OneToOneField(
        Booking, verbose_name="réservation", on_delete=models.CASCADE, related_name="closed"
    )  # forgotten with its booking, ten years later
    credit = models.DecimalField("montant non facturé", max_digits=8, decimal_places=2)
    is_tied = models.BooleanField("suit une unité fermée", default=False)

    class Meta:
        verbose_name = "réservation annulée par une fermeture"
        verbose_name_plural = "réservations annulées par une fermeture"
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(credit__gte=0),
                name="closed_booking_credit_positive",
                violation_error_message="Un montant non facturé n’est pas négatif.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.declaration}, {self.booking_id}"

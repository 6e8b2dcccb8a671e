"""Bookings, places by day, and the draft of a family."""

import uuid
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from portal.domain.activities.models import PlacePool, Unit
from portal.domain.bookings.codes import CellKey
from portal.domain.bookings.enums import BookingSource, BookingState, CancelledBecause, Wish
from portal.domain.enrolments.models import Enrolment
from portal.domain.families.models import Child, Family
from portal.domain.tariffs.models import TariffVersion

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from portal.domain.accounts.models import User


class DayPlaces(models.Model):
    """The places of a pool on one day: `taken` by bookings, `held` by live drafts.

    Decided under row lock, in (pool, day) order; the CHECK is the last wall. No capacity means unlimited. `extra` are
    places beyond the capacity that an agent gave on purpose: exactly those in use, they vanish as places come back.
    """

    pool = models.ForeignKey(
        PlacePool, verbose_name="réserve de places", on_delete=models.PROTECT, related_name="days"
    )
    day = models.DateField("jour")
    capacity = models.PositiveIntegerField("places", null=True, blank=True)
    taken = models.PositiveIntegerField("prises", default=0)
    held = models.PositiveIntegerField("retenues", default=0)
    extra = models.PositiveIntegerField("au-delà des places", default=0, db_default=0)

    class Meta:
        verbose_name = "places d’un jour"
        verbose_name_plural = "places par jour"
        constraints = [
            models.UniqueConstraint(fields=["pool", "day"], name="day_places_once"),
            models.CheckConstraint(
                condition=Q(capacity__isnull=True) | Q(capacity__gte=F("taken") + F("held") - F("extra")),
                name="day_places_never_overbooked",
                violation_error_message="Il n’y a plus de place ce jour-là.",
            ),
            models.CheckConstraint(
                condition=Q(extra=0) | Q(capacity__isnull=False, capacity__lte=F("taken") + F("held") - F("extra")),
                name="day_places_extra_in_use",
                violation_error_message="Une place au-delà de la capacité n’existe que prise.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pool}, {self.day}"


class BookingQuerySet(models.QuerySet["Booking"]):
    def booked(self) -> Self:
        return self.filter(state=BookingState.BOOKED)

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Bookings of the children whom this account's person may see."""
        return self.filter(child__in=Child.objects.visible_to(user))


class Booking(models.Model):
    """A child booked in a unit on one day, at the price fixed when it was asked for.

    At most one live booking per child, unit and day; a cancelled one stays as history. One whose place was given back
    (`giving_back`) stays booked and takes no place any more.
    """

    child = models.ForeignKey(Child, verbose_name="enfant", on_delete=models.PROTECT, related_name="bookings")
    unit = models.ForeignKey(Unit, verbose_name="unité", on_delete=models.PROTECT, related_name="bookings")
    day = models.DateField("jour")
    enrolment = models.ForeignKey(
        Enrolment, verbose_name="inscription", on_delete=models.PROTECT, related_name="bookings"
    )
    family = models.ForeignKey(
        Family, verbose_name="famille qui réserve", on_delete=models.PROTECT, related_name="bookings"
    )
    state = models.CharField("état", max_length=9, choices=BookingState.choices, default=BookingState.BOOKED)
    source = models.CharField("origine", max_length=8, choices=BookingSource.choices)
    tariff_version = models.ForeignKey(
        TariffVersion, verbose_name="version du tarif", on_delete=models.PROTECT, related_name="+"
    )  # a price stays explained
    unit_price = models.DecimalField("prix", max_digits=8, decimal_places=2)
    surcharge = models.DecimalField(
        "dont supplément de retard", max_digits=8, decimal_places=2, default=Decimal(0), db_default=Decimal(0)
    )
    explanation = models.JSONField("explication du prix", default=list, blank=True)
    booked_at = models.DateTimeField("réservé le")
    booked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="réservé par", on_delete=models.PROTECT, related_name="+"
    )
    place_given_back_at = models.DateTimeField("place rendue le", null=True, blank=True)
    cancelled_at = models.DateTimeField("annulé le", null=True, blank=True)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="annulé par",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    cancelled_because = models.CharField(
        "annulé à cause de", max_length=8, choices=CancelledBecause.choices, blank=True, default="", db_default=""
    )

    objects = BookingQuerySet.as_manager()

    class Meta:
        verbose_name = "réservation"
        verbose_name_plural = "réservations"
        constraints = [
            models.UniqueConstraint(
                fields=["child", "unit", "day"],
                condition=Q(state=BookingState.BOOKED),
                name="booking_one_live_per_child_unit_day",
                violation_error_message="Ce jour est déjà réservé pour cet enfant.",
            ),
            models.CheckConstraint(
                condition=Q(state=BookingState.BOOKED, cancelled_at__isnull=True)
                | Q(state=BookingState.CANCELLED, cancelled_at__isnull=False),
                name="booking_cancelled_has_a_date",
                violation_error_message="Une réservation annulée porte sa date d’annulation.",
            ),
            models.CheckConstraint(
                condition=Q(state=BookingState.CANCELLED) | Q(cancelled_because=""),
                name="booking_cause_of_what_is_cancelled",
                violation_error_message="Seule une réservation annulée a une cause d’annulation.",
            ),
            models.CheckConstraint(
                condition=Q(surcharge__gte=0, surcharge__lte=F("unit_price")),
                name="booking_surcharge_within_price",
                violation_error_message="Le supplément fait partie du prix.",
            ),
        ]
        indexes = [
            models.Index(fields=["child", "day"], name="booking_child_day"),
            models.Index(fields=["unit", "day"], condition=Q(state="booked"), name="booking_unit_day"),
        ]

    def __str__(self) -> str:
        return f"{self.child}, {self.unit}, {self.day}"


class Basket(models.Model):
    """The draft of a family: one at most, shared by both parents and all their devices.

    It exists while it has something to say. Until `expires_at` its additions hold their places; afterwards the
    choices stay and the places are released (`lapsed_at`). `version` grows with every change.
    """

    family = models.OneToOneField(
        Family, verbose_name="famille", on_delete=models.CASCADE, related_name="basket"
    )  # a draft is nothing without its family
    key = models.UUIDField("clé", default=uuid.uuid4, unique=True, editable=False)
    version = models.PositiveIntegerField("version", default=1)
    opened_at = models.DateTimeField("ouvert le")
    changed_at = models.DateTimeField("changé le")
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="changé par", on_delete=models.PROTECT, related_name="+"
    )
    expires_at = models.DateTimeField("places retenues jusqu’au")
    lapsed_at = models.DateTimeField("places rendues le", null=True, blank=True)

    class Meta:
        verbose_name = "brouillon"
        verbose_name_plural = "brouillons"
        indexes = [models.Index(fields=["expires_at"], condition=Q(lapsed_at=None), name="basket_holding")]

    def __str__(self) -> str:
        return f"brouillon de {self.family}"

    def is_live(self, *, at: datetime) -> bool:
        """Whether the additions still hold their places at that instant."""
        return self.lapsed_at is None and at < self.expires_at


class BasketLine(models.Model):
    """One wish of the draft. The price is fixed on the line while the draft lives."""

    basket = models.ForeignKey(
        Basket, verbose_name="brouillon", on_delete=models.CASCADE, related_name="lines"
    )  # a line is nothing without its draft
    wish = models.CharField("changement", max_length=6, choices=Wish.choices)
    child = models.ForeignKey(Child, verbose_name="enfant", on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, verbose_name="unité", on_delete=models.PROTECT, related_name="+")
    day = models.DateField("jour")
    enrolment = models.ForeignKey(Enrolment, verbose_name="inscription", on_delete=models.PROTECT, related_name="+")
    booking = models.ForeignKey(
        Booking,
        verbose_name="réservation à annuler",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
    )
    tariff_version = models.ForeignKey(
        TariffVersion, verbose_name="version du tarif", on_delete=models.PROTECT, related_name="+"
    )
    unit_price = models.DecimalField("prix", max_digits=8, decimal_places=2)
    surcharge = models.DecimalField("dont supplément de retard", max_digits=8, decimal_places=2, default=Decimal(0))
    explanation = models.JSONField("explication du prix", default=list, blank=True)
    holding = models.BooleanField("retient une place", default=False)
    follows = models.ForeignKey(
        Unit, verbose_name="suit le choix de", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )  # only tells what brought this wish along, and takes it back
    added_at = models.DateTimeField("ajouté le")
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="ajouté par", on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = "ligne de brouillon"
        verbose_name_plural = "lignes de brouillon"
        constraints = [
            models.UniqueConstraint(fields=["basket", "child", "unit", "day"], name="basket_line_once"),
            models.CheckConstraint(
                condition=Q(wish=Wish.ADD, booking__isnull=True)
                | Q(wish=Wish.REMOVE, booking__isnull=False, holding=False),
                name="basket_line_shape",
                violation_error_message="Une annulation désigne la réservation qu’elle annule.",
            ),
            models.CheckConstraint(
                condition=Q(surcharge__gte=0, surcharge__lte=F("unit_price")) & (Q(wish=Wish.ADD) | Q(surcharge=0)),
                name="basket_line_surcharge",
                violation_error_message="Le supplément fait partie du prix d’un ajout.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_wish_display()} {self.child}, {self.unit}, {self.day}"


class BasketWeek(models.Model):
    """A regular week that takes effect when the draft is validated; its days are among the lines.

    `pattern` gives ISO weekdays by key of unit, as JSON writes it.
    """

    basket = models.ForeignKey(
        Basket, verbose_name="brouillon", on_delete=models.CASCADE, related_name="weeks"
    )  # a wish is nothing without its draft
    enrolment = models.ForeignKey(
        Enrolment, verbose_name="inscription", on_delete=models.CASCADE, related_name="+"
    )  # nor without its enrolment
    starts_on = models.DateField("à partir du")
    pattern = models.JSONField("semaine", default=dict, blank=True)

    class Meta:
        verbose_name = "semaine d’un brouillon"
        verbose_name_plural = "semaines d’un brouillon"
        constraints = [models.UniqueConstraint(fields=["basket", "enrolment"], name="basket_week_once")]

    def __str__(self) -> str:
        return f"{self.enrolment}, à partir du {self.starts_on}"


class ReceiptCounter(models.Model):
    """The last number given in a month ("2026-09"). Its row is locked while a number is given."""

    period = models.CharField("mois", max_length=7, unique=True)
    last = models.PositiveIntegerField("dernier numéro", default=Decimal(0))

    class Meta:
        verbose_name = "compteur de reçus"
        verbose_name_plural = "compteurs de reçus"

    def __str__(self) -> str:
        return self.period


class ReceiptQuerySet(models.QuerySet["Receipt"]):
    def visible_to(self, user: "User | AnonymousUser") -> Self:
        return self.filter(family__in=Family.objects.visible_to(user))


class Receipt(models.Model):
    """The proof of one validation, numbered without gap in its month ("2026-09-00318").

    `basket_key` makes a validation sent twice give the same receipt. The lines are copies and never change.
    """

    number = models.CharField("numéro", max_length=16, unique=True)
    code = models.CharField("code de vérification", max_length=16, unique=True)
    family = models.ForeignKey(Family, verbose_name="famille", on_delete=models.PROTECT, related_name="receipts")
    basket_key = models.UUIDField("clé du brouillon", unique=True)
    at = models.DateTimeField("validé le")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="validé par", on_delete=models.PROTECT, related_name="+"
    )
    sent_to = models.EmailField("envoyé à", blank=True)
    total = models.DecimalField("total", max_digits=9, decimal_places=2)
    left_out = models.JSONField("jours laissés de côté", default=list, blank=True)

    objects = ReceiptQuerySet.as_manager()

    class Meta:
        verbose_name = "reçu"
        verbose_name_plural = "reçus"
        indexes = [models.Index(fields=["family", "-at"], name="receipt_family")]

    def __str__(self) -> str:
        return self.number


class ReceiptLine(models.Model):
    """A change that was validated, as it was. Names and amounts are copies; a cancellation is negative."""

    receipt = models.ForeignKey(Receipt, verbose_name="reçu", on_delete=models.PROTECT, related_name="lines")
    wish = models.CharField("changement", max_length=6, choices=Wish.choices)
    child = models.ForeignKey(Child, verbose_name="enfant", on_delete=models.PROTECT, related_name="+")
    child_name = models.CharField("prénom", max_length=100)
    unit = models.ForeignKey(Unit, verbose_name="unité", on_delete=models.PROTECT, related_name="+")
    label = models.CharField("activité", max_length=200)
    day = models.DateField("jour")
    tariff_name = models.CharField("tarif", max_length=150)
    rate_label = models.CharField("mode", max_length=40)
    amount = models.DecimalField("montant", max_digits=8, decimal_places=2)
    surcharge = models.DecimalField("dont supplément de retard", max_digits=8, decimal_places=2, default=Decimal(0))
    note = models.CharField("à savoir", max_length=300, blank=True)

    class Meta:
        verbose_name = "ligne de reçu"
        verbose_name_plural = "lignes de reçu"
        constraints = [
            models.UniqueConstraint(fields=["receipt", "child", "unit", "day"], name="receipt_line_once"),
        ]

    def __str__(self) -> str:
        return f"{self.receipt}, {self.child_name}, {self.day}"

    @property
    def code(self) -> str:
        """The cell that it changed, as addresses name it."""
        return CellKey(self.child_id, self.unit_id, self.day).code

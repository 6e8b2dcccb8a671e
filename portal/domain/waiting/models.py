"""The rules of lines, who waits, what is proposed to whom, and what counts as held for it."""

import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from portal.domain.activities.models import Activity, PlacePool, Unit
from portal.domain.bookings.models import Booking, Receipt
from portal.domain.families.models import Child, Family
from portal.domain.kernel.clock import shift
from portal.domain.waiting.enums import LIVE_STATES, Criterion, EntryState, GiftState, OfferState

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from portal.domain.accounts.models import User

MOST_HOURS = 168
MOST_WORDS = 300


class ListRule(models.Model):
    """How the line of a pool, or of an activity, works. Where both have one, the pool's holds: it is what lacks.

    No rule, or a closed one: no line. The exchange of places is the activity's alone.
    """

    pool = models.OneToOneField(
        PlacePool,
        verbose_name="réserve de places",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="list_rule",
    )  # says nothing without what it is about
    activity = models.OneToOneField(
        Activity, verbose_name="activité", on_delete=models.CASCADE, null=True, blank=True, related_name="list_rule"
    )
    is_open = models.BooleanField("les familles peuvent attendre une place", default=True)
    offer_hours = models.PositiveSmallIntegerField(
        "heures pour répondre à une place proposée",
        default=24,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_HOURS)],
    )
    priorities = ArrayField(
        models.CharField(max_length=8, choices=Criterion.choices),
        verbose_name="priorités, avant l’ordre d’arrivée",
        default=list,
        blank=True,
    )
    siblings_together = models.BooleanField("les familles peuvent demander « frères et sœurs ensemble »", default=True)
    exchange_open = models.BooleanField(
        "une famille peut proposer sa place après le délai d’annulation", default=False
    )
    exchange_hours = models.PositiveSmallIntegerField(
        "l’échange s’arrête tant d’heures avant le début",
        default=12,
        validators=[MaxValueValidator(MOST_HOURS)],
    )

    class Meta:
        verbose_name = "règle de liste d’attente"
        verbose_name_plural = "règles de liste d’attente"
        constraints = [
            models.CheckConstraint(
                condition=Q(pool__isnull=True, activity__isnull=False) | Q(pool__isnull=False, activity__isnull=True),
                name="list_rule_one_scope",
                violation_error_message="Choisissez une activité ou une réserve de places, l’une des deux.",
            ),
            models.CheckConstraint(
                condition=Q(offer_hours__gte=1, offer_hours__lte=MOST_HOURS, exchange_hours__lte=MOST_HOURS),
                name="list_rule_hours",
                violation_error_message=f"Un délai de réponse va de 1 à {MOST_HOURS} heures.",
            ),
            models.CheckConstraint(
                condition=Q(priorities__contained_by=sorted(Criterion.values)),
                name="list_rule_criteria",
                violation_error_message="Cette priorité n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(exchange_open=False) | Q(activity__isnull=False),
                name="list_rule_exchange_of_activity",
                violation_error_message="L’échange de places se règle activité par activité.",
            ),
        ]

    def __str__(self) -> str:
        return f"liste d’attente, {self.activity or self.pool}"


class PlaceGift(models.Model):
    """A booked place that its family offers to whoever waits. The day stays charged until somebody takes it."""

    key = models.UUIDField("clé", default=uuid.uuid4, unique=True, editable=False)
    booking = models.ForeignKey(
        Booking, verbose_name="réservation", on_delete=models.CASCADE, related_name="gifts"
    )  # forgotten with its booking, ten years later
    family = models.ForeignKey(
        Family, verbose_name="famille", on_delete=models.PROTECT, related_name="place_gifts"
    )  # evidence of why a day is not charged
    state = models.CharField("état", max_length=9, choices=GiftState.choices, default=GiftState.OPEN)
    given_at = models.DateTimeField("proposée le")
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="proposée par", on_delete=models.PROTECT, related_name="+"
    )
    closes_at = models.DateTimeField("au plus tard le")
    closed_at = models.DateTimeField("close le", null=True, blank=True)

    class Meta:
        verbose_name = "place proposée à l’échange"
        verbose_name_plural = "places proposées à l’échange"
        constraints = [
            models.UniqueConstraint(
                fields=["booking"],
                condition=Q(state__in=[GiftState.OPEN, GiftState.TAKEN]),
                name="place_gift_once_per_booking",
                violation_error_message="Cette place est déjà proposée.",
            ),
            models.CheckConstraint(
                condition=Q(state=GiftState.OPEN, closed_at__isnull=True)
                | (~Q(state=GiftState.OPEN) & Q(closed_at__isnull=False)),
                name="place_gift_closed_has_a_date",
                violation_error_message="Une place qui n’est plus proposée porte sa date.",
            ),
        ]
        indexes = [models.Index(fields=["closes_at"], condition=Q(state="open"), name="place_gift_open")]

    def __str__(self) -> str:
        return f"place proposée, {self.booking_id}"

    @property
    def last_minute(self) -> datetime:
        """The last minute in which somebody may take it, as it is printed."""
        return shift(self.closes_at, -timedelta(minutes=1))


class Offer(models.Model):
    """A place proposed to a family until `expires_at`: one entry, or several when siblings asked to come together.

    Its places are held (`OfferPlace`), unless it hands over those of a `gift`. `reason` is why an agent proposed
    it out of order.
    """

    key = models.UUIDField("clé", default=uuid.uuid4, unique=True, editable=False)
    family = models.ForeignKey(
        Family, verbose_name="famille", on_delete=models.PROTECT, related_name="place_offers"
    )  # tells who was asked, in which order
    unit = models.ForeignKey(Unit, verbose_name="unité", on_delete=models.PROTECT, related_name="+")
    day = models.DateField("jour")
    state = models.CharField("état", max_length=9, choices=OfferState.choices, default=OfferState.OPEN)
    made_at = models.DateTimeField("proposée le")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="proposée par", on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField("motif d’une proposition hors de l’ordre", max_length=MOST_WORDS, blank=True)
    expires_at = models.DateTimeField("jusqu’au")
    closed_at = models.DateTimeField("close le", null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="close par",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    receipt = models.OneToOneField(
        Receipt, verbose_name="reçu", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )  # receipts have a retention of their own
    gift = models.ForeignKey(
        PlaceGift,
        verbose_name="place échangée",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="offers",
    )  # goes with its booking, the offer stays

    class Meta:
        verbose_name = "place proposée"
        verbose_name_plural = "places proposées"
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("made_at")),
                name="offer_lasts",
                violation_error_message="Une proposition laisse le temps de répondre.",
            ),
            models.CheckConstraint(
                condition=Q(state=OfferState.OPEN, closed_at__isnull=True)
                | (~Q(state=OfferState.OPEN) & Q(closed_at__isnull=False)),
                name="offer_closed_has_a_date",
                violation_error_message="Une proposition close porte sa date.",
            ),
            models.UniqueConstraint(
                fields=["gift"],
                condition=Q(state__in=[OfferState.OPEN, OfferState.ACCEPTED]),
                name="offer_one_taker_per_gift",
                violation_error_message="Cette place est déjà proposée à une autre famille.",
            ),
        ]
        indexes = [
            models.Index(fields=["expires_at"], condition=Q(state="open"), name="offer_open"),
            models.Index(fields=["family", "-made_at"], name="offer_family"),
        ]

    def __str__(self) -> str:
        return f"{self.unit}, {self.day:%d/%m/%Y}"

    @property
    def last_minute(self) -> datetime:
        """The last minute in which it may be answered, as it is printed (“23 h 59”)."""
        return shift(self.expires_at, -timedelta(minutes=1))

    def is_open(self, *, at: datetime) -> bool:
        """Whether it may still be answered at that instant, even before its row says otherwise."""
        return self.state == OfferState.OPEN and at < self.expires_at


class OfferPlace(models.Model):
    """A cell that an open offer holds a place for; the unit waited for, and those that the town books with it."""

    offer = models.ForeignKey(
        Offer, verbose_name="proposition", on_delete=models.CASCADE, related_name="places"
    )  # nothing without it
    child = models.ForeignKey(Child, verbose_name="enfant", on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, verbose_name="unité", on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "place retenue par une proposition"
        verbose_name_plural = "places retenues par une proposition"
        constraints = [models.UniqueConstraint(fields=["offer", "child", "unit"], name="offer_place_once")]

    def __str__(self) -> str:
        return f"{self.child}, {self.unit}"


class WaitingEntryQuerySet(models.QuerySet["WaitingEntry"]):
    def live(self) -> Self:
        return self.filter(state__in=LIVE_STATES)

    def waiting(self) -> Self:
        return self.filter(state=EntryState.WAITING)

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Those of a household of this account's person, about a child whom they may see."""
        return self.filter(
            family__in=Family.objects.visible_to(user).values("pk"),
            child__in=Child.objects.visible_to(user).values("pk"),
        )


class WaitingEntry(models.Model):
    """A child who waits for a unit on a day. First `precedence`, then `joined_at`, then the key: nobody chooses.

    `pools` are all those that a booking may need, ties included: places that come back there may be for it. `met` are
    the priorities that it fulfils; an agent may put it before all others (`put_first_at`). `group` is shared by
    siblings who come together or not at all. `passed_reason` is why a place went to the next one; the entry keeps its
    rank.
    """

    key = models.UUIDField("clé", default=uuid.uuid4, unique=True, editable=False)
    family = models.ForeignKey(
        Family, verbose_name="famille", on_delete=models.PROTECT, related_name="waiting_entries"
    )  # tells that the order was kept
    child = models.ForeignKey(Child, verbose_name="enfant", on_delete=models.PROTECT, related_name="waiting_entries")
    unit = models.ForeignKey(Unit, verbose_name="unité", on_delete=models.PROTECT, related_name="waiting_entries")
    day = models.DateField("jour")
    pools = ArrayField(models.BigIntegerField(), verbose_name="réserves de places concernées")
    group = models.UUIDField("frères et sœurs ensemble", null=True, blank=True)
    precedence = models.PositiveSmallIntegerField("rang de priorité", default=0)
    met = ArrayField(
        models.CharField(max_length=8, choices=Criterion.choices),
        verbose_name="priorités remplies",
        default=list,
        blank=True,
    )
    joined_at = models.DateTimeField("depuis le")
    joined_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="demandé par", on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField("état", max_length=8, choices=EntryState.choices, default=EntryState.WAITING)
    changed_at = models.DateTimeField("dernier changement")
    offer = models.ForeignKey(
        Offer, verbose_name="proposition", on_delete=models.PROTECT, null=True, blank=True, related_name="entries"
    )  # the answer of this entry
    closes_at = models.DateTimeField("fin de l’attente")
    put_first_at = models.DateTimeField("passée en tête le", null=True, blank=True)
    told_at = models.DateTimeField("fin annoncée le", null=True, blank=True)
    passed_at = models.DateTimeField("passée le", null=True, blank=True)
    passed_reason = models.CharField("pourquoi elle a été passée", max_length=MOST_WORDS, blank=True)

    objects = WaitingEntryQuerySet.as_manager()

    class Meta:
        verbose_name = "attente d’une place"
        verbose_name_plural = "attentes d’une place"
        permissions = [("offer_place", "Peut voir les listes d’attente et proposer une place")]
        constraints = [
            models.UniqueConstraint(
                fields=["child", "unit", "day"],
                condition=Q(state__in=sorted(LIVE_STATES)),
                name="waiting_entry_once",
                violation_error_message="Une demande attend déjà une place pour cet enfant ce jour-là.",
            ),
            models.CheckConstraint(
                condition=Q(state=EntryState.WAITING, offer__isnull=True)
                | Q(state__in=[EntryState.OFFERED, EntryState.BOOKED], offer__isnull=False)
                | ~Q(state__in=[EntryState.WAITING, EntryState.OFFERED, EntryState.BOOKED]),
                name="waiting_entry_offered_by_an_offer",
                violation_error_message="Une place proposée l’est par une proposition.",
            ),
        ]
        indexes = [
            models.Index(fields=["day", "unit"], condition=Q(state="waiting"), name="waiting_line"),
            models.Index(fields=["family", "day"], name="waiting_family"),
        ]

    def __str__(self) -> str:
        return f"{self.child}, {self.unit}, {self.day:%d/%m/%Y}"

    @property
    def place_in_line(self) -> tuple[int, datetime, int]:
        """What orders the line: published priority, arrival, key."""
        return (self.precedence, self.joined_at, self.pk)


class KeptPlaces(models.Model):
    """Places that came back and count as held until the line has been asked: never longer than it takes to ask it."""

    pool = models.ForeignKey(PlacePool, verbose_name="réserve de places", on_delete=models.PROTECT, related_name="+")
    day = models.DateField("jour")
    places = models.PositiveIntegerField("places gardées")

    class Meta:
        verbose_name = "places gardées pour la liste d’attente"
        verbose_name_plural = "places gardées pour la liste d’attente"
        constraints = [
            models.UniqueConstraint(fields=["pool", "day"], name="kept_places_once"),
            models.CheckConstraint(
                condition=Q(places__gt=0),
                name="kept_places_some",
                violation_error_message="Sans place gardée, il n’y a pas de ligne.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pool}, {self.day}"

"""What the town takes as requests, what families asked, day by day, and what was said about it."""

import uuid
from decimal import Decimal
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from portal.domain.activities.models import Activity, Service, Unit
from portal.domain.bookings.enums import Wish
from portal.domain.bookings.models import Receipt
from portal.domain.families.models import Child, Family
from portal.domain.late_requests.enums import OPEN_STATES, DayState, Ground, RequestState

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from portal.domain.accounts.models import User

#: Characters of a reason, of a message, of an answer.
MOST_REASON, MOST_WORDS, MOST_ANSWER = 500, 500, 300
#: Days that a service gives itself to answer, at most.
MOST_DAYS = 60


class LateRule(models.Model):
    """What may be asked of the service about an activity, or about all those of a service; the activity's own holds.

    No rule, or one that takes neither: the service is called, nothing is asked on line.
    """

    service = models.OneToOneField(
        Service, verbose_name="service", on_delete=models.CASCADE, null=True, blank=True, related_name="late_rule"
    )  # says nothing without what it is about
    activity = models.OneToOneField(
        Activity, verbose_name="activité", on_delete=models.CASCADE, null=True, blank=True, related_name="late_rule"
    )
    for_deadline = models.BooleanField(
        "une demande se fait après le délai, ou quand rien ne se change en ligne", default=True
    )
    for_capacity = models.BooleanField("une demande se fait quand le jour est complet", default=False)
    answer_days = models.PositiveSmallIntegerField(
        "le service répond en tant de jours",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_DAYS)],
    )

    class Meta:
        verbose_name = "règle des demandes au service"
        verbose_name_plural = "règles des demandes au service"
        constraints = [
            models.CheckConstraint(
                condition=Q(service__isnull=True, activity__isnull=False)
                | Q(service__isnull=False, activity__isnull=True),
                name="late_rule_one_scope",
                violation_error_message="Choisissez un service ou une activité, l’un des deux.",
            ),
            models.CheckConstraint(
                condition=Q(answer_days__isnull=True) | Q(answer_days__gte=1, answer_days__lte=MOST_DAYS),
                name="late_rule_answer_days",
                violation_error_message=f"Un délai de réponse va de 1 à {MOST_DAYS} jours.",
            ),
        ]

    def __str__(self) -> str:
        return f"demandes au service, {self.activity or self.service}"


class LateRequestQuerySet(models.QuerySet["LateRequest"]):
    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Asked by a household of this account's person, about a child whom they may see.

        The other household of the child sees nothing: the reason is the asking parents' to tell.
        """
        return self.filter(
            family__in=Family.objects.visible_to(user).values("pk"),
            child__in=Child.objects.visible_to(user).values("pk"),
        )

    def open(self) -> Self:
        return self.filter(state__in=OPEN_STATES)

    def waiting(self) -> Self:
        """Those that an agent answers."""
        return self.filter(state=RequestState.SENT)


class LateRequest(models.Model):
    """What a household asks of the service: a child, an activity, one wish, days. `version` grows with every change.

    `receipt` is the proof of what was accepted. The reason goes with the retention (`forgotten_at`), the days stay.
    """

    key = models.UUIDField("clé", default=uuid.uuid4, unique=True, editable=False)
    family = models.ForeignKey(
        Family, verbose_name="famille", on_delete=models.PROTECT, related_name="late_requests"
    )  # evidence of what was asked and done
    child = models.ForeignKey(Child, verbose_name="enfant", on_delete=models.PROTECT, related_name="late_requests")
    activity = models.ForeignKey(
        Activity, verbose_name="activité", on_delete=models.PROTECT, related_name="late_requests"
    )
    wish = models.CharField("demande", max_length=6, choices=Wish.choices)
    reason = models.CharField("motif de la famille", max_length=MOST_REASON, blank=True)
    state = models.CharField("état", max_length=9, choices=RequestState.choices, default=RequestState.SENT)
    version = models.PositiveIntegerField("version", default=1)
    asked_at = models.DateTimeField("demandée le")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="demandée par", on_delete=models.PROTECT, related_name="+"
    )
    sent_at = models.DateTimeField("transmise le")
    answer = models.CharField("réponse du service", max_length=MOST_ANSWER, blank=True)
    decided_at = models.DateTimeField("décidée le", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="décidée par",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    receipt = models.OneToOneField(
        Receipt, verbose_name="reçu", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )  # receipts have a retention of their own
    forgotten_at = models.DateTimeField("motif effacé le", null=True, blank=True)

    objects = LateRequestQuerySet.as_manager()

    class Meta:
        verbose_name = "demande au service"
        verbose_name_plural = "demandes au service"
        permissions = [
            ("decide_laterequest", "Peut répondre aux demandes hors délai"),
            ("exceed_places", "Peut accepter une demande au-delà des places"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[*sorted(OPEN_STATES), RequestState.WITHDRAWN]) | Q(decided_at__isnull=False),
                name="late_request_decided_has_a_date",
                violation_error_message="Une décision porte sa date.",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[RequestState.REFUSED, RequestState.PARTLY]) | ~Q(answer=""),
                name="late_request_no_has_reason",
                violation_error_message="Un refus a son motif.",
            ),
        ]
        indexes = [
            models.Index(fields=["family", "-asked_at"], name="late_request_family"),
            models.Index(fields=["sent_at"], condition=Q(state="sent"), name="late_request_waiting"),
        ]

    def __str__(self) -> str:
        return f"demande pour {self.child}, {self.activity.short_name}"

    @property
    def is_open(self) -> bool:
        """Nobody has decided yet."""
        return self.state in OPEN_STATES


class LateDay(models.Model):
    """One day of a request. `closes_at`: when the unit begins, after which there is nothing left to decide.

    `ground` and `passed_at` are why the family could not do it by itself and since when, as it was told. `is_late`:
    asked after the deadline, at the price of a late booking where the activity has one. `price` is what the family was
    shown, in euros; of a cancellation, what it gives back.
    """

    request = models.ForeignKey(
        LateRequest, verbose_name="demande", on_delete=models.CASCADE, related_name="days"
    )  # nothing without it
    child = models.ForeignKey(
        Child, verbose_name="enfant", on_delete=models.PROTECT, related_name="+"
    )  # that of the request, for the constraint
    unit = models.ForeignKey(Unit, verbose_name="unité", on_delete=models.PROTECT, related_name="+")
    day = models.DateField("jour")
    wish = models.CharField("demande", max_length=6, choices=Wish.choices)
    state = models.CharField("état", max_length=9, choices=DayState.choices, default=DayState.OPEN)
    ground = models.CharField("à cause de", max_length=8, choices=Ground.choices)
    is_late = models.BooleanField("demandé après le délai", default=False)
    passed_at = models.DateTimeField("délai passé le", null=True, blank=True)
    price = models.DecimalField("prix montré", max_digits=8, decimal_places=2, default=Decimal(0))
    closes_at = models.DateTimeField("sans objet à partir du")
    is_beyond = models.BooleanField("accepté au-delà des places", default=False)

    class Meta:
        verbose_name = "jour demandé"
        verbose_name_plural = "jours demandés"
        constraints = [
            models.UniqueConstraint(
                fields=["child", "unit", "day", "wish"],
                condition=Q(state=DayState.OPEN),
                name="late_day_asked_once",
                violation_error_message="Une demande attend déjà une réponse pour cet enfant ce jour-là.",
            ),
            models.CheckConstraint(
                condition=Q(is_beyond=False) | Q(state=DayState.ACCEPTED, wish=Wish.ADD),
                name="late_day_beyond_is_accepted",
                violation_error_message="Seul un jour accepté dépasse les places.",
            ),
        ]
        indexes = [models.Index(fields=["closes_at"], condition=Q(state="open"), name="late_day_open")]

    def __str__(self) -> str:
        return f"{self.request}, {self.day}"


class LateWord(models.Model):
    """What one side wrote to the other about a request. `of_service`: the town asks, else the family answers."""

    request = models.ForeignKey(
        LateRequest, verbose_name="demande", on_delete=models.CASCADE, related_name="words"
    )  # nothing without it
    at = models.DateTimeField("le")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="par", on_delete=models.PROTECT, related_name="+")
    of_service = models.BooleanField("écrit par le service", default=False)
    text = models.CharField("message", max_length=MOST_WORDS)

    class Meta:
        verbose_name = "message d’une demande"
        verbose_name_plural = "messages d’une demande"

    def __str__(self) -> str:
        return f"{self.request}, {self.at:%d/%m/%Y}"

"""Enrolments: a child and an activity, for a period."""

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from portal.domain.activities.models import Activity, Unit
from portal.domain.enrolments.enums import LIVE_ENROLMENT_STATES, EnrolmentState
from portal.domain.families.models import Child, Family

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from portal.domain.accounts.models import User


#: The longest reason, question or answer: a step of a démarche holds as much.
WORDS = 250


class EnrolmentQuerySet(models.QuerySet["Enrolment"]):
    def live(self) -> Self:
        return self.filter(state__in=LIVE_ENROLMENT_STATES)

    def accepted(self) -> Self:
        return self.filter(state=EnrolmentState.ACCEPTED)

    def awaiting_agents(self) -> Self:
        """Requests that somebody of the service has to answer: neither the dossier nor the family is waited for."""
        return self.filter(state=EnrolmentState.REQUESTED, held_since=None, asked_at=None)

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Enrolments of the children whom this account's person may see."""
        return self.filter(child__in=Child.objects.visible_to(user))


class Enrolment(models.Model):
    """A child enrolled in an activity. One live enrolment per child and activity."""

    child = models.ForeignKey(Child, verbose_name="enfant", on_delete=models.PROTECT, related_name="enrolments")
    activity = models.ForeignKey(
        Activity, verbose_name="activité", on_delete=models.PROTECT, related_name="enrolments"
    )
    family = models.ForeignKey(
        Family, verbose_name="famille qui inscrit", on_delete=models.PROTECT, related_name="enrolments"
    )
    state = models.CharField("état", max_length=9, choices=EnrolmentState.choices)
    starts_on = models.DateField("à partir du")
    ends_on = models.DateField("jusqu’au")
    requested_at = models.DateTimeField("demandée le")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="demandée par", on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField("décidée le", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="décidée par",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    reason = models.CharField("motif ou question du service", max_length=WORDS, blank=True)
    asked_at = models.DateTimeField("attend la famille depuis", null=True, blank=True)
    answer = models.CharField("réponse de la famille", max_length=WORDS, blank=True)
    held_since = models.DateTimeField(
        "attend le dossier depuis", null=True, blank=True
    )  # the request is not looked at before the dossier is complete

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        verbose_name = "inscription"
        verbose_name_plural = "inscriptions"
        constraints = [
            models.UniqueConstraint(
                fields=["child", "activity"],
                condition=Q(state__in=sorted(LIVE_ENROLMENT_STATES)),
                name="enrolment_one_live_per_child",
                violation_error_message="Cet enfant est déjà inscrit à cette activité.",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="enrolment_period_order",
                violation_error_message="L’inscription finit après avoir commencé.",
            ),
            models.CheckConstraint(
                condition=Q(held_since=None) | ~Q(state=EnrolmentState.ACCEPTED),
                name="enrolment_held_is_not_accepted",
                violation_error_message="Une inscription qui attend le dossier n’est pas acceptée.",
            ),
            models.CheckConstraint(
                condition=Q(asked_at=None) | Q(state=EnrolmentState.REQUESTED, held_since=None),
                name="enrolment_asked_is_requested",
                violation_error_message="Le service n’attend une réponse que pour une demande en cours.",
            ),
        ]
        indexes = [
            models.Index(fields=["activity", "state"], name="enrolment_activity"),
            models.Index(fields=["family"], condition=Q(held_since__isnull=False), name="enrolment_held"),
            models.Index(
                fields=["requested_at"],
                condition=Q(state=EnrolmentState.REQUESTED, held_since=None, asked_at=None),
                name="enrolment_awaiting_agents",
            ),
        ]
        permissions = [("decide_enrolment", "Peut répondre aux demandes d’inscription")]

    def __str__(self) -> str:
        return f"{self.child}, {self.activity}"


class PatternDay(models.Model):
    """A weekday of the regular week asked at enrolment (ISO, 1 is Monday)."""

    enrolment = models.ForeignKey(
        Enrolment, verbose_name="inscription", on_delete=models.CASCADE, related_name="pattern_days"
    )  # a detail of the enrolment
    unit = models.ForeignKey(Unit, verbose_name="unité", on_delete=models.PROTECT, related_name="+")
    weekday = models.PositiveSmallIntegerField("jour", validators=[MinValueValidator(1), MaxValueValidator(7)])

    class Meta:
        verbose_name = "jour habituel"
        verbose_name_plural = "jours habituels"
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "unit", "weekday"], name="pattern_day_once"),
            models.CheckConstraint(
                condition=Q(weekday__gte=1, weekday__lte=7),
                name="pattern_weekday_iso",
                violation_error_message="Un jour de la semaine va de 1 (lundi) à 7 (dimanche).",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment}, {self.weekday}"


class RegularWeek(models.Model):
    """The regular week of an enrolment from `starts_on` on, in place of the one before: the first is that of its
    `PatternDay` rows. Without days, nothing is booked by habit any more.
    """

    enrolment = models.ForeignKey(
        Enrolment, verbose_name="inscription", on_delete=models.CASCADE, related_name="regular_weeks"
    )  # a detail of the enrolment
    starts_on = models.DateField("à partir du")
    changed_at = models.DateTimeField("changée le")
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="changée par", on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = "semaine habituelle"
        verbose_name_plural = "semaines habituelles"
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment", "starts_on"],
                name="regular_week_once",
                violation_error_message="Cette inscription a déjà une semaine qui commence ce jour-là.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment}, à partir du {self.starts_on}"


class RegularWeekDay(models.Model):
    """A weekday of a regular week (ISO, 1 is Monday)."""

    week = models.ForeignKey(
        RegularWeek, verbose_name="semaine habituelle", on_delete=models.CASCADE, related_name="days"
    )  # a detail of the week
    unit = models.ForeignKey(Unit, verbose_name="unité", on_delete=models.PROTECT, related_name="+")
    weekday = models.PositiveSmallIntegerField("jour", validators=[MinValueValidator(1), MaxValueValidator(7)])

    class Meta:
        verbose_name = "jour d’une semaine habituelle"
        verbose_name_plural = "jours des semaines habituelles"
        constraints = [
            models.UniqueConstraint(fields=["week", "unit", "weekday"], name="regular_week_day_once"),
            models.CheckConstraint(
                condition=Q(weekday__gte=1, weekday__lte=7),
                name="regular_week_day_iso",
                violation_error_message="Un jour de la semaine va de 1 (lundi) à 7 (dimanche).",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.week}, {self.weekday}"

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


class EnrolmentQuerySet(models.QuerySet["Enrolment"]):
    def live(self) -> Self:
        return self.filter(state__in=LIVE_ENROLMENT_STATES)

    def accepted(self) -> Self:
        return self.filter(state=EnrolmentState.ACCEPTED)

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
        ]
        indexes = [models.Index(fields=["activity", "state"], name="enrolment_activity")]

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

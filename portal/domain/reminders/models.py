"""Who was reminded of which deadline, and how the town wants it."""

from datetime import time

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from portal.domain.activities.models import Activity


class ReminderSettings(models.Model):
    """How the town reminds: one row, from its profile. Without a row: the evening before, families without a day."""

    is_enabled = models.BooleanField("rappels envoyés", default=True)
    hour = models.TimeField("heure d’envoi, la veille", default=time(18))
    only_when_empty = models.BooleanField("seulement aux familles qui n’ont rien réservé", default=True)
    single = models.BooleanField(default=True, editable=False, unique=True, verbose_name="unique")

    class Meta:
        verbose_name = "réglage des rappels"
        verbose_name_plural = "réglages des rappels"
        constraints = [
            models.CheckConstraint(
                condition=Q(single=True),
                name="reminder_settings_single",
                violation_error_message="Il n’y a qu’un réglage des rappels.",
            ),
            models.CheckConstraint(
                condition=Q(hour__gte=time(8), hour__lte=time(21)),
                name="reminder_settings_waking_hour",
                violation_error_message="Les rappels partent entre 8 h et 21 h.",
            ),
        ]

    def __str__(self) -> str:
        return f"la veille à {self.hour:%H:%M}" if self.is_enabled else "aucun rappel"


class DeadlineReminder(models.Model):
    """A person was told about a deadline of an activity, for all their children: never twice.

    `closes_at` is the first instant refused. `period_start` is the Monday of the days it is about, or their first
    day when they fill more than a week: where each day closes by itself, a week is told once.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="compte", on_delete=models.CASCADE, related_name="+"
    )  # said to somebody who is gone
    activity = models.ForeignKey(
        Activity, verbose_name="activité", on_delete=models.CASCADE, related_name="+"
    )  # a trace of something that is no more
    closes_at = models.DateTimeField("limite")
    period_start = models.DateField("début des jours concernés")
    told_at = models.DateTimeField("rappelé le")

    class Meta:
        verbose_name = "rappel d’échéance"
        verbose_name_plural = "rappels d’échéance"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "activity", "closes_at"],
                name="reminder_once_per_deadline",
                violation_error_message="Cette personne a déjà reçu un rappel pour cette échéance.",
            ),
            models.UniqueConstraint(
                fields=["user", "activity", "period_start"],
                name="reminder_once_per_period",
                violation_error_message="Cette personne a déjà reçu un rappel pour ces jours.",
            ),
            models.CheckConstraint(
                condition=Q(told_at__lt=F("closes_at")),
                name="reminder_before_the_deadline",
                violation_error_message="Un rappel vient avant l’échéance.",
            ),
        ]
        indexes = [models.Index(fields=["told_at"], name="reminder_told")]

    def __str__(self) -> str:
        return f"{self.user}, {self.activity}, {self.period_start}"

"""Numbers of days: the table of `limits.py`. `models.py` offers it with the others."""

from django.db import models
from django.db.models import Q

from portal.domain.activities.enums import LimitDays, LimitSense, LimitSpan


class BookingLimit(models.Model):
    """How many days, or reservations by day, a child may have, or must have, in an activity (`limits.py`; rule 22).

    `units` are those that it counts, all those of the activity when there is none: the verbs see to it that they are
    of the activity. A floor counts from the first day booked: nobody has to come.
    """

    activity = models.ForeignKey(
        "activities.Activity", verbose_name="activité", on_delete=models.CASCADE, related_name="limits"
    )  # says nothing without its activity
    code = models.SlugField("code", max_length=80)
    sense = models.CharField("sens", max_length=8, choices=LimitSense.choices)
    count = models.PositiveSmallIntegerField("nombre")
    span = models.CharField("période", max_length=7, choices=LimitSpan.choices)
    among = models.CharField("jours comptés", max_length=8, choices=LimitDays.choices, default=LimitDays.ALL)
    units = models.ManyToManyField("activities.Unit", verbose_name="unités", related_name="limits", blank=True)

    class Meta:
        verbose_name = "nombre de jours"
        verbose_name_plural = "nombres de jours"
        constraints = [
            models.UniqueConstraint(
                fields=["activity", "code"],
                name="booking_limit_code_once",
                violation_error_message="Cette activité a déjà une règle de ce code.",
            ),
            models.CheckConstraint(
                condition=Q(count__gte=1)
                & (~Q(span=LimitSpan.WEEK) | Q(count__lte=7))
                & (~Q(span=LimitSpan.MONTH) | Q(count__lte=31))
                & Q(count__lte=366),
                name="booking_limit_count",
                violation_error_message=(
                    "Donnez un nombre d’au moins 1 : 7 jours au plus par semaine, 31 au plus par mois."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(span=LimitSpan.DAY, sense=LimitSense.AT_LEAST),
                name="booking_limit_no_floor_by_day",
                violation_error_message="Un minimum se compte en jours : par semaine, par mois ou par période.",
            ),
            models.CheckConstraint(
                condition=~Q(span=LimitSpan.HOLIDAY)
                | Q(among__in=[LimitDays.HOLIDAYS, LimitDays.SHORT, LimitDays.SUMMER]),
                name="booking_limit_holidays",
                violation_error_message="Une règle par période de vacances compte des jours de vacances.",
            ),
            models.CheckConstraint(
                condition=Q(sense__in=LimitSense.values, span__in=LimitSpan.values, among__in=LimitDays.values),
                name="booking_limit_known_words",
                violation_error_message="Cette règle n’est pas connue.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.activity.short_name}, {self.code}"

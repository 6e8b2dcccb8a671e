"""Lines, their stops and hours; the stop of each enrolled child, and its exceptions."""

from datetime import date
from typing import Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from portal.domain.activities.models import Unit
from portal.domain.enrolments.models import Enrolment
from portal.domain.transport.enums import Release


class BusLine(models.Model):
    """One round of a bus. Its days, deadlines and places are those of its units; dates included, empty is open."""

    code = models.SlugField("code", max_length=80, unique=True)
    name = models.CharField("nom", max_length=100)
    destination = models.CharField("destination", max_length=100)
    notes = models.TextField("à savoir", max_length=600, blank=True, help_text="Une phrase par ligne.")
    order = models.PositiveSmallIntegerField("rang", default=0)
    starts_on = models.DateField("circule à partir du", null=True, blank=True)
    ends_on = models.DateField("circule jusqu’au", null=True, blank=True)

    class Meta:
        verbose_name = "ligne de bus"
        verbose_name_plural = "lignes de bus"
        permissions = [
            ("list_riders", "Peut voir qui monte et descend à chaque arrêt de bus"),
            ("pass_stop_deadline", "Peut changer l’arrêt d’un enfant après le délai"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True) | Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="bus_line_dates_order",
                violation_error_message="Le dernier jour suit le premier.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class LineUnit(models.Model):
    """A unit that a line serves: booking it is taking that bus. One line at most, so its places are the line's."""

    line = models.ForeignKey(
        BusLine, verbose_name="ligne", on_delete=models.CASCADE, related_name="units"
    )  # says nothing without its line
    unit = models.OneToOneField(
        Unit, verbose_name="unité", on_delete=models.CASCADE, related_name="bus_line"
    )  # the same

    class Meta:
        verbose_name = "unité desservie"
        verbose_name_plural = "unités desservies"

    def __str__(self) -> str:
        return f"{self.line}, {self.unit}"


class BusStop(models.Model):
    """A stop of a line. Children get on from `starts_on` to `ends_on`, both included; empty is open.

    A terminus is the centre itself: shown with its hour, chosen by nobody.
    """

    line = models.ForeignKey(
        BusLine, verbose_name="ligne", on_delete=models.CASCADE, related_name="stops"
    )  # refused by the choices of families as soon as there are any
    code = models.SlugField("code", max_length=80)
    name = models.CharField("nom", max_length=100)
    place = models.CharField("où exactement", max_length=200, blank=True)
    order = models.PositiveSmallIntegerField("rang", default=0)
    is_terminus = models.BooleanField("c’est le lieu d’accueil", default=False)
    starts_on = models.DateField("desservi à partir du", null=True, blank=True)
    ends_on = models.DateField("desservi jusqu’au", null=True, blank=True)

    class Meta:
        verbose_name = "arrêt de bus"
        verbose_name_plural = "arrêts de bus"
        constraints = [
            models.UniqueConstraint(
                fields=["line", "code"],
                name="bus_stop_code_once_per_line",
                violation_error_message="Cette ligne a déjà un arrêt de ce code.",
            ),
            # The other side of the foreign keys by which a choice names a stop of its own line (migration 0001).
            models.UniqueConstraint(fields=["id", "line"], name="bus_stop_with_its_line"),
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True) | Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="bus_stop_dates_order",
                violation_error_message="Le dernier jour suit le premier.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class StopTime(models.Model):
    """When the bus is at a stop on a weekday (ISO, 1 is Monday), on the way out and on the way back."""

    stop = models.ForeignKey(
        BusStop, verbose_name="arrêt", on_delete=models.CASCADE, related_name="times"
    )  # a detail of the stop
    weekday = models.PositiveSmallIntegerField("jour", validators=[MinValueValidator(1), MaxValueValidator(7)])
    outward = models.TimeField("aller", null=True, blank=True)
    homeward = models.TimeField("retour", null=True, blank=True)

    class Meta:
        verbose_name = "heure de passage"
        verbose_name_plural = "heures de passage"
        constraints = [
            models.UniqueConstraint(
                fields=["stop", "weekday"],
                name="stop_time_once_per_weekday",
                violation_error_message="Cet arrêt a déjà des heures pour ce jour.",
            ),
            models.CheckConstraint(
                condition=Q(weekday__gte=1, weekday__lte=7),
                name="stop_time_weekday_iso",
                violation_error_message="Un jour de la semaine va de 1 (lundi) à 7 (dimanche).",
            ),
            models.CheckConstraint(
                condition=Q(outward__isnull=False) | Q(homeward__isnull=False),
                name="stop_time_says_something",
                violation_error_message="Donnez l’heure de l’aller, celle du retour, ou les deux.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stop}, {self.weekday}"


class Boarding(models.Model):
    """Where a child gets on and off a line; no stop is not taking the bus that way."""

    enrolment = models.ForeignKey(
        Enrolment, verbose_name="inscription", on_delete=models.CASCADE, related_name="%(class)ss"
    )  # a detail of the enrolment
    line = models.ForeignKey(BusLine, verbose_name="ligne", on_delete=models.PROTECT, related_name="%(class)ss")
    outward = models.ForeignKey(
        BusStop, verbose_name="arrêt de l’aller", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    homeward = models.ForeignKey(
        BusStop, verbose_name="arrêt du retour", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    release = models.CharField("au retour", max_length=9, choices=Release.choices, default=Release.COLLECTED)
    at = models.DateTimeField("choisi le")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="choisi par", on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        abstract = True


class StopChoiceQuerySet(models.QuerySet["StopChoice"]):
    def until(self, day: date) -> Self:
        """Those that may count on that day or before; the last one of an enrolment and a line does."""
        return self.filter(since__lte=day).order_by("enrolment", "line", "since")


class StopChoice(Boarding):
    """The usual stops of a child from `since` on, until the next choice: the earlier ones stay as history."""

    since = models.DateField("à partir du")

    objects = StopChoiceQuerySet.as_manager()

    class Meta:
        verbose_name = "choix d’arrêt"
        verbose_name_plural = "choix d’arrêts"
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "line", "since"], name="stop_choice_once_per_day"),
            models.CheckConstraint(
                condition=Q(outward__isnull=False) | Q(homeward__isnull=False),
                name="stop_choice_takes_the_bus",
                violation_error_message="Choisissez un arrêt à l’aller, au retour, ou les deux.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment}, {self.line}"


class StopException(Boarding):
    """One day that is not as usual: another stop, or one way without the bus."""

    day = models.DateField("jour")

    class Meta:
        verbose_name = "arrêt d’un jour"
        verbose_name_plural = "arrêts d’un jour"
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "line", "day"], name="stop_exception_once_per_day"),
            models.CheckConstraint(
                condition=Q(outward__isnull=False) | Q(homeward__isnull=False),
                name="stop_exception_takes_the_bus",
                violation_error_message="Choisissez un arrêt à l’aller, au retour, ou les deux.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment}, {self.line}, {self.day:%d/%m/%Y}"

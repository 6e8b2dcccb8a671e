"""Démarches of a family and their history."""

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from portal.domain.families.models import Child, Family
from portal.domain.procedures.enums import ProcedureKind, ProcedureState

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from portal.domain.accounts.models import User


class ProcedureQuerySet(models.QuerySet["Procedure"]):
    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """The démarches of this account's families, without those about a child whom the person may not see."""
        return self.filter(
            Q(child=None) | Q(child__in=Child.objects.visible_to(user)),
            family__in=Family.objects.visible_to(user),
        )


class Procedure(models.Model):
    """One request of a family, as its list of démarches shows it.

    `number` is that of its acknowledgement of receipt ("AE-2026-00042"), empty when none was due. `answer_by` is the
    day before which the town said that it answers.
    """

    family = models.ForeignKey(Family, verbose_name="famille", on_delete=models.PROTECT, related_name="procedures")
    child = models.ForeignKey(
        Child,
        verbose_name="enfant",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="procedures",
    )
    kind = models.CharField("nature", max_length=16, choices=ProcedureKind.choices)
    title = models.CharField("intitulé", max_length=250)
    reference = models.CharField("référence", max_length=64, blank=True)
    state = models.CharField("état", max_length=12, choices=ProcedureState.choices)
    opened_at = models.DateTimeField("déposée le")
    subject = models.CharField("objet", max_length=64, blank=True)  # "papers.paper": what it is about, by label
    subject_key = models.CharField("clé de l’objet", max_length=64, blank=True)
    number = models.CharField("numéro d’enregistrement", max_length=16, blank=True)
    answer_by = models.DateField("réponse avant le", null=True, blank=True)

    objects = ProcedureQuerySet.as_manager()

    class Meta:
        verbose_name = "démarche"
        verbose_name_plural = "démarches"
        constraints = [
            models.UniqueConstraint(
                fields=["number"],
                condition=~Q(number=""),
                name="procedure_number_once",
                violation_error_message="Ce numéro d’enregistrement est déjà donné.",
            ),
        ]
        indexes = [
            models.Index(fields=["family", "-opened_at"], name="procedure_family"),
            models.Index(fields=["subject", "subject_key"], name="procedure_subject"),
        ]

    def __str__(self) -> str:
        return self.title


class ProcedureEvent(models.Model):
    """A step of a démarche."""

    procedure = models.ForeignKey(
        Procedure, verbose_name="démarche", on_delete=models.CASCADE, related_name="events"
    )  # its history goes with it
    at = models.DateTimeField("le")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="par", on_delete=models.PROTECT, related_name="+")
    state = models.CharField("état", max_length=12, choices=ProcedureState.choices)
    note = models.CharField("note", max_length=250, blank=True)

    class Meta:
        verbose_name = "étape d’une démarche"
        verbose_name_plural = "étapes des démarches"

    def __str__(self) -> str:
        return f"{self.procedure}, {self.get_state_display()}"


class ProcedureCounter(models.Model):
    """The last number of acknowledgement given in a year."""

    year = models.PositiveSmallIntegerField("année", primary_key=True)
    last = models.PositiveIntegerField("dernier numéro", default=0)

    class Meta:
        verbose_name = "compteur d’accusés d’enregistrement"
        verbose_name_plural = "compteurs d’accusés d’enregistrement"

    def __str__(self) -> str:
        return f"{self.year}, {self.last}"


class ProcedureSetting(models.Model):
    """What the town does with a kind of démarches. Without a row: an acknowledgement, no promised delay."""

    kind = models.CharField("nature", max_length=16, choices=ProcedureKind.choices, unique=True)
    acknowledges = models.BooleanField("envoie un accusé d’enregistrement", default=True)
    answer_days = models.PositiveSmallIntegerField(
        "répond en tant de jours", null=True, blank=True, validators=[MinValueValidator(1)]
    )

    class Meta:
        verbose_name = "réglage d’une nature de démarches"
        verbose_name_plural = "réglages des démarches"
        constraints = [
            models.CheckConstraint(
                condition=Q(answer_days=None) | Q(answer_days__gte=1),
                name="procedure_setting_answer_days",
                violation_error_message="Le délai de réponse est d’un jour au moins.",
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()

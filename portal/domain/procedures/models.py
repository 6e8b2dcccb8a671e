"""Démarches of a family and their history."""

from django.conf import settings
from django.db import models

from portal.domain.families.models import Child, Family
from portal.domain.procedures.enums import ProcedureKind, ProcedureState


class Procedure(models.Model):
    """One request of a family, as its list of démarches shows it."""

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

    class Meta:
        verbose_name = "démarche"
        verbose_name_plural = "démarches"
        indexes = [models.Index(fields=["family", "-opened_at"], name="procedure_family")]

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

"""Runs of the checks, and what they found, from the day it was first seen to the day it is gone."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from portal.domain.activities.models import Unit
from portal.domain.families.models import Child, Family
from portal.domain.reconciliation.enums import Trigger

MOST_WORDS = 300


class Run(models.Model):
    """One run of every check. `results` says, by code of check: `found` in all, `new`, `seconds`, and `failed` when
    the check itself could not be done.
    """

    at = models.DateTimeField("le")
    seconds = models.DecimalField("durée en secondes", max_digits=8, decimal_places=2)
    trigger = models.CharField("origine", max_length=7, choices=Trigger.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="lancée par", on_delete=models.PROTECT, related_name="+"
    )
    results = models.JSONField("résultats", default=dict)

    class Meta:
        verbose_name = "vérification"
        verbose_name_plural = "vérifications"
        default_permissions = ()
        indexes = [models.Index(fields=["-at"], name="reconciliation_run_at")]

    def __str__(self) -> str:
        return f"{self.at:%d/%m/%Y %H:%M}"


class FindingQuerySet(models.QuerySet["Finding"]):
    def live(self) -> Self:
        """Those that the last run still saw."""
        return self.filter(gone_at=None)

    def to_treat(self) -> Self:
        """Those that nobody has set aside."""
        return self.live().filter(set_aside_at=None)


class Finding(models.Model):
    """Something that is not as it should be. `key` names it within its check, from one run to the next.

    `sentence` names no person. `digest` is of what was found: when it changes, a finding that was set aside comes
    back. Once gone it stays as history; found again, it is a new one. `subject` and `subject_key` name the object, as
    the journal does.
    """

    check_code = models.CharField("contrôle", max_length=40)
    key = models.CharField("clé", max_length=80)
    digest = models.CharField("empreinte", max_length=64)
    sentence = models.CharField("constat", max_length=500)
    subject = models.CharField("objet", max_length=64, blank=True)
    subject_key = models.CharField("clé de l’objet", max_length=64, blank=True)
    family = models.ForeignKey(
        Family, verbose_name="famille", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )  # found again tonight if it is still true
    child = models.ForeignKey(
        Child, verbose_name="enfant", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )  # the same
    unit = models.ForeignKey(
        Unit, verbose_name="unité", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )  # the same
    day = models.DateField("jour", null=True, blank=True)
    first_seen_at = models.DateTimeField("vu la première fois le")
    last_seen_at = models.DateTimeField("vu la dernière fois le")
    gone_at = models.DateTimeField("disparu le", null=True, blank=True)
    set_aside_at = models.DateTimeField("mis de côté le", null=True, blank=True)
    set_aside_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="mis de côté par",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    reason = models.CharField("motif de la mise de côté", max_length=MOST_WORDS, blank=True)

    objects = FindingQuerySet.as_manager()

    class Meta:
        verbose_name = "constat"
        verbose_name_plural = "constats"
        default_permissions = ()
        permissions = [("reconcile", "Peut lire le rapprochement, mettre un constat de côté, lancer une réparation")]
        constraints = [
            models.UniqueConstraint(
                fields=["check_code", "key"],
                condition=Q(gone_at=None),
                name="finding_once_while_it_lasts",
                violation_error_message="Ce constat est déjà inscrit.",
            ),
            models.CheckConstraint(
                condition=Q(set_aside_at=None, set_aside_by=None, reason="")
                | (Q(set_aside_at__isnull=False, set_aside_by__isnull=False) & ~Q(reason="")),
                name="finding_set_aside_whole",
                violation_error_message="Un constat mis de côté porte sa date, son auteur et son motif.",
            ),
        ]
        indexes = [
            models.Index(fields=["gone_at"], condition=Q(gone_at__isnull=False), name="finding_gone"),
            models.Index(fields=["check_code", "day"], condition=Q(gone_at=None), name="finding_live"),
        ]

    def __str__(self) -> str:
        return self.sentence

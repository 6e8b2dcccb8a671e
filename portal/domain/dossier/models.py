"""The yearly update of a dossier, its certification, and what a new account has looked at."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from portal.domain.dossier.enums import Branch, MissingEffect, YearlyState
from portal.domain.families.models import Family


class RequirementEffect(models.Model):
    """What the lack of a kind of information does in this town: informs, holds requests, blocks bookings (guide 000).

    Health sheets and supporting documents say it themselves, sheet by sheet and type by type.
    """

    source = models.SlugField("information", unique=True)
    effect = models.CharField("tant qu’elle manque", max_length=8, choices=MissingEffect.choices)

    class Meta:
        verbose_name = "effet d’une information manquante"
        verbose_name_plural = "effets des informations manquantes"

    def __str__(self) -> str:
        return f"{self.source}, {self.get_effect_display()}"


class YearlySettings(models.Model):
    """How the town renews dossiers for one school year (2026 means 2026/2027).

    `tacit_on`: the day from which ordinary data that nobody corrected are taken as right; never health data, never
    the terms of use (rule 45). `gates_enrolments`: enrolment requests wait for the validation (guide 002).
    """

    school_year = models.PositiveSmallIntegerField("année scolaire", unique=True)
    opens_on = models.DateField("ouverte du")
    closes_on = models.DateField("au")
    gates_enrolments = models.BooleanField("les inscriptions attendent la validation", default=False)
    tacit_on = models.DateField("sans réponse, les données valent accord le", null=True, blank=True)

    class Meta:
        verbose_name = "réglage de l’actualisation"
        verbose_name_plural = "réglages de l’actualisation"
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_on__gte=models.F("opens_on")),
                name="yearly_window_order",
                violation_error_message="L’actualisation se ferme après s’être ouverte.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.school_year}/{self.school_year + 1}"


class Certification(models.Model):
    """« Je certifie exactes les informations de mon dossier »: who, when, under which text, and of what.

    `items` lists the rubrics with a digest of what they held, never the values. A tacit one says from which day it
    counts and leaves health and terms out. It never changes.
    """

    family = models.ForeignKey(
        Family, verbose_name="famille", on_delete=models.PROTECT, related_name="certifications"
    )  # a proof of what was declared
    school_year = models.PositiveSmallIntegerField("année scolaire")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="par", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("le")
    shown_on = models.DateField("date affichée")
    effective_on = models.DateField("vaut à partir du")
    valid_until = models.DateField("valable jusqu’au")
    text_version = models.CharField("version du texte", max_length=20)
    tacit = models.BooleanField("accord tacite", default=False)
    items = models.JSONField("rubriques certifiées", default=list)

    class Meta:
        verbose_name = "certification du dossier"
        verbose_name_plural = "certifications des dossiers"
        constraints = [
            models.UniqueConstraint(
                fields=["family", "school_year"],
                condition=Q(tacit=True),
                name="certification_one_tacit_a_year",
                violation_error_message="L’accord tacite de cette année est déjà noté.",
            ),
        ]
        indexes = [models.Index(fields=["family", "school_year"], name="certification_family")]

    def __str__(self) -> str:
        return f"{self.family}, {self.school_year}"


class YearlyUpdate(models.Model):
    """The renewal of a dossier for one school year. One a year and family."""

    family = models.ForeignKey(
        Family, verbose_name="famille", on_delete=models.PROTECT, related_name="yearly_updates"
    )  # a request with its answer
    school_year = models.PositiveSmallIntegerField("année scolaire")
    branch = models.CharField("situation", max_length=12, choices=Branch.choices)
    state = models.CharField("état", max_length=8, choices=YearlyState.choices, default=YearlyState.DRAFT)
    answers = models.JSONField("réponses par rubrique", default=dict)
    started_at = models.DateTimeField("commencée le")
    sent_at = models.DateTimeField("envoyée le", null=True, blank=True)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="envoyée par",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
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
    certification = models.ForeignKey(
        Certification, verbose_name="certification", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = "actualisation du dossier"
        verbose_name_plural = "actualisations des dossiers"
        permissions = [("decide_yearlyupdate", "Peut valider les actualisations de dossiers")]
        constraints = [
            models.UniqueConstraint(
                fields=["family", "school_year"],
                name="yearly_update_once",
                violation_error_message="Ce dossier a déjà son actualisation pour cette année.",
            ),
            models.CheckConstraint(
                condition=Q(state=YearlyState.DRAFT) | Q(sent_at__isnull=False, certification__isnull=False),
                name="yearly_update_sent_is_certified",
                violation_error_message="Une actualisation envoyée est certifiée.",
            ),
        ]
        indexes = [models.Index(fields=["state", "sent_at"], name="yearly_update_queue")]

    def __str__(self) -> str:
        return f"{self.family}, {self.school_year}"


class Checklist(models.Model):
    """What a new account has looked at in the dossier, and whether it put the list away (guide 004)."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, verbose_name="compte", on_delete=models.CASCADE, related_name="dossier_checklist"
    )  # a memory of one person
    seen = models.JSONField("vérifié", default=list)
    closed_at = models.DateTimeField("rangée le", null=True, blank=True)

    class Meta:
        verbose_name = "premières vérifications"
        verbose_name_plural = "premières vérifications"

    def __str__(self) -> str:
        return f"{self.user}"

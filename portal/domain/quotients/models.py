"""Quotients of families, their proofs, and how the town reads them."""

import uuid
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Func, Q, Value

from portal.domain.families.models import Family
from portal.domain.files.models import StoredFile
from portal.domain.kernel.clock import paris_date
from portal.domain.quotients.enums import (
    OPEN_STATES,
    Authority,
    FetchMode,
    FetchOutcome,
    QuotientSource,
    QuotientState,
)
from portal.domain.quotients.formula import CAF, Formula, from_data
from portal.domain.quotients.rules import Validity

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from portal.domain.accounts.models import User

#: A quotient above is a slip of the hand (a yearly income).
HIGHEST = Decimal("99999.99")


class QuotientPolicy(models.Model):
    """How the town takes quotients: one row, loaded with its profile; without row, the defaults."""

    only = models.BooleanField("unique", default=True, unique=True, editable=False)
    valid_month = models.PositiveSmallIntegerField("valable jusqu’au : mois", null=True, blank=True, default=8)
    valid_day = models.PositiveSmallIntegerField("valable jusqu’au : jour", null=True, blank=True, default=31)
    valid_months = models.PositiveSmallIntegerField("valable : nombre de mois", null=True, blank=True)
    reminder_days = ArrayField(
        models.PositiveSmallIntegerField(), verbose_name="rappels, en jours avant la fin", default=list, blank=True
    )
    proof_required = models.BooleanField("justificatif obligatoire", default=True)
    api_enabled = models.BooleanField("API Particulier proposée aux familles", default=False)
    proof_hint = models.CharField("justificatif attendu", max_length=200, blank=True)

    class Meta:
        verbose_name = "règle des quotients"
        verbose_name_plural = "règles des quotients"
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_months__isnull=False, valid_months__gt=0, valid_month=None, valid_day=None)
                | Q(
                    valid_months=None,
                    valid_month__isnull=False,
                    valid_month__range=(1, 12),
                    valid_day__isnull=False,
                    valid_day__range=(1, 31),
                ),
                name="quotient_policy_one_validity",
                violation_error_message="La validité est un jour de l’année, ou un nombre de mois.",
            ),
            models.CheckConstraint(
                condition=Q(only=True), name="quotient_policy_only", violation_error_message="Une seule règle existe."
            ),
        ]

    def __str__(self) -> str:
        return "règle des quotients"

    @property
    def validity(self) -> Validity:
        return Validity(month=self.valid_month, day=self.valid_day, months=self.valid_months)


class QuotientDefinition(models.Model):
    """A kind of quotient that the town takes: the CAF's, the MSA's, or its own with its formula as data."""

    code = models.SlugField("code", unique=True)
    name = models.CharField("nom", max_length=80)
    authority = models.CharField("organisme", max_length=4, choices=Authority.choices)
    help = models.CharField("explication", max_length=300, blank=True)
    formula = models.JSONField("formule", null=True, blank=True)
    order = models.PositiveSmallIntegerField("rang", default=0)
    is_offered = models.BooleanField("proposé aux familles", default=True)

    class Meta:
        verbose_name = "sorte de quotient"
        verbose_name_plural = "sortes de quotient"
        constraints = [
            models.CheckConstraint(
                condition=~Q(authority=Authority.TOWN) | Q(formula__isnull=False),
                name="quotient_town_has_formula",
                violation_error_message="Le quotient de la commune a sa formule.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def computes(self) -> Formula:
        """The formula of the town, or the CAF's as a help."""
        return from_data(self.formula) if self.formula else CAF

    @property
    def is_computed(self) -> bool:
        """Whether the family gives its resources instead of a value."""
        return self.authority == Authority.TOWN


class QuotientQuerySet(models.QuerySet["Quotient"]):
    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """The quotients of the families in which this account's person may look."""
        return self.filter(family__in=Family.objects.visible_to(user).values("pk"))

    def open(self) -> Self:
        return self.filter(state__in=OPEN_STATES)

    def accepted(self) -> Self:
        return self.filter(state=QuotientState.ACCEPTED)


def _between(first: str, last: str, function: str) -> Func:
    return Func(F(first), F(last), Value("[]"), function=function)


class Quotient(models.Model):
    """One value of one family, from its declaration to its end.

    `declared_value` is what the family wrote, `value` what holds: an agent may correct it. Days are both included.
    Accepted values of a family never overlap: PostgreSQL refuses.
    """

    key = models.UUIDField("clé", default=uuid.uuid4, unique=True, editable=False)
    family = models.ForeignKey(
        Family, verbose_name="famille", on_delete=models.PROTECT, related_name="quotients"
    )  # what an invoice was computed with
    definition = models.ForeignKey(
        QuotientDefinition, verbose_name="sorte", on_delete=models.PROTECT, related_name="quotients"
    )
    value = models.DecimalField("valeur", max_digits=7, decimal_places=2, validators=[MinValueValidator(0)])
    declared_value = models.DecimalField("valeur déclarée", max_digits=7, decimal_places=2, null=True, blank=True)
    details = models.JSONField("éléments du calcul", default=dict, blank=True)
    month = models.DateField("mois de référence")
    source = models.CharField("origine", max_length=8, choices=QuotientSource.choices)
    state = models.CharField("état", max_length=8, choices=QuotientState.choices)
    reason = models.CharField("motif", max_length=300, blank=True)
    valid_from = models.DateField("valable à partir du", null=True, blank=True)
    valid_until = models.DateField("valable jusqu’au", null=True, blank=True)
    sent_at = models.DateTimeField("reçu le")
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="envoyé par", on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField("décidé le", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="décidé par",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )

    objects = QuotientQuerySet.as_manager()

    class Meta:
        verbose_name = "quotient familial"
        verbose_name_plural = "quotients familiaux"
        permissions = [("decide_quotient", "Peut vérifier et enregistrer les quotients familiaux")]
        constraints = [
            models.CheckConstraint(
                condition=Q(value__gte=0) & Q(value__lte=HIGHEST),
                name="quotient_value_range",
                violation_error_message="Un quotient familial est un nombre positif ou nul.",
            ),
            models.CheckConstraint(
                condition=~Q(state=QuotientState.ACCEPTED)
                | Q(
                    valid_from__isnull=False,
                    valid_until__isnull=False,  # a comparison with nothing is no refusal for PostgreSQL
                    valid_until__gte=F("valid_from"),
                    decided_at__isnull=False,
                ),
                name="quotient_accepted_has_days",
                violation_error_message="Un quotient vérifié a un premier et un dernier jour.",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[QuotientState.REFUSED, QuotientState.ASKED]) | ~Q(reason=""),
                name="quotient_no_has_reason",
                violation_error_message="Un refus ou une demande de complément a son motif.",
            ),
            models.CheckConstraint(
                condition=Q(month__day=1),
                name="quotient_month_first_day",
                violation_error_message="Le mois de référence commence le premier.",
            ),
            models.UniqueConstraint(
                fields=["family"],
                condition=Q(state__in=OPEN_STATES),
                name="quotient_one_open",
                violation_error_message="Une déclaration attend déjà sa réponse.",
            ),
            # Ranges of a single family: an equality that needs no extension of PostgreSQL.
            ExclusionConstraint(
                name="quotient_no_overlap",
                expressions=[
                    (_between("family_id", "family_id", "int8range"), RangeOperators.OVERLAPS),
                    (_between("valid_from", "valid_until", "daterange"), RangeOperators.OVERLAPS),
                ],
                condition=Q(state=QuotientState.ACCEPTED),
                violation_error_message="Un autre quotient est déjà valable à ces dates.",
            ),
        ]
        indexes = [
            models.Index(fields=["sent_at"], condition=Q(state=QuotientState.SENT), name="quotient_waiting"),
            models.Index(fields=["valid_until"], condition=Q(state=QuotientState.ACCEPTED), name="quotient_ending"),
        ]

    def __str__(self) -> str:
        return f"quotient familial, {self.family}"

    @property
    def decided_on(self) -> date | None:
        """The day of the decision, in Paris."""
        return paris_date(self.decided_at) if self.decided_at is not None else None

    def covers(self, day: date) -> bool:
        return (
            self.state == QuotientState.ACCEPTED
            and self.valid_from is not None
            and self.valid_until is not None
            and self.valid_from <= day <= self.valid_until
        )


class QuotientProof(models.Model):
    """A file that goes with a declaration: an attestation, a tax notice."""

    quotient = models.ForeignKey(
        Quotient, verbose_name="quotient", on_delete=models.CASCADE, related_name="proofs"
    )  # nothing without it
    file = models.OneToOneField(
        StoredFile, verbose_name="fichier", on_delete=models.PROTECT, related_name="+"
    )  # erased by the verb that erases the quotient

    class Meta:
        verbose_name = "justificatif de quotient"
        verbose_name_plural = "justificatifs de quotient"

    def __str__(self) -> str:
        return str(self.file)


class QuotientReminder(models.Model):
    """A reminder told once: so many days before the end."""

    quotient = models.ForeignKey(
        Quotient, verbose_name="quotient", on_delete=models.CASCADE, related_name="reminders"
    )  # nothing without it
    days = models.PositiveSmallIntegerField("jours avant la fin")
    told_at = models.DateTimeField("dit le")

    class Meta:
        verbose_name = "rappel de fin de validité"
        verbose_name_plural = "rappels de fin de validité"
        constraints = [models.UniqueConstraint(fields=["quotient", "days"], name="quotient_reminder_once")]

    def __str__(self) -> str:
        return f"{self.quotient}, {self.days} jours"


class QuotientFetch(models.Model):
    """One question to API Particulier: who agreed to it, when, and how it ended. The identity given is not kept."""

    family = models.ForeignKey(
        Family, verbose_name="famille", on_delete=models.PROTECT, related_name="quotient_fetches"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="avec l’accord de", on_delete=models.PROTECT, related_name="+"
    )  # proof of the agreement
    at = models.DateTimeField("le")
    mode = models.CharField("mode", max_length=8, choices=FetchMode.choices)
    outcome = models.CharField("réponse", max_length=10, choices=FetchOutcome.choices)
    quotient = models.ForeignKey(
        Quotient, verbose_name="quotient", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = "interrogation de l’API Particulier"
        verbose_name_plural = "interrogations de l’API Particulier"
        indexes = [models.Index(fields=["family", "at"], name="quotient_fetch_family")]

    def __str__(self) -> str:
        return f"{self.family}, {self.get_outcome_display()}"

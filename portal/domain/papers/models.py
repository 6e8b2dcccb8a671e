"""What the town asks for, and what families sent."""

import uuid
from datetime import date
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from portal.domain.families.enums import SchoolLevel
from portal.domain.families.models import Child, Family
from portal.domain.families.requirements import Effect
from portal.domain.files.models import StoredFile
from portal.domain.papers.enums import (
    EFFECTS,
    OPEN_STATES,
    Channel,
    PaperForm,
    PaperScope,
    PaperState,
    Validity,
)
from portal.domain.papers.rules import PaperRule
from portal.domain.papers.wording import title_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from portal.domain.accounts.models import User


class PaperType(models.Model):
    """A kind of paper: of whom it is asked, what its lack does, how long it holds.

    Every criterion left empty asks nothing: `activities` are codes of activities or of their types, `branches` those
    of the yearly update. Ages are whole years on the day of the question, both included.
    """

    code = models.SlugField("code", unique=True)
    name = models.CharField("nom", max_length=100)
    help = models.CharField("explication pour les familles", max_length=300, blank=True)
    form = models.CharField("forme", max_length=9, choices=PaperForm.choices, default=PaperForm.FILE)
    scope = models.CharField("pour", max_length=6, choices=PaperScope.choices)
    is_required = models.BooleanField("obligatoire", default=True)
    effect = models.CharField("tant qu’elle manque", max_length=7, choices=EFFECTS, default=Effect.INFORMS.value)
    activities = ArrayField(models.SlugField(), verbose_name="activités", default=list, blank=True)
    levels = ArrayField(
        models.CharField(max_length=4, choices=SchoolLevel.choices), verbose_name="niveaux", default=list, blank=True
    )
    branches = ArrayField(
        models.CharField(max_length=12), verbose_name="situations de l’actualisation", default=list, blank=True
    )
    min_age = models.PositiveSmallIntegerField("âge minimal", null=True, blank=True)
    max_age = models.PositiveSmallIntegerField("âge maximal", null=True, blank=True)
    validity = models.CharField("validité", max_length=7, choices=Validity.choices, default=Validity.DAY_OF_YEAR)
    valid_months = models.PositiveSmallIntegerField("nombre de mois", null=True, blank=True)
    valid_month = models.PositiveSmallIntegerField("mois de fin", null=True, blank=True)
    valid_day = models.PositiveSmallIntegerField("jour de fin", null=True, blank=True)
    model_path = models.CharField("modèle ou texte, adresse dans le portail", max_length=200, blank=True)
    text_version = models.CharField("version du texte à accepter", max_length=60, blank=True)
    reasons = ArrayField(models.CharField(max_length=120), verbose_name="motifs de refus", default=list, blank=True)
    order = models.PositiveSmallIntegerField("rang", default=0)
    is_offered = models.BooleanField("demandée", default=True)

    class Meta:
        verbose_name = "type de pièce"
        verbose_name_plural = "types de pièce"
        constraints = [
            models.CheckConstraint(
                condition=Q(validity=Validity.MONTHS, valid_months__isnull=False, valid_months__gt=0)
                | Q(
                    validity=Validity.DAY_OF_YEAR,
                    valid_month__isnull=False,
                    valid_month__range=(1, 12),
                    valid_day__isnull=False,
                    valid_day__range=(1, 31),
                )
                | Q(validity__in=[Validity.WRITTEN, Validity.FOREVER]),
                name="paper_type_validity_is_said",
                violation_error_message="La validité a son nombre de mois, ou son jour de l’année.",
            ),
            models.CheckConstraint(
                condition=Q(min_age=None) | Q(max_age=None) | Q(max_age__gte=models.F("min_age")),
                name="paper_type_ages_in_order",
                violation_error_message="L’âge maximal n’est pas inférieur à l’âge minimal.",
            ),
            models.CheckConstraint(
                condition=~Q(form=PaperForm.AGREEMENT) | ~Q(text_version=""),
                name="paper_type_agreement_has_version",
                violation_error_message="Un texte à accepter a sa version.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def rule(self) -> PaperRule:
        """What decides whom it is asked of, without the database."""
        return PaperRule(
            code=self.code,
            per_child=self.scope == PaperScope.CHILD,
            activities=frozenset(self.activities),
            levels=frozenset(self.levels),
            branches=frozenset(self.branches),
            min_age=self.min_age,
            max_age=self.max_age,
        )


class PaperQuerySet(models.QuerySet["Paper"]):
    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Papers of the families, and of the children, that this account's person may see.

        A child's paper sent by one household counts for the other, and is seen there.
        """
        return self.filter(
            Q(child=None, family__in=Family.objects.visible_to(user).values("pk"))
            | Q(child__in=Child.objects.visible_to(user).values("pk"))
        )

    def waiting(self) -> Self:
        return self.filter(state=PaperState.SENT)


class Paper(models.Model):
    """One paper of one family, or of one of its children. `version` grows with every change of what an agent sees."""

    key = models.UUIDField("clé", default=uuid.uuid4, unique=True, editable=False)
    type = models.ForeignKey(PaperType, verbose_name="type", on_delete=models.PROTECT, related_name="papers")
    family = models.ForeignKey(
        Family, verbose_name="famille", on_delete=models.PROTECT, related_name="papers"
    )  # the proof of what was given
    child = models.ForeignKey(
        Child, verbose_name="enfant", on_delete=models.PROTECT, null=True, blank=True, related_name="papers"
    )
    state = models.CharField("état", max_length=9, choices=PaperState.choices)
    channel = models.CharField("venue", max_length=7, choices=Channel.choices, default=Channel.PORTAL)
    version = models.PositiveIntegerField("version", default=1)
    text_version = models.CharField("version du texte accepté", max_length=60, blank=True)
    reason = models.CharField("motif", max_length=300, blank=True)
    note = models.CharField("remarque de la famille", max_length=300, blank=True)
    valid_until = models.DateField("valable jusqu’au", null=True, blank=True)
    prepared_at = models.DateTimeField("préparée le")
    sent_at = models.DateTimeField("transmise le", null=True, blank=True)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="envoyée par", on_delete=models.PROTECT, related_name="+"
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
    reminded_days = ArrayField(
        models.PositiveSmallIntegerField(), verbose_name="rappels faits", default=list, blank=True
    )

    objects = PaperQuerySet.as_manager()

    class Meta:
        verbose_name = "pièce"
        verbose_name_plural = "pièces"
        permissions = [("decide_paper", "Peut vérifier et enregistrer les pièces")]
        constraints = [
            models.UniqueConstraint(
                fields=["type", "family"],
                condition=Q(state__in=OPEN_STATES, child=None),
                name="paper_one_open_per_family",
                violation_error_message="Cette pièce est déjà en préparation ou transmise.",
            ),
            models.UniqueConstraint(
                fields=["type", "child"],
                condition=Q(state__in=OPEN_STATES, child__isnull=False),
                name="paper_one_open_per_child",
                violation_error_message="Cette pièce est déjà en préparation ou transmise pour cet enfant.",
            ),
            models.CheckConstraint(
                condition=Q(state=PaperState.DRAFT, sent_at=None)
                | Q(state=PaperState.WITHDRAWN)
                | (~Q(state=PaperState.DRAFT) & Q(sent_at__isnull=False)),
                name="paper_sent_has_a_date",
                violation_error_message="Une pièce transmise porte sa date.",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[PaperState.ACCEPTED, PaperState.REFUSED, PaperState.ASKED])
                | Q(decided_at__isnull=False),
                name="paper_decided_has_a_date",
                violation_error_message="Une décision porte sa date.",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[PaperState.REFUSED, PaperState.ASKED]) | ~Q(reason=""),
                name="paper_no_has_reason",
                violation_error_message="Un refus ou une demande de complément a son motif.",
            ),
        ]
        indexes = [
            models.Index(fields=["family", "type"], name="paper_family"),
            models.Index(fields=["child", "type"], name="paper_child"),
            models.Index(fields=["sent_at"], condition=Q(state=PaperState.SENT), name="paper_waiting"),
            models.Index(fields=["valid_until"], condition=Q(state=PaperState.ACCEPTED), name="paper_ending"),
        ]

    def __str__(self) -> str:
        return f"{self.type}, {self.child or self.family}"

    @property
    def title(self) -> str:
        """“Assurance scolaire de Hugo”, “Justificatif de domicile”."""
        return title_of(self.type.name, self.child.first_name if self.child else "")

    def holds_on(self, day: date) -> bool:
        """Whether it was accepted and has not ended."""
        return self.state == PaperState.ACCEPTED and (self.valid_until is None or day <= self.valid_until)


class PaperFile(models.Model):
    """A file of a paper, in the order in which it is read."""

    paper = models.ForeignKey(
        Paper, verbose_name="pièce", on_delete=models.CASCADE, related_name="files"
    )  # nothing without it
    file = models.OneToOneField(
        StoredFile, verbose_name="fichier", on_delete=models.PROTECT, related_name="+"
    )  # erased by the verb that erases the paper
    order = models.PositiveSmallIntegerField("rang", default=0)

    class Meta:
        verbose_name = "fichier d’une pièce"
        verbose_name_plural = "fichiers des pièces"

    def __str__(self) -> str:
        return str(self.file)

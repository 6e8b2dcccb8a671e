"""Sheets, vaccines, documents and the log of their readings."""

from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from portal.domain.families.models import Child, Family
from portal.domain.files.models import StoredFile
from portal.domain.health.enums import (
    DocumentKind,
    DocumentState,
    MissingEffect,
    ReadingScreen,
)
from portal.domain.health.rules import SheetContent
from portal.domain.health.sealing import SealedJSONField

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from portal.domain.accounts.models import User


class CareQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """For the parents who may edit the child's dossier, through any household that may; a relative may not."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(
            child__in=Child.objects.filter(
                links__can_edit=True,
                links__family__members__adult__user=user,
                links__family__members__can_edit=True,
                links__family__archived_at=None,
            )
        )


class HealthSheet(models.Model):
    """The sheet of a child for one school year: what is certified, and what is being written."""

    child = models.ForeignKey(
        Child, verbose_name="enfant", on_delete=models.CASCADE, related_name="health_sheets"
    )  # nothing of it outlives the child
    school_year = models.PositiveSmallIntegerField("année scolaire")
    content = SealedJSONField("réponses certifiées", blank=True)
    draft = SealedJSONField("réponses en cours", blank=True)
    draft_at = models.DateTimeField("commencée le", null=True, blank=True)
    certified_at = models.DateTimeField("certifiée le", null=True, blank=True)
    certified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="certifiée par",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )  # who certified is part of the proof
    text_version = models.CharField("version du texte certifié", max_length=16, blank=True)
    unchanged = models.BooleanField("confirmée sans changement", default=False)

    objects = CareQuerySet.as_manager()

    class Meta:
        verbose_name = "fiche sanitaire"
        verbose_name_plural = "fiches sanitaires"
        permissions = [("read_healthsheet", "Peut lire les fiches sanitaires (chaque lecture est notée)")]
        constraints = [
            models.UniqueConstraint(
                fields=["child", "school_year"],
                name="health_sheet_once_a_year",
                violation_error_message="Cet enfant a déjà une fiche sanitaire pour cette année.",
            ),
            models.CheckConstraint(
                condition=Q(certified_at=None, certified_by=None, text_version="", content="")
                | Q(certified_at__isnull=False, certified_by__isnull=False) & ~Q(text_version="") & ~Q(content=""),
                name="health_sheet_certified_whole",
                violation_error_message="Une fiche certifiée dit quand, par qui et sur quel texte.",
            ),
            models.CheckConstraint(
                condition=Q(draft="", draft_at=None) | ~Q(draft="") & Q(draft_at__isnull=False),
                name="health_sheet_draft_dated",
                violation_error_message="Un brouillon de fiche a une date.",
            ),
        ]

    def __str__(self) -> str:
        return f"Fiche sanitaire {self.school_year}/{self.school_year + 1}"

    @property
    def answers(self) -> SheetContent:
        return SheetContent.from_data(self.content or {})

    @property
    def draft_answers(self) -> SheetContent:
        return SheetContent.from_data(self.draft or {})


class VaccineBooklet(models.Model):
    """The vaccines of a child, sealed: dates by vaccine. `provisional_from` starts the three months (R3111-8)."""

    child = models.OneToOneField(
        Child, verbose_name="enfant", on_delete=models.CASCADE, related_name="vaccine_booklet"
    )  # nothing of it outlives the child
    doses = SealedJSONField("vaccins", blank=True)
    provisional_from = models.DateField("admission provisoire depuis le", null=True, blank=True)
    recorded_at = models.DateTimeField("déclarés le")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="déclarés par", on_delete=models.PROTECT, related_name="+"
    )  # who declared is part of the proof

    objects = CareQuerySet.as_manager()

    class Meta:
        verbose_name = "carnet de vaccination"
        verbose_name_plural = "carnets de vaccination"

    def __str__(self) -> str:
        return f"Vaccins, enfant {self.child_id}"


class HealthDocument(models.Model):
    """A document about a child's health, sealed on the disk. One of each kind at a time; the others are removed."""

    child = models.ForeignKey(Child, verbose_name="enfant", on_delete=models.PROTECT, related_name="health_documents")
    family = models.ForeignKey(
        Family, verbose_name="envoyé par le foyer", on_delete=models.PROTECT, related_name="+"
    )  # whom to answer
    kind = models.CharField("nature", max_length=16, choices=DocumentKind.choices)
    state = models.CharField("état", max_length=8, choices=DocumentState.choices, default=DocumentState.SENT)
    school_year = models.PositiveSmallIntegerField("année scolaire")
    valid_from = models.DateField("valable du", null=True, blank=True)
    valid_until = models.DateField("valable jusqu’au", null=True, blank=True)
    meal_brought = models.BooleanField("le repas est apporté", default=False)
    reason = SealedJSONField("motif du refus", blank=True)
    sent_at = models.DateTimeField("envoyé le")
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="envoyé par", on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField("répondu le", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="répondu par",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    removed_at = models.DateTimeField("retiré le", null=True, blank=True)

    objects = CareQuerySet.as_manager()

    class Meta:
        verbose_name = "document de santé"
        verbose_name_plural = "documents de santé"
        indexes = [models.Index(fields=["state", "sent_at"], name="health_document_queue")]
        constraints = [
            models.UniqueConstraint(
                fields=["child", "kind"],
                condition=Q(removed_at=None),
                name="health_document_one_current",
                violation_error_message="Un document de cette nature est déjà là : il est remplacé, pas doublé.",
            ),
            models.CheckConstraint(
                condition=Q(valid_from=None) | Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
                name="health_document_validity_order",
                violation_error_message="La fin de validité suit son début.",
            ),
            models.CheckConstraint(
                condition=Q(state=DocumentState.SENT, decided_at=None, decided_by=None)
                | ~Q(state=DocumentState.SENT) & Q(decided_at__isnull=False, decided_by__isnull=False),
                name="health_document_decided_whole",
                violation_error_message="Une réponse dit quand et par qui.",
            ),
        ]

    def __str__(self) -> str:
        return f"Document de santé {self.pk}"


class HealthFile(models.Model):
    """A page of a document, in order."""

    document = models.ForeignKey(
        HealthDocument, verbose_name="document", on_delete=models.CASCADE, related_name="pages"
    )  # a part of it
    file = models.OneToOneField(
        StoredFile, verbose_name="fichier", on_delete=models.PROTECT, related_name="+"
    )  # erased with its content by `erase_documents` only
    order = models.PositiveSmallIntegerField("rang")

    class Meta:
        verbose_name = "page d’un document de santé"
        verbose_name_plural = "pages des documents de santé"
        constraints = [models.UniqueConstraint(fields=["document", "order"], name="health_file_order_once")]

    def __str__(self) -> str:
        return f"Page {self.order}"


class HealthReading(models.Model):
    """One reading of a sheet or of a document by an agent: who, when, what, from which screen."""

    child = models.ForeignKey(
        Child, verbose_name="enfant", on_delete=models.CASCADE, related_name="health_readings"
    )  # nothing of it outlives the child
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="agent", on_delete=models.PROTECT, related_name="+"
    )  # who read is the whole point
    at = models.DateTimeField("lu le")
    document_kind = models.CharField("document", max_length=16, choices=DocumentKind.choices, blank=True)
    screen = models.CharField("écran", max_length=8, choices=ReadingScreen.choices)

    objects = CareQuerySet.as_manager()

    class Meta:
        verbose_name = "lecture d’une fiche sanitaire"
        verbose_name_plural = "lectures des fiches sanitaires"
        indexes = [models.Index(fields=["child", "-at"], name="health_reading_child")]

    def __str__(self) -> str:
        return f"Lecture {self.pk}"

    @property
    def what(self) -> str:
        """“la fiche”, or the kind of document."""
        return str(DocumentKind(self.document_kind).label) if self.document_kind else "fiche sanitaire"


class HealthSettings(models.Model):
    """What the town asks: one row, loaded with the profile."""

    sections = ArrayField(models.CharField(max_length=16), verbose_name="parties demandées", default=list)
    diets = ArrayField(models.CharField(max_length=16), verbose_name="régimes proposés", default=list)
    asks_booklet = models.BooleanField("demande le carnet de vaccination", default=True)
    effect = models.CharField("sans fiche", max_length=8, choices=MissingEffect.choices, default=MissingEffect.INFORMS)
    single = models.BooleanField(default=True, editable=False, unique=True)

    class Meta:
        verbose_name = "réglages de la fiche sanitaire"
        verbose_name_plural = "réglages de la fiche sanitaire"
        constraints = [
            models.CheckConstraint(
                condition=Q(single=True),
                name="health_settings_single",
                violation_error_message="Il n’y a qu’un réglage de la fiche sanitaire.",
            )
        ]

    def __str__(self) -> str:
        return "réglages de la fiche sanitaire"

"""Exports of one's data, requests to be erased, and how long each kind is kept.

A dossier is named by its key, as in the journal: these rows outlive what they tell about, and lie under families.
"""

import uuid
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from portal.domain.files.storage import PrivateStorage
from portal.domain.privacy.enums import ErasureState, ExportState

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from portal.domain.accounts.models import User


def export_path(export: "DataExport", _name: str) -> str:
    """A random name that tells nothing."""
    return f"{export.key.hex[:2]}/{export.key.hex}.zip"


class DataExportQuerySet(models.QuerySet["DataExport"]):
    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """An export belongs to the account that asked for it, the other parent's never."""
        return self.filter(user=user) if user.is_authenticated else self.none()


class DataExport(models.Model):
    """What an account may see, as a file: prepared in the background, taken once, gone after a week."""

    key = models.UUIDField("clé", default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="compte", on_delete=models.CASCADE, related_name="data_exports"
    )  # useless to anybody else
    family_key = models.BigIntegerField("dossier")
    state = models.CharField("état", max_length=7, choices=ExportState.choices, default=ExportState.ASKED)
    content = models.FileField(
        "contenu", storage=PrivateStorage("exports"), upload_to=export_path, max_length=120, blank=True
    )
    asked_at = models.DateTimeField("demandé le")
    ready_at = models.DateTimeField("prêt le", null=True, blank=True)
    expires_at = models.DateTimeField("disponible jusqu’au")

    objects = DataExportQuerySet.as_manager()

    class Meta:
        verbose_name = "copie des données"
        verbose_name_plural = "copies des données"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "family_key"],
                condition=Q(state__in=[ExportState.ASKED, ExportState.READY]),
                name="data_export_one_at_a_time",
                violation_error_message="Une copie de vos données est déjà demandée.",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("asked_at")),
                name="data_export_has_an_end",
                violation_error_message="Une copie a une fin de mise à disposition.",
            ),
        ]

    def __str__(self) -> str:
        return f"copie demandée le {self.asked_at:%Y-%m-%d}"


class ErasureRequest(models.Model):
    """A dossier asks to be forgotten; an agent looks at what that means before anything happens."""

    family_key = models.BigIntegerField("dossier")
    family_number = models.CharField("numéro de dossier", max_length=6)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="demandé par", on_delete=models.PROTECT, related_name="+"
    )  # its account is emptied, not removed
    state = models.CharField("état", max_length=8, choices=ErasureState.choices, default=ErasureState.ASKED)
    words = models.CharField("précisions", max_length=500, blank=True)
    asked_at = models.DateTimeField("demandé le")
    decided_at = models.DateTimeField("répondu le", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="répondu par",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )  # who erased is part of the proof
    answer = models.CharField("réponse", max_length=500, blank=True)

    class Meta:
        verbose_name = "demande d’effacement"
        verbose_name_plural = "demandes d’effacement"
        permissions = [("decide_erasurerequest", "Peut répondre à une demande d’effacement")]
        constraints = [
            models.UniqueConstraint(
                fields=["family_key"],
                condition=Q(state=ErasureState.ASKED),
                name="erasure_one_open",
                violation_error_message="Une demande d’effacement attend déjà pour ce dossier.",
            ),
            models.CheckConstraint(
                condition=Q(state=ErasureState.ASKED, decided_at=None)
                | (~Q(state=ErasureState.ASKED) & Q(decided_at__isnull=False)),
                name="erasure_decision_is_dated",
                violation_error_message="Une réponse est datée.",
            ),
        ]

    def __str__(self) -> str:
        return f"effacement du dossier {self.family_number}"


class RetentionRule(models.Model):
    """The town's delay for a kind of data, and how many objects had reached it when last counted."""

    code = models.CharField("nature", max_length=64, unique=True)
    days = models.PositiveIntegerField("délai en jours")
    automatic = models.BooleanField("efface sans confirmation", default=False)
    changed_at = models.DateTimeField("changé le")
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="changé par", on_delete=models.PROTECT, related_name="+"
    )  # who decided is part of the register
    due = models.PositiveIntegerField("à effacer", default=0)
    counted_at = models.DateTimeField("compté le", null=True, blank=True)

    class Meta:
        verbose_name = "durée de conservation"
        verbose_name_plural = "durées de conservation"
        permissions = [("erase_expired", "Peut effacer ce qui a atteint sa durée de conservation")]

    def __str__(self) -> str:
        return f"{self.code}, {self.days} jours"

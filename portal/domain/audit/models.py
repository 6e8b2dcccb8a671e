"""The journal: one append-only line per change."""

from django.conf import settings
from django.db import models


class AuditEntry(models.Model):
    """Who did what to which object, when, and the values before and after.

    The target is named by label and key, not by a foreign key: the journal outlives what it tells about.
    Health and bank data never enter `before` or `after`.
    """

    at = models.DateTimeField("le")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="par", on_delete=models.PROTECT, related_name="+"
    )  # the journal must keep its author
    verb = models.CharField("action", max_length=64)
    target = models.CharField("objet", max_length=64)
    target_key = models.CharField("clé de l’objet", max_length=64)
    family_key = models.BigIntegerField("famille", null=True, blank=True)
    acting_family_key = models.BigIntegerField("au nom de la famille", null=True, blank=True)
    before = models.JSONField("avant", default=dict, blank=True)
    after = models.JSONField("après", default=dict, blank=True)

    class Meta:
        verbose_name = "ligne du journal"
        verbose_name_plural = "journal"
        indexes = [
            models.Index(fields=["target", "target_key"], name="audit_target"),
            models.Index(fields=["family_key", "at"], name="audit_family"),
            models.Index(fields=["at", "id"], name="audit_at"),
            models.Index(fields=["by", "at"], name="audit_by"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.verb} {self.target} {self.target_key}"

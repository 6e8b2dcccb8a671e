"""Who takes care of a request, what agents note on it, what an agent wants of the desk."""

from django.conf import settings
from django.db import models

from portal.domain.families.models import Family

NOTE_LENGTH = 500


class RequestAssignment(models.Model):
    """An agent said « je m’en occupe »: it informs colleagues and stops nobody."""

    source = models.CharField("nature", max_length=32)
    item = models.BigIntegerField("clé de la demande")
    family = models.ForeignKey(
        Family, verbose_name="famille", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )  # None for somebody whom the town does not know yet
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="agent", on_delete=models.CASCADE, related_name="+"
    )  # nobody takes care of it any more
    at = models.DateTimeField("depuis le")

    class Meta:
        verbose_name = "demande prise en charge"
        verbose_name_plural = "demandes prises en charge"
        constraints = [models.UniqueConstraint(fields=["source", "item"], name="desk_assignment_once")]

    def __str__(self) -> str:
        return f"{self.source} n° {self.item}, {self.agent}"


class RequestNote(models.Model):
    """A word between agents about a request. Never shown to families, never in a mail, never in the journal."""

    source = models.CharField("nature", max_length=32)
    item = models.BigIntegerField("clé de la demande")
    family = models.ForeignKey(
        Family, verbose_name="famille", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )  # None for somebody whom the town does not know yet
    text = models.CharField("note", max_length=NOTE_LENGTH)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="par", on_delete=models.PROTECT, related_name="+"
    )  # a word has an author
    at = models.DateTimeField("le")

    class Meta:
        verbose_name = "note interne"
        verbose_name_plural = "notes internes"
        indexes = [
            models.Index(fields=["source", "item"], name="desk_note_request"),
            models.Index(fields=["at"], name="desk_note_at"),
        ]

    def __str__(self) -> str:
        return f"{self.source} n° {self.item}, note {self.pk}"


class DeskPreference(models.Model):
    """What an agent wants of the desk. Without a row: shortcuts, no daily mail."""

    agent = models.OneToOneField(
        settings.AUTH_USER_MODEL, verbose_name="agent", on_delete=models.CASCADE, related_name="+"
    )  # a taste without its person
    shortcuts = models.BooleanField("raccourcis clavier", default=True)
    digest = models.BooleanField("résumé quotidien par courriel", default=False)
    digest_on = models.DateField("dernier résumé le", null=True, blank=True)

    class Meta:
        verbose_name = "préférence du bureau"
        verbose_name_plural = "préférences du bureau"

    def __str__(self) -> str:
        return f"préférences de {self.agent}"

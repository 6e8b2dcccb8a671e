"""The outbox table."""

from django.db import models
from django.db.models import Q

from portal.domain.mails.enums import MailKind, MailState


class OutgoingMail(models.Model):
    """A mail written with the change that causes it, delivered afterwards, retried, resendable.

    Its key is its number. It is the family's proof: the text never changes once written.
    It carries no health or bank data.
    """

    kind = models.CharField("nature", max_length=24, choices=MailKind.choices)
    recipient = models.EmailField("destinataire")
    subject = models.CharField("objet", max_length=200)
    text = models.TextField("texte")
    html = models.TextField("texte mis en forme", blank=True)
    reference = models.CharField("référence", max_length=64, blank=True)
    state = models.CharField("état", max_length=8, choices=MailState.choices, default=MailState.QUEUED)
    attempts = models.PositiveSmallIntegerField("essais", default=0)
    queued_at = models.DateTimeField("écrit le")
    next_attempt_at = models.DateTimeField("prochain essai le")
    sent_at = models.DateTimeField("envoyé le", null=True, blank=True)
    last_error = models.TextField("dernière erreur", blank=True)

    class Meta:
        verbose_name = "courriel"
        verbose_name_plural = "courriels"
        constraints = [
            models.CheckConstraint(
                condition=Q(state=MailState.SENT, sent_at__isnull=False)
                | (~Q(state=MailState.SENT) & Q(sent_at__isnull=True)),
                name="mail_sent_has_a_date",
                violation_error_message="Un courriel envoyé porte sa date d’envoi.",
            ),
        ]
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=Q(state=MailState.QUEUED), name="mail_queued"),
            models.Index(fields=["reference"], name="mail_reference"),
            models.Index(fields=["recipient", "-queued_at"], name="mail_recipient"),
        ]

    def __str__(self) -> str:
        return f"n° {self.pk}, {self.subject}"

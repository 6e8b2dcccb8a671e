"""Invitations and first contacts."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from portal.domain.accounts.enums import InvitedBy
from portal.domain.families.enums import AdultRole, SchoolLevel
from portal.domain.families.models import Adult, Family, School
from portal.domain.joining.enums import OPEN_STATES, ContactState


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self) -> Self:
        """Neither used nor cancelled; perhaps past its delay."""
        return self.filter(accepted_at=None, cancelled_at=None)

    def live(self, *, at: datetime) -> Self:
        """Whose link still works."""
        return self.open().filter(expires_at__gt=at)


class Invitation(models.Model):
    """A link that lets the reader of a mailbox enter a dossier, once. The token is kept as a digest only.

    `adult` is the person of the dossier; None when they enter it by accepting, with the rights written here.
    """

    family = models.ForeignKey(
        Family, verbose_name="famille", on_delete=models.PROTECT, related_name="invitations"
    )  # a door of the dossier: closed by the verbs only
    adult = models.ForeignKey(
        Adult, verbose_name="adulte", on_delete=models.CASCADE, null=True, blank=True, related_name="invitations"
    )  # nobody left to invite
    first_name = models.CharField("prénom", max_length=100)
    last_name = models.CharField("nom", max_length=100)
    email = models.EmailField("adresse mail")
    origin = models.CharField("origine", max_length=8, choices=InvitedBy.choices)
    role = models.CharField("rôle", max_length=8, choices=AdultRole.choices, default=AdultRole.PARENT)
    can_edit = models.BooleanField("pourra modifier le dossier", default=True)
    can_book = models.BooleanField("pourra réserver", default=True)
    can_pay = models.BooleanField("pourra payer", default=True)
    is_notified = models.BooleanField("sera prévenu", default=True)
    token_digest = models.CharField("empreinte du lien", max_length=64, unique=True)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="invité par", on_delete=models.PROTECT, related_name="+"
    )  # who opened a dossier is part of its history
    sent_at = models.DateTimeField("envoyée le")
    expires_at = models.DateTimeField("valable jusqu’au")
    accepted_at = models.DateTimeField("acceptée le", null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="acceptée par",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="accepted_invitations",
    )  # an erased account leaves the invitation used
    cancelled_at = models.DateTimeField("annulée le", null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = "invitation"
        verbose_name_plural = "invitations"
        permissions = [("invite_family", "Peut inviter une famille")]
        constraints = [
            models.UniqueConstraint(
                F("family"),
                Lower("email"),
                condition=Q(accepted_at=None, cancelled_at=None),
                name="invitation_once_open",
                violation_error_message="Cette adresse a déjà une invitation pour ce dossier.",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("sent_at")),
                name="invitation_expires_after_sending",
                violation_error_message="Le lien doit expirer après son envoi.",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at=None) | Q(cancelled_at=None),
                name="invitation_one_end",
                violation_error_message="Une invitation est acceptée ou annulée, jamais les deux.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}, {self.family}"

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}"


class FirstContactQuerySet(models.QuerySet["FirstContact"]):
    def awaiting(self) -> Self:
        """What an agent should look at: the mailbox answered, nobody decided."""
        return self.filter(state=ContactState.WAITING)


class FirstContact(models.Model):
    """A « fiche de renseignement initiale » filled on line (A4): a household that the town does not know yet.

    Nobody reads it before the mailbox is proved. No health data is asked for.
    """

    key = models.UUIDField("clé du formulaire", unique=True)
    first_name = models.CharField("prénom", max_length=100)
    last_name = models.CharField("nom", max_length=100)
    email = models.EmailField("adresse mail")
    phone = models.CharField("téléphone", max_length=20, blank=True)
    other_first_name = models.CharField("prénom de l’autre adulte", max_length=100, blank=True)
    other_last_name = models.CharField("nom de l’autre adulte", max_length=100, blank=True)
    other_email = models.EmailField("adresse mail de l’autre adulte", blank=True)
    street = models.CharField("adresse", max_length=200)
    address_extra = models.CharField("complément d’adresse", max_length=100, blank=True)
    postcode = models.CharField("code postal", max_length=5)
    town = models.CharField("commune", max_length=100)
    school = models.ForeignKey(
        School, verbose_name="école souhaitée", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )  # a wish outlives a school that closes
    message = models.TextField("message", max_length=2000, blank=True)
    state = models.CharField("état", max_length=11, choices=ContactState.choices, default=ContactState.UNCONFIRMED)
    token_digest = models.CharField("empreinte du lien", max_length=64, unique=True)
    asked_at = models.DateTimeField("envoyée le")
    confirm_until = models.DateTimeField("lien valable jusqu’au")
    confirmed_at = models.DateTimeField("confirmée le", null=True, blank=True)
    decided_at = models.DateTimeField("traitée le", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="traitée par",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )  # an answer has its author
    question = models.CharField("question du service", max_length=1000, blank=True)
    answer = models.TextField("réponse de la famille", max_length=2000, blank=True)
    reason = models.CharField("motif du refus", max_length=500, blank=True)
    family = models.ForeignKey(
        Family, verbose_name="dossier", on_delete=models.PROTECT, null=True, blank=True, related_name="first_contacts"
    )  # where the dossier comes from

    objects = FirstContactQuerySet.as_manager()

    class Meta:
        verbose_name = "première demande"
        verbose_name_plural = "premières demandes"
        permissions = [("decide_firstcontact", "Peut répondre à une première demande")]
        indexes = [models.Index(fields=["asked_at"], condition=Q(state=ContactState.WAITING), name="contact_waiting")]
        constraints = [
            models.CheckConstraint(
                condition=Q(confirm_until__gt=F("asked_at")),
                name="contact_link_ends_after_sending",
                violation_error_message="Le lien doit expirer après son envoi.",
            ),
            models.CheckConstraint(
                condition=Q(state=ContactState.UNCONFIRMED) | Q(confirmed_at__isnull=False),
                name="contact_seen_once_confirmed",
                violation_error_message="Une première demande se traite une fois l’adresse mail confirmée.",
            ),
            models.CheckConstraint(
                condition=~Q(state=ContactState.ACCEPTED) | Q(family__isnull=False, decided_at__isnull=False),
                name="contact_accepted_has_dossier",
                violation_error_message="Une première demande acceptée a un dossier.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES


class FirstContactChild(models.Model):
    """A child as the household names it, before there is a dossier."""

    contact = models.ForeignKey(
        FirstContact, verbose_name="première demande", on_delete=models.CASCADE, related_name="children"
    )  # a line of the form
    first_name = models.CharField("prénom", max_length=100)
    last_name = models.CharField("nom", max_length=100)
    birth_date = models.DateField("date de naissance")
    level = models.CharField("niveau souhaité", max_length=4, choices=SchoolLevel.choices, blank=True)

    class Meta:
        verbose_name = "enfant d’une première demande"
        verbose_name_plural = "enfants des premières demandes"

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}"

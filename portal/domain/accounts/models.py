"""Accounts: sign-in identities, their activation, and the terms of use they accepted."""

from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AbstractUser, UserManager
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from portal.domain.accounts.enums import AccountOrigin, InvitedBy, SelfCreation


class AccountManager(UserManager["User"]):
    def system(self) -> "User":
        """The account that signs what the portal does by itself (expiries, purges). It can never sign in."""
        user, created = self.get_or_create(
            username="systeme",
            defaults={"is_active": False, "origin": AccountOrigin.SYSTEM, "first_name": "Portail"},
        )
        if created:
            user.set_unusable_password()
            user.save(update_fields=["password"])
        return user


class User(AbstractUser):
    """A sign-in identity: a parent, an agent, or the system itself.

    The user name and, when there is one, the mail address are unique whatever their case.
    An account is not a person of a dossier: `families.Adult` points here.
    """

    email = models.EmailField("adresse mail", blank=True)
    origin = models.CharField("origine", max_length=8, choices=AccountOrigin.choices, default=AccountOrigin.SELF)

    objects: ClassVar[AccountManager] = AccountManager()

    class Meta:
        verbose_name = "compte"
        verbose_name_plural = "comptes"
        constraints = [
            models.UniqueConstraint(
                Lower("username"),
                name="user_username_unique_ci",
                violation_error_message="Ce nom d’utilisateur est déjà pris.",
            ),
            models.UniqueConstraint(
                Lower("email"),
                condition=~Q(email=""),
                name="user_email_unique_ci",
                violation_error_message="Cette adresse mail a déjà un compte.",
            ),
        ]

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    @property
    def is_agent(self) -> bool:
        return self.is_staff


class ActivationQuerySet(models.QuerySet["Activation"]):
    def pending(self) -> Self:
        return self.filter(activated_at=None)

    def expired(self, *, at: datetime) -> Self:
        return self.pending().filter(expires_at__lte=at)


class Activation(models.Model):
    """The one pending activation of an account. The link's token is kept as a digest only."""

    user = models.OneToOneField(
        User, verbose_name="compte", on_delete=models.CASCADE, related_name="activation"
    )  # meaningless without its account
    token_digest = models.CharField("empreinte du lien", max_length=64, unique=True)
    sent_at = models.DateTimeField("envoyé le")
    expires_at = models.DateTimeField("valable jusqu’au")
    activated_at = models.DateTimeField("activé le", null=True, blank=True)

    objects = ActivationQuerySet.as_manager()

    class Meta:
        verbose_name = "activation"
        verbose_name_plural = "activations"
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("sent_at")),
                name="activation_expires_after_sending",
                violation_error_message="Le lien doit expirer après son envoi.",
            ),
        ]
        indexes = [models.Index(fields=["expires_at"], condition=Q(activated_at=None), name="activation_pending")]

    def __str__(self) -> str:
        return f"activation de {self.user}"


class TermsVersion(models.Model):
    """A published text of the terms of use. Publishing a new one asks every family again."""

    number = models.PositiveIntegerField("version", unique=True)
    title = models.CharField("titre", max_length=200)
    body = models.TextField("texte")
    published_at = models.DateTimeField("publiée le")

    class Meta:
        verbose_name = "version des conditions générales"
        verbose_name_plural = "versions des conditions générales"

    def __str__(self) -> str:
        return f"{self.title}, version {self.number}"


class TermsAcceptance(models.Model):
    """Who accepted which version, and when (rule: consents carry text version, date and person)."""

    user = models.ForeignKey(
        User, verbose_name="compte", on_delete=models.CASCADE, related_name="terms_acceptances"
    )  # erased with the account
    version = models.ForeignKey(
        TermsVersion, verbose_name="version", on_delete=models.PROTECT, related_name="acceptances"
    )  # an accepted text stays retrievable
    accepted_at = models.DateTimeField("acceptée le")

    class Meta:
        verbose_name = "acceptation des conditions"
        verbose_name_plural = "acceptations des conditions"
        constraints = [
            models.UniqueConstraint(fields=["user", "version"], name="terms_accepted_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.version}"


#: A link lives from one hour to thirty days.
_LINK_HOURS = [MinValueValidator(1), MaxValueValidator(720)]


class EntrySettings(models.Model):
    """How families enter, as the commune set it: one row, or none and the values of the settings."""

    self_creation = models.CharField(
        "création de compte par la famille", max_length=8, choices=SelfCreation.choices, default=SelfCreation.OPEN
    )
    first_contact = models.BooleanField("première demande en ligne", default=True)
    parents_invite = models.BooleanField("un parent peut inviter l’autre parent", default=True)
    self_hours = models.PositiveSmallIntegerField(
        "validité du lien d’activation, en heures", default=24, validators=_LINK_HOURS
    )
    staff_hours = models.PositiveSmallIntegerField(
        "validité d’une invitation du service, en heures", default=96, validators=_LINK_HOURS
    )
    parent_hours = models.PositiveSmallIntegerField(
        "validité d’une invitation d’un parent, en heures", default=96, validators=_LINK_HOURS
    )
    first_contact_hours = models.PositiveSmallIntegerField(
        "validité du lien d’une première demande, en heures", default=48, validators=_LINK_HOURS
    )

    class Meta:
        verbose_name = "entrées des familles"
        verbose_name_plural = "entrées des familles"
        constraints = [
            models.CheckConstraint(
                condition=Q(pk=1),
                name="entry_settings_one_row",
                violation_error_message="Une commune règle ses entrées une seule fois.",
            ),
            models.CheckConstraint(
                condition=Q(
                    self_hours__range=(1, 720),
                    staff_hours__range=(1, 720),
                    parent_hours__range=(1, 720),
                    first_contact_hours__range=(1, 720),
                ),
                name="entry_settings_hours",
                violation_error_message="Un lien vaut de 1 à 720 heures.",
            ),
        ]

    def __str__(self) -> str:
        return "entrées des familles"

    @classmethod
    def current(cls) -> "EntrySettings":
        """What the commune chose; without a row, everything is open and the delays are those of the settings."""
        return cls.objects.filter(pk=1).first() or cls(
            pk=1, self_hours=settings.ACTIVATION_HOURS_SELF, staff_hours=settings.ACTIVATION_HOURS_STAFF
        )

    @property
    def self_delay(self) -> timedelta:
        return timedelta(hours=self.self_hours)

    @property
    def staff_delay(self) -> timedelta:
        return timedelta(hours=self.staff_hours)

    @property
    def first_contact_delay(self) -> timedelta:
        return timedelta(hours=self.first_contact_hours)

    def invitation_delay(self, origin: InvitedBy) -> timedelta:
        """How long an invitation lives: a parent's has its own delay, an accepted first contact the service's."""
        return timedelta(hours=self.parent_hours if origin == InvitedBy.PARENT else self.staff_hours)


class EmailChange(models.Model):
    """A new mail address asked for: the new mailbox confirms by its link, the former is told and may say no.

    Until `applied_at` the account keeps its address. Afterwards the former mailbox may still take it back until
    `cancel_until`, for a thief with an open session would confirm their own mailbox at once.
    """

    user = models.ForeignKey(
        User, verbose_name="compte", on_delete=models.CASCADE, related_name="email_changes"
    )  # meaningless without its account
    former_email = models.EmailField("ancienne adresse")
    new_email = models.EmailField("nouvelle adresse")
    confirm_digest = models.CharField("empreinte du lien de confirmation", max_length=64, unique=True)
    cancel_digest = models.CharField("empreinte du lien d’annulation", max_length=64, unique=True)
    asked_at = models.DateTimeField("demandé le")
    confirm_until = models.DateTimeField("à confirmer jusqu’au")
    cancel_until = models.DateTimeField("annulable jusqu’au")
    applied_at = models.DateTimeField("appliqué le", null=True, blank=True)
    cancelled_at = models.DateTimeField("annulé le", null=True, blank=True)

    class Meta:
        verbose_name = "changement d’adresse mail"
        verbose_name_plural = "changements d’adresse mail"
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(applied_at=None, cancelled_at=None),
                name="email_change_one_open",
                violation_error_message="Un changement d’adresse est déjà en attente.",
            ),
            models.CheckConstraint(
                condition=Q(confirm_until__gt=F("asked_at"), cancel_until__gt=F("asked_at")),
                name="email_change_ends_after_asking",
                violation_error_message="Un lien doit expirer après son envoi.",
            ),
        ]

    def __str__(self) -> str:
        return f"changement d’adresse de {self.user}"


class SignInSession(models.Model):
    """A device where an account is signed in, as its owner reads it: words, two dates, no network address."""

    user = models.ForeignKey(
        User, verbose_name="compte", on_delete=models.CASCADE, related_name="sign_in_sessions"
    )  # closed with it
    session_key = models.CharField("clé de session", max_length=40, unique=True)
    device = models.CharField("appareil", max_length=80)
    is_shared = models.BooleanField("ordinateur partagé", default=False)
    opened_at = models.DateTimeField("ouverte le")
    seen_at = models.DateTimeField("vue le")

    class Meta:
        verbose_name = "session ouverte"
        verbose_name_plural = "sessions ouvertes"
        indexes = [models.Index(fields=["user", "-seen_at"], name="sign_in_session_user")]

    def __str__(self) -> str:
        return f"{self.user}, {self.device}"

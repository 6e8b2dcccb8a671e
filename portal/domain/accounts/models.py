"""Accounts: sign-in identities, their activation, and the terms of use they accepted."""

from datetime import datetime
from typing import ClassVar, Self

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from portal.domain.accounts.enums import AccountOrigin


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

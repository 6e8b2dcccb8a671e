"""How adults are related to children, and the persons outside the dossier who may collect them or be called."""

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from portal.domain.contacts.enums import Relation
from portal.domain.families.models import Adult, Child, Family

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from portal.domain.accounts.models import User

LEAST_AGE = 16


class CollectingRules(models.Model):
    """The town's rules about who collects (its règlement): one row, absent until somebody sets it."""

    least_age = models.PositiveSmallIntegerField(
        "âge minimum d’une personne mineure qui vient chercher", default=LEAST_AGE
    )

    class Meta:
        verbose_name = "règle de sortie"
        verbose_name_plural = "règles de sortie"
        constraints = [
            models.CheckConstraint(
                condition=Q(least_age__gte=6, least_age__lte=18),
                name="collecting_least_age",
                violation_error_message="L’âge minimum est compris entre 6 et 18 ans.",
            ),
        ]

    def __str__(self) -> str:
        return f"à partir de {self.least_age} ans"


class Kinship(models.Model):
    """What an adult of a dossier is to a child. `may_not_collect` repeats a judgement: agents with the right only."""

    adult = models.ForeignKey(
        Adult, verbose_name="adulte", on_delete=models.CASCADE, related_name="kinships"
    )  # a link without one of its ends is nothing
    child = models.ForeignKey(Child, verbose_name="enfant", on_delete=models.CASCADE, related_name="kinships")
    relation = models.CharField("lien de parenté", max_length=12, choices=Relation.choices, blank=True)
    is_guardian = models.BooleanField("exerce l’autorité parentale", default=False)
    may_not_collect = models.BooleanField("ne peut pas venir chercher l’enfant", default=False)
    judgement = models.CharField("référence du jugement", max_length=200, blank=True)

    class Meta:
        verbose_name = "lien de parenté"
        verbose_name_plural = "liens de parenté"
        permissions = [("restrict_adult", "Peut enregistrer un jugement qui restreint un adulte")]
        constraints = [
            models.UniqueConstraint(fields=["adult", "child"], name="kinship_once"),
            models.CheckConstraint(
                condition=(Q(may_not_collect=True) & ~Q(judgement="")) | Q(may_not_collect=False, judgement=""),
                name="kinship_restriction_has_a_judgement",
                violation_error_message="Une restriction donne la référence du jugement.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.adult}, {self.get_relation_display()} de {self.child}"


class ContactQuerySet(models.QuerySet["Contact"]):
    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """The contacts of the dossiers in which this person may look; never those of the child's other household."""
        return self.filter(family__in=Family.objects.visible_to(user))


class Contact(models.Model):
    """A person outside the dossier: to be called, to collect a child, or both. `birth_date` only for a minor."""

    family = models.ForeignKey(
        Family, verbose_name="famille", on_delete=models.CASCADE, related_name="contacts"
    )  # known through the dossier alone
    first_name = models.CharField("prénom", max_length=100)
    last_name = models.CharField("nom", max_length=100)
    phone = models.CharField("téléphone", max_length=20)
    other_phone = models.CharField("autre téléphone", max_length=20, blank=True)
    birth_date = models.DateField("date de naissance", null=True, blank=True)
    created_at = models.DateTimeField("ajouté le")

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = "contact"
        verbose_name_plural = "contacts"
        constraints = [
            models.UniqueConstraint(
                F("family"),
                Lower("first_name"),
                Lower("last_name"),
                name="contact_once",
                violation_error_message="Cette personne est déjà dans votre liste : modifiez-la.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}"


class ContactLink(models.Model):
    """A contact and a child: in what relation, whether they may collect it, on which days, both ends included."""

    contact = models.ForeignKey(
        Contact, verbose_name="contact", on_delete=models.CASCADE, related_name="links"
    )  # a link without one of its ends is nothing
    child = models.ForeignKey(Child, verbose_name="enfant", on_delete=models.CASCADE, related_name="contact_links")
    relation = models.CharField("lien avec l’enfant", max_length=60)
    may_collect = models.BooleanField("peut venir chercher l’enfant", default=False)
    call_order = models.PositiveSmallIntegerField("rang d’appel en cas d’urgence", null=True, blank=True)
    valid_from = models.DateField("à partir du", null=True, blank=True)
    valid_until = models.DateField("jusqu’au", null=True, blank=True)
    ended_on = models.DateField("retirée le", null=True, blank=True)
    note = models.CharField("précision", max_length=200, blank=True)
    identity_checked_on = models.DateField("identité vérifiée le", null=True, blank=True)
    identity_checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="identité vérifiée par",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )  # who looked at the identity card

    class Meta:
        verbose_name = "lien avec un contact"
        verbose_name_plural = "liens avec les contacts"
        permissions = [("check_identity", "Peut vérifier l’identité d’une personne autorisée")]
        constraints = [
            models.UniqueConstraint(fields=["contact", "child"], name="contact_link_once"),
            models.CheckConstraint(
                condition=Q(valid_from=None) | Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
                name="contact_link_dates_in_order",
                violation_error_message="Le dernier jour ne vient pas avant le premier.",
            ),
            models.CheckConstraint(
                condition=Q(identity_checked_on=None, identity_checked_by=None)
                | Q(identity_checked_on__isnull=False, identity_checked_by__isnull=False),
                name="contact_link_check_is_signed",
                violation_error_message="Une vérification d’identité a une date et un agent.",
            ),
        ]
        indexes = [models.Index(fields=["child"], condition=Q(ended_on=None), name="contact_link_current")]

    def __str__(self) -> str:
        return f"{self.contact}, {self.relation} de {self.child}"

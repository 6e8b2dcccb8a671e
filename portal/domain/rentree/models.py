"""The rentrée that a household prepares, and what it became once it was sent."""

import uuid
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from portal.domain.activities.models import Activity
from portal.domain.enrolments.models import Enrolment
from portal.domain.families.models import Child, Family
from portal.domain.rentree.enums import LineState

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from portal.domain.accounts.models import User


class RentreeDraft(models.Model):
    """What a household has answered for one school year and not sent yet; one for both parents.

    `key` names the next validation: sent twice, it is applied once. `version` grows with each change. After a
    validation it stays with what is still to be sent, and with what the family said it does not want.
    """

    family = models.ForeignKey(
        Family, verbose_name="famille", on_delete=models.CASCADE, related_name="rentree_drafts"
    )  # a preparation is nothing without its family
    school_year = models.PositiveSmallIntegerField("année scolaire")
    key = models.UUIDField("clé", default=uuid.uuid4, unique=True, editable=False)
    version = models.PositiveIntegerField("version", default=1)
    changed_at = models.DateTimeField("changée le")
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="changée par", on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = "rentrée en préparation"
        verbose_name_plural = "rentrées en préparation"
        constraints = [
            models.UniqueConstraint(
                fields=["family", "school_year"],
                name="rentree_draft_once",
                violation_error_message="Cette famille prépare déjà cette rentrée.",
            ),
        ]

    def __str__(self) -> str:
        return f"rentrée {self.school_year}, {self.family}"


class RentreeAnswer(models.Model):
    """One child and one activity, as answered: wanted or not, from which day, on which days.

    `pattern` gives ISO weekdays by key of unit, as JSON writes it; without `starts_on`, the first day possible.
    """

    draft = models.ForeignKey(
        RentreeDraft, verbose_name="préparation", on_delete=models.CASCADE, related_name="answers"
    )  # an answer is nothing without its preparation
    child = models.ForeignKey(
        Child, verbose_name="enfant", on_delete=models.CASCADE, related_name="+"
    )  # a wish that nobody sent
    activity = models.ForeignKey(
        Activity, verbose_name="activité", on_delete=models.CASCADE, related_name="+"
    )  # a wish for what is offered no more is no wish
    wanted = models.BooleanField("souhaitée")
    starts_on = models.DateField("à partir du", null=True, blank=True)
    pattern = models.JSONField("semaine", default=dict, blank=True)

    class Meta:
        verbose_name = "réponse de rentrée"
        verbose_name_plural = "réponses de rentrée"
        constraints = [
            models.UniqueConstraint(
                fields=["draft", "child", "activity"],
                name="rentree_answer_once",
                violation_error_message="Cette activité a déjà une réponse pour cet enfant.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.child}, {self.activity}"


class RentreeCounter(models.Model):
    """The last number given in a civil year. Its row is locked while a number is given."""

    year = models.PositiveSmallIntegerField("année", unique=True)
    last = models.PositiveIntegerField("dernier numéro", default=0)

    class Meta:
        verbose_name = "compteur de rentrées"
        verbose_name_plural = "compteurs de rentrées"

    def __str__(self) -> str:
        return str(self.year)


class RentreeRecapQuerySet(models.QuerySet["RentreeRecap"]):
    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Those of the families where this account's person may look."""
        return self.filter(family__in=Family.objects.visible_to(user))


class RentreeRecap(models.Model):
    """The proof of one validation, numbered without gap in its year ("RE-2027-00042"). It never changes.

    `key` makes a validation sent twice give the same recap.
    """

    number = models.CharField("numéro", max_length=16, unique=True)
    key = models.UUIDField("clé", unique=True)
    family = models.ForeignKey(Family, verbose_name="famille", on_delete=models.PROTECT, related_name="rentree_recaps")
    school_year = models.PositiveSmallIntegerField("année scolaire")
    at = models.DateTimeField("envoyée le")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="envoyée par", on_delete=models.PROTECT, related_name="+"
    )
    sent_to = models.EmailField("récapitulatif envoyé à", blank=True)

    objects = RentreeRecapQuerySet.as_manager()

    class Meta:
        verbose_name = "rentrée envoyée"
        verbose_name_plural = "rentrées envoyées"
        indexes = [models.Index(fields=["family", "-at"], name="rentree_recap_family")]

    def __str__(self) -> str:
        return self.number


class RentreeLine(models.Model):
    """One enrolment asked for, and what became of it at that instant. Names, days and amounts are copies."""

    recap = models.ForeignKey(
        RentreeRecap, verbose_name="rentrée", on_delete=models.CASCADE, related_name="lines"
    )  # a line is nothing without its recap
    rank = models.PositiveSmallIntegerField("rang")
    child = models.ForeignKey(Child, verbose_name="enfant", on_delete=models.PROTECT, related_name="+")
    child_name = models.CharField("prénom", max_length=100)
    activity = models.ForeignKey(Activity, verbose_name="activité", on_delete=models.PROTECT, related_name="+")
    label = models.CharField("nom de l’activité", max_length=200)
    enrolment = models.ForeignKey(
        Enrolment, verbose_name="inscription", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )  # a request taken back is forgotten before its proof
    state = models.CharField("état", max_length=9, choices=LineState.choices)
    reason = models.CharField("motif", max_length=500, blank=True)
    starts_on = models.DateField("à partir du")
    week = models.JSONField("semaine", default=list, blank=True)
    booked = models.PositiveIntegerField("jours réservés", default=0)
    cost = models.DecimalField("montant des jours réservés", max_digits=9, decimal_places=2, default=0)
    computation = models.CharField("calcul", max_length=200, blank=True)
    left_out = models.JSONField("jours laissés de côté", default=list, blank=True)

    class Meta:
        verbose_name = "ligne de rentrée"
        verbose_name_plural = "lignes de rentrée"
        constraints = [
            models.UniqueConstraint(fields=["recap", "child", "activity"], name="rentree_line_once"),
            models.CheckConstraint(
                condition=Q(state=LineState.REFUSED, booked=0) & ~Q(reason="")
                | Q(reason="") & ~Q(state=LineState.REFUSED),
                name="rentree_line_refused_says_why",
                violation_error_message="Ce qui n’est pas enregistré dit pourquoi, et ne réserve rien.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recap}, {self.child_name}, {self.label}"

"""Changes that wait for the service, and what the town decided for each field."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from portal.domain.changes.enums import ADDITIONS, OPEN_STATES, ChangeState, FieldMode, Rubric
from portal.domain.families.models import Adult, Child, Family

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from portal.domain.accounts.models import User


class FieldPolicy(models.Model):
    """What the town decided for one field (“adult.phone”); a field without row keeps the mode shipped."""

    field = models.CharField("champ", max_length=40, unique=True)
    mode = models.CharField("prend effet", max_length=8, choices=FieldMode.choices)

    class Meta:
        verbose_name = "règle d’un champ du dossier"
        verbose_name_plural = "règles des champs du dossier"

    def __str__(self) -> str:
        return f"{self.field} : {self.get_mode_display()}"


class DossierSettings(models.Model):
    """What the town says of dossiers beside fields: one row."""

    departments = ArrayField(
        models.CharField(max_length=3), verbose_name="départements proposés pour l’adresse", default=list, blank=True
    )

    class Meta:
        verbose_name = "réglage du dossier"
        verbose_name_plural = "réglages du dossier"
        constraints = [
            models.CheckConstraint(
                condition=Q(pk=1),
                name="dossier_settings_one_row",
                violation_error_message="Les réglages du dossier tiennent en une ligne.",
            ),
        ]

    def __str__(self) -> str:
        return "réglages du dossier"


class ChangeRequestQuerySet(models.QuerySet["ChangeRequest"]):
    def open(self) -> Self:
        """Those that nobody decided upon."""
        return self.filter(state__in=sorted(OPEN_STATES))

    def pending(self) -> Self:
        """Those that await the service."""
        return self.filter(state=ChangeState.PENDING)

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """What both parents of each household concerned may read: of their family, of the children they may see."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(
            Q(child=None, family__in=Family.objects.visible_to(user)) | Q(child__in=Child.objects.visible_to(user))
        )


class ChangeRequest(models.Model):
    """What one person asked to change by one form, and what the service answered.

    The subject is the child, else the adult, else the family itself. `old` and `new` are texts by field
    (rule 42): the change is applied only while the current values are still `old`.
    """

    family = models.ForeignKey(
        Family, verbose_name="famille", on_delete=models.PROTECT, related_name="change_requests"
    )  # the household that asks; a dossier with requests is archived
    adult = models.ForeignKey(
        Adult, verbose_name="adulte", on_delete=models.CASCADE, null=True, blank=True, related_name="change_requests"
    )  # goes with the person whom it tells about
    child = models.ForeignKey(
        Child, verbose_name="enfant", on_delete=models.CASCADE, null=True, blank=True, related_name="change_requests"
    )  # the same
    school_year = models.PositiveSmallIntegerField("année scolaire", null=True, blank=True)
    rubric = models.CharField("rubrique", max_length=12, choices=Rubric.choices)
    old = models.JSONField("avant", default=dict, blank=True)
    new = models.JSONField("après", default=dict)
    state = models.CharField("état", max_length=9, choices=ChangeState.choices, default=ChangeState.PENDING)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="demandé par", on_delete=models.PROTECT, related_name="+"
    )  # who asked is part of the history
    asked_at = models.DateTimeField("demandé le")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="traité par",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    decided_at = models.DateTimeField("traité le", null=True, blank=True)
    answer = models.CharField("réponse à la famille", max_length=250, blank=True)

    objects = ChangeRequestQuerySet.as_manager()

    class Meta:
        verbose_name = "changement demandé"
        verbose_name_plural = "changements demandés"
        permissions = [("decide_changerequest", "Peut répondre aux changements demandés")]
        constraints = [
            models.UniqueConstraint(
                fields=["family", "adult", "child", "school_year", "rubric", "asked_by"],
                condition=Q(state__in=sorted(OPEN_STATES)) & ~Q(rubric__in=sorted(ADDITIONS)),
                nulls_distinct=False,
                name="change_one_open_each",
                violation_error_message="Un changement de cette rubrique attend déjà une réponse.",
            ),
            models.CheckConstraint(
                condition=Q(adult=None) | Q(child=None),
                name="change_one_subject",
                violation_error_message="Un changement porte sur une seule personne.",
            ),
            models.CheckConstraint(
                condition=Q(state=ChangeState.PENDING, decided_at=None)
                | (~Q(state=ChangeState.PENDING) & Q(decided_at__isnull=False, decided_by__isnull=False)),
                name="change_decided_by_somebody",
                violation_error_message="Une réponse a un auteur et une date.",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[ChangeState.REFUSED, ChangeState.INCOMPLETE]) | ~Q(answer=""),
                name="change_no_has_a_reason",
                violation_error_message="Un refus ou une demande de complément dit pourquoi.",
            ),
        ]
        indexes = [models.Index(fields=["state", "asked_at"], name="change_queue")]

    def __str__(self) -> str:
        return f"{self.get_rubric_display()}, {self.family}"

    @property
    def values(self) -> Mapping[str, str]:
        """What is asked, by field."""
        new: dict[str, str] = self.new
        return new

"""Arrangements between two households, and days agreed otherwise."""

from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from portal.domain.custody.enums import CustodyState, Halves, Pattern
from portal.domain.families.models import Child, Family
from portal.domain.files.models import StoredFile

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from portal.domain.accounts.models import User

LIVE = (CustodyState.AGREED, CustodyState.SET)
WAITING = (CustodyState.PROPOSED, CustodyState.CONTESTED)


class CustodyQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """For those who may edit a household of the arrangement, as long as it sees the child."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(
            child__in=Child.objects.filter(
                links__can_see=True,
                links__family__members__adult__user=user,
                links__family__members__can_edit=True,
                links__family__archived_at=None,
            )
        )


class Custody(models.Model):
    """How the days of a child are shared. `household_a` proposed it."""

    child = models.ForeignKey(
        Child, verbose_name="enfant", on_delete=models.CASCADE, related_name="custodies"
    )  # a detail of the child
    household_a = models.ForeignKey(
        Family, verbose_name="foyer A", on_delete=models.PROTECT, related_name="+"
    )  # a dossier is archived, not deleted
    household_b = models.ForeignKey(Family, verbose_name="foyer B", on_delete=models.PROTECT, related_name="+")
    state = models.CharField("état", max_length=9, choices=CustodyState.choices, default=CustodyState.PROPOSED)
    pattern = models.CharField("rythme", max_length=9, choices=Pattern.choices)
    reference = models.DateField("premier jour chez le foyer A")
    changeover_hour = models.TimeField("heure du passage", null=True, blank=True)
    fortnight = models.CharField("quatorze jours", max_length=14, blank=True)
    halves = models.CharField("vacances", max_length=10, choices=Halves.choices, default=Halves.NONE)
    judgement = models.OneToOneField(
        StoredFile,
        verbose_name="jugement ou convention",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )  # erased with its content
    judgement_shared = models.BooleanField("l’autre foyer lit le document", default=False)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="proposée par", on_delete=models.PROTECT, related_name="+"
    )
    proposed_at = models.DateTimeField("proposée le")
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="répondue par",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    answered_at = models.DateTimeField("répondue le", null=True, blank=True)
    answer = models.CharField("réponse", max_length=500, blank=True)

    objects = CustodyQuerySet.as_manager()

    class Meta:
        verbose_name = "garde partagée"
        verbose_name_plural = "gardes partagées"
        permissions = [("read_judgement", "Peut lire les jugements et conventions de garde")]
        constraints = [
            models.UniqueConstraint(
                fields=["child"],
                condition=Q(state__in=LIVE),
                name="custody_one_in_force",
                violation_error_message="Une seule organisation de la garde est en vigueur.",
            ),
            models.UniqueConstraint(
                fields=["child"],
                condition=Q(state__in=WAITING),
                name="custody_one_proposal",
                violation_error_message="Une proposition attend déjà une réponse.",
            ),
            models.CheckConstraint(
                condition=~Q(household_a=F("household_b")),
                name="custody_two_households",
                violation_error_message="Une garde se partage entre deux foyers.",
            ),
            models.CheckConstraint(
                condition=~Q(pattern=Pattern.FORTNIGHT) | Q(fortnight__regex=r"^[ab]{14}$"),
                name="custody_fortnight_whole",
                violation_error_message="Dites pour chacun des quatorze jours chez qui est l’enfant.",
            ),
            models.CheckConstraint(
                condition=Q(state=CustodyState.PROPOSED, answered_at=None, answered_by=None)
                | ~Q(state=CustodyState.PROPOSED) & Q(answered_at__isnull=False, answered_by__isnull=False),
                name="custody_answer_whole",
                violation_error_message="Une réponse dit quand et par qui.",
            ),
        ]

    def __str__(self) -> str:
        return f"Garde {self.pk}"


class CustodyException(models.Model):
    """Days agreed otherwise, by one of the parents, which the other one sees at once."""

    custody = models.ForeignKey(
        Custody, verbose_name="garde", on_delete=models.CASCADE, related_name="exceptions"
    )  # a detail of it
    starts_on = models.DateField("du")
    ends_on = models.DateField("au")
    side = models.CharField("chez", max_length=1, choices=[("a", "foyer A"), ("b", "foyer B")])
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="notée par", on_delete=models.PROTECT, related_name="+"
    )
    noted_at = models.DateTimeField("notée le")

    class Meta:
        verbose_name = "exception à la garde"
        verbose_name_plural = "exceptions à la garde"
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="custody_exception_order",
                violation_error_message="La fin suit le début.",
            ),
        ]

    def __str__(self) -> str:
        return f"Exception {self.pk}"

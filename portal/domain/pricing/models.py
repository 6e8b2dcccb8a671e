"""What the town keeps of a family for its prices: each fact has its days, and PostgreSQL refuses two on one day."""

from datetime import date
from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Func, Q, Value

from portal.domain.families.models import Child, Family
from portal.domain.pricing.enums import AidKind, Holder, Residence, Validity
from portal.domain.tariffs.models import Tariff

REASON = 200
CHILD_ONCE = "Cet enfant est déjà adhérent à ces dates."
FAMILY_ONCE = "Cette famille est déjà adhérente à ces dates."


def _ordered(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
        name=name,
        violation_error_message="Le dernier jour suit le premier.",
    )


def _alone(name: str, *columns: str, message: str) -> ExclusionConstraint:
    """At most one row per day for these keys; a row where one of them is empty excludes nothing."""

    def between(first: str, last: str, function: str) -> Func:
        return Func(F(first), F(last), Value("[]"), function=function)

    return ExclusionConstraint(
        name=name,
        expressions=[
            *((between(column, column, "int8range"), RangeOperators.OVERLAPS) for column in columns),
            (between("valid_from", "valid_until", "daterange"), RangeOperators.OVERLAPS),
        ],
        condition=Q(**{f"{column}__isnull": False for column in columns}),
        violation_error_message=message,
    )


class ResidencePolicy(models.Model):
    """Which addresses are in the town and in its intercommunality; without towns, everybody is of the town.

    One row, loaded with the profile. A town is written by its name, or by its postcode and its name.
    """

    only = models.BooleanField("unique", default=True, unique=True, editable=False)
    towns = ArrayField(models.CharField(max_length=100), verbose_name="commune", default=list, blank=True)
    area = ArrayField(models.CharField(max_length=100), verbose_name="intercommunalité", default=list, blank=True)

    class Meta:
        verbose_name = "règle de résidence"
        verbose_name_plural = "règle de résidence"
        constraints = [
            models.CheckConstraint(
                condition=Q(only=True), name="residence_policy_only", violation_error_message="Une seule règle existe."
            ),
        ]

    def __str__(self) -> str:
        return "règle de résidence"


class Recorded(models.Model):
    """From a day to a day, both included, by an agent; without last day, for good."""

    valid_from = models.DateField("à partir du")
    valid_until = models.DateField("jusqu’au", null=True, blank=True)
    recorded_at = models.DateTimeField("enregistré le")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="enregistré par", on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        abstract = True

    def covers(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


class ResidenceRuling(Recorded):
    """What an agent decided of a family’s residence, whatever its address: a parent works in the town."""

    family = models.ForeignKey(
        Family, verbose_name="famille", on_delete=models.PROTECT, related_name="residence_rulings"
    )
    residence = models.CharField("compte comme", max_length=7, choices=Residence.choices)
    reason = models.CharField("motif", max_length=REASON)

    class Meta:
        verbose_name = "décision de résidence"
        verbose_name_plural = "décisions de résidence"
        constraints = [
            _ordered("residence_ruling_order"),
            _alone("residence_ruling_once", "family_id", message="Une autre décision vaut déjà à ces dates."),
        ]

    def __str__(self) -> str:
        return f"résidence, {self.family}"


class HouseholdFigures(Recorded):
    """What a national scale reads and no dossier says: resources in euros a month, children with the allowance."""

    family = models.ForeignKey(
        Family, verbose_name="famille", on_delete=models.PROTECT, related_name="household_figures"
    )
    income = models.DecimalField(
        "ressources par mois", max_digits=9, decimal_places=2, validators=[MinValueValidator(0)], null=True, blank=True
    )
    disabled = models.PositiveSmallIntegerField("enfants avec l’allocation AEEH", default=0)

    class Meta:
        verbose_name = "ressources du foyer"
        verbose_name_plural = "ressources des foyers"
        constraints = [
            _ordered("household_figures_order"),
            _alone("household_figures_once", "family_id", message="D’autres ressources valent déjà à ces dates."),
            models.CheckConstraint(
                condition=Q(income=None) | Q(income__gte=0),
                name="household_income_not_negative",
                violation_error_message="Des ressources ne sont pas négatives.",
            ),
        ]

    def __str__(self) -> str:
        return f"ressources, {self.family}"


class MembershipKind(models.Model):
    """What a child or a family may join (“Espace jeunes”); grids name it by its code."""

    code = models.SlugField("code", unique=True)
    name = models.CharField("nom", max_length=80)
    holder = models.CharField("pour", max_length=6, choices=Holder.choices, default=Holder.CHILD)
    validity = models.CharField(
        "valable pendant", max_length=11, choices=Validity.choices, default=Validity.SCHOOL_YEAR
    )
    months = models.PositiveSmallIntegerField("nombre de mois", null=True, blank=True)
    price_text = models.CharField("prix, en mots", max_length=80, blank=True)
    how_to = models.CharField("comment adhérer", max_length=250)
    order = models.PositiveSmallIntegerField("rang", default=0)
    is_offered = models.BooleanField("proposée", default=True)

    class Meta:
        verbose_name = "sorte d’adhésion"
        verbose_name_plural = "sortes d’adhésion"
        constraints = [
            models.CheckConstraint(
                condition=Q(validity=Validity.MONTHS, months__isnull=False, months__range=(1, 36))
                | ~Q(validity=Validity.MONTHS) & Q(months=None),
                name="membership_kind_months",
                violation_error_message="Donnez le nombre de mois, de 1 à 36, quand l’adhésion se compte en mois.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Membership(Recorded):
    """A child, or a whole family, is a member from a day to a day. A child's holds in each of its households."""

    kind = models.ForeignKey(
        MembershipKind, verbose_name="adhésion", on_delete=models.PROTECT, related_name="memberships"
    )
    family = models.ForeignKey(
        Family,
        verbose_name="famille",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="town_memberships",
    )
    child = models.ForeignKey(
        Child, verbose_name="enfant", on_delete=models.PROTECT, null=True, blank=True, related_name="town_memberships"
    )

    class Meta:
        verbose_name = "adhésion"
        verbose_name_plural = "adhésions"
        constraints = [
            models.CheckConstraint(
                condition=Q(family__isnull=False, child=None) | Q(family=None, child__isnull=False),
                name="membership_child_or_family",
                violation_error_message="Une adhésion est celle d’un enfant, ou celle d’une famille.",
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=False),
                name="membership_has_end",
                violation_error_message="Une adhésion a un dernier jour.",
            ),
            _ordered("membership_order"),
            _alone("membership_child_once", "kind_id", "child_id", message=CHILD_ONCE),
            _alone(
                "membership_family_once",
                "kind_id",
                "family_id",
                message=FAMILY_ONCE,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}, {self.child or self.family}"


class AidGrant(Recorded):
    """What somebody else pays of a family's prices (rule 31): a line beside the price, which it never changes.

    `number` is read by `kind`. `amount_cap` in euros and `uses_cap` in units hold for all its days; None: no cap.
    Without `tariffs` it helps with everything that is booked.
    """

    family = models.ForeignKey(Family, verbose_name="famille", on_delete=models.PROTECT, related_name="aid_grants")
    child = models.ForeignKey(
        Child, verbose_name="enfant", on_delete=models.PROTECT, null=True, blank=True, related_name="aid_grants"
    )
    label = models.CharField("nom de l’aide", max_length=80)
    payer = models.CharField("qui la paie", max_length=80)
    kind = models.CharField("ce qu’elle prend", max_length=7, choices=AidKind.choices)
    number = models.DecimalField("nombre", max_digits=7, decimal_places=2, validators=[MinValueValidator(Decimal(0))])
    amount_cap = models.DecimalField(
        "plafond en euros", max_digits=8, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    uses_cap = models.PositiveSmallIntegerField("plafond en nombre d’unités", null=True, blank=True)
    tariffs = models.ManyToManyField(Tariff, verbose_name="tarifs aidés", blank=True, related_name="+")

    class Meta:
        verbose_name = "aide"
        verbose_name_plural = "aides"
        permissions = [
            ("record_facts", "Peut enregistrer résidence, ressources et adhésions"),
            ("record_aid", "Peut enregistrer les aides"),
        ]
        constraints = [
            _ordered("aid_order"),
            models.CheckConstraint(
                condition=Q(number__gte=0) & (~Q(kind=AidKind.PERCENT) | Q(number__lte=100)),
                name="aid_number",
                violation_error_message="Un montant n’est pas négatif, et un pourcentage ne passe pas 100.",
            ),
            models.CheckConstraint(
                condition=Q(amount_cap=None) | Q(amount_cap__gte=0),
                name="aid_cap_not_negative",
                violation_error_message="Un plafond n’est pas négatif.",
            ),
        ]

    def __str__(self) -> str:
        return self.label

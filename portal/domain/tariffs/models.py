"""Tariffs and the units they price. Flat prices for now; the brackets come with the grids."""

from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from portal.domain.activities.models import Unit


class Tariff(models.Model):
    """A price families know by name, such as "Repas enfant". `rate_label` says how it counts ("à l’unité")."""

    code = models.SlugField("code", unique=True)
    name = models.CharField("nom", max_length=150)
    rate_label = models.CharField("mode", max_length=40, default="à l’unité")

    class Meta:
        verbose_name = "tarif"
        verbose_name_plural = "tarifs"

    def __str__(self) -> str:
        return self.name


class TariffVersion(models.Model):
    """A price in euros from a date on. It holds until the next version: no gap and no overlap can be written."""

    tariff = models.ForeignKey(Tariff, verbose_name="tarif", on_delete=models.PROTECT, related_name="versions")
    valid_from = models.DateField("à partir du")
    unit_price = models.DecimalField(
        "prix", max_digits=8, decimal_places=2, validators=[MinValueValidator(Decimal(0))]
    )
    deliberation = models.CharField("délibération", max_length=150, blank=True)
    deliberation_url = models.URLField("adresse de la délibération", blank=True)

    class Meta:
        verbose_name = "version d’un tarif"
        verbose_name_plural = "versions des tarifs"
        constraints = [
            models.UniqueConstraint(
                fields=["tariff", "valid_from"],
                name="tariff_version_once_a_day",
                violation_error_message="Ce tarif a déjà une version à cette date.",
            ),
            models.CheckConstraint(
                condition=Q(unit_price__gte=0),
                name="tariff_price_not_negative",
                violation_error_message="Un prix n’est pas négatif.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tariff}, {self.valid_from}"


class UnitTariff(models.Model):
    """Which tariff prices a unit: exactly one."""

    unit = models.OneToOneField(
        Unit, verbose_name="unité", on_delete=models.CASCADE, related_name="tariff_link"
    )  # says nothing without its unit
    tariff = models.ForeignKey(Tariff, verbose_name="tarif", on_delete=models.PROTECT, related_name="unit_links")

    class Meta:
        verbose_name = "tarif d’une unité"
        verbose_name_plural = "tarifs des unités"

    def __str__(self) -> str:
        return f"{self.unit}, {self.tariff}"

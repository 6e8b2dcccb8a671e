"""Tariffs, their grids by date, and the units they price."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from portal.domain.activities.models import Unit
from portal.domain.tariffs.engine import Grid
from portal.domain.tariffs.engine.data import InvalidGrid, flat_data, grid_from_data
from portal.domain.tariffs.engine.proof import faults


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


def validate_grid(data: Any) -> None:
    """Refuse a grid that cannot be read, or that would leave somebody without a price, or with two (rule 27)."""
    try:
        found = faults(grid_from_data(data, valid_from=date.min))
    except InvalidGrid as error:
        raise ValidationError(str(error)) from error
    if found:
        raise ValidationError([str(fault) for fault in found])


class TariffVersion(models.Model):
    """A grid from a date on: one price in euros for everybody, or what `engine.data` reads. It holds until the next
    version: no gap and no overlap can be written.
    """

    tariff = models.ForeignKey(Tariff, verbose_name="tarif", on_delete=models.PROTECT, related_name="versions")
    valid_from = models.DateField("à partir du")
    unit_price = models.DecimalField(
        "prix", max_digits=8, decimal_places=2, validators=[MinValueValidator(Decimal(0))], null=True, blank=True
    )
    grid = models.JSONField("grille", validators=[validate_grid], null=True, blank=True)
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
            models.CheckConstraint(
                condition=Q(unit_price__isnull=False, grid__isnull=True)
                | Q(unit_price__isnull=True, grid__isnull=False),
                name="tariff_price_or_grid",
                violation_error_message="Une version a un prix pour tous, ou une grille : l’un des deux.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tariff}, {self.valid_from}"

    def as_grid(self) -> Grid:
        """What the engine prices with. Raises InvalidGrid for data that no form and no profile lets through."""
        return read_grid(
            self.unit_price,
            self.grid,
            valid_from=self.valid_from,
            key=self.pk or 0,
            deliberation=self.deliberation,
            deliberation_url=self.deliberation_url,
        )


def read_grid(unit_price: Decimal | None, grid: Any, **of_the_version: Any) -> Grid:
    """The grid of a row of `TariffVersion`, from its values."""
    return grid_from_data(grid if unit_price is None else flat_data(unit_price), **of_the_version)


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

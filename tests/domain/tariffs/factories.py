"""Tariffs of Les Rousses: a meal at 4,30 €."""

from datetime import date
from decimal import Decimal

import factory

from portal.domain.tariffs.models import Tariff, TariffVersion, UnitTariff
from tests.domain.activities.factories import UnitFactory


class TariffFactory(factory.django.DjangoModelFactory[Tariff]):
    class Meta:
        model = Tariff

    code = factory.Sequence(lambda number: f"repas-{number}")
    name = "Repas enfant"
    rate_label = "à l’unité"


class TariffVersionFactory(factory.django.DjangoModelFactory[TariffVersion]):
    """4,30 € from 1 September 2015 on, so that any year of the tests has a price."""

    class Meta:
        model = TariffVersion

    tariff = factory.SubFactory(TariffFactory)
    valid_from = date(2015, 9, 1)
    unit_price = Decimal("4.30")


class UnitTariffFactory(factory.django.DjangoModelFactory[UnitTariff]):
    """A unit priced by a tariff that has one version. `price="2.10"` changes it."""

    class Meta:
        model = UnitTariff
        skip_postgeneration_save = True

    unit = factory.SubFactory(UnitFactory)
    tariff = factory.SubFactory(TariffFactory)

    @factory.post_generation
    def price(self, create: bool, extracted: str | None, **kwargs: object) -> None:
        if create:
            TariffVersionFactory(tariff=self.tariff, unit_price=Decimal(extracted or "4.30"))

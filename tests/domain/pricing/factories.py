"""What is recorded of families for their prices, and grids that look at it."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import factory
from django.contrib.auth.models import Permission

from portal.domain.accounts.models import User
from portal.domain.activities.models import Unit
from portal.domain.pricing.enums import AidKind, Residence
from portal.domain.pricing.models import (
    AidGrant,
    HouseholdFigures,
    Membership,
    MembershipKind,
    ResidencePolicy,
    ResidenceRuling,
)
from portal.domain.tariffs.models import TariffVersion
from tests.domain.accounts.factories import UserFactory
from tests.domain.families.factories import FamilyFactory

RECORDED_AT = datetime(2026, 9, 1, 8, tzinfo=UTC)


def set_grid(*units: Unit, grid: dict[str, Any]) -> None:
    """The tariffs of these units follow a grid from now on."""
    TariffVersion.objects.filter(tariff__unit_links__unit__in=units).update(unit_price=None, grid=grid)


def flat(price: str, **when: Any) -> dict[str, Any]:
    """A part of a grid: one price where the condition holds."""
    return {"method": {"kind": "flat", "price": price}, **({"when": when} if when else {})}


def brackets(*prices: tuple[int, str]) -> dict[str, Any]:
    """A part of a grid: the price from each quotient on."""
    rows = []
    for position, (low, price) in enumerate(prices):
        row: dict[str, Any] = {"low": str(low), "prices": [price]}
        if position + 1 < len(prices):
            row["high"] = str(prices[position + 1][0])
        rows.append(row)
    return {"method": {"kind": "brackets", "rows": rows}}


#: 2,00 € under 600, 3,00 € under 1 000, 4,30 € above and when nothing is known.
BY_QUOTIENT = {"parts": [brackets((0, "2.00"), (600, "3.00"), (1000, "4.30"))]}


class _Recorded(factory.django.DjangoModelFactory[Any]):
    class Meta:
        abstract = True

    valid_from = date(2026, 9, 1)
    recorded_at = RECORDED_AT
    recorded_by = factory.SubFactory(UserFactory)


class ResidencePolicyFactory(factory.django.DjangoModelFactory[ResidencePolicy]):
    class Meta:
        model = ResidencePolicy
        django_get_or_create = ("only",)

    only = True
    towns = factory.LazyFunction(lambda: ["Les Rousses"])
    area = factory.LazyFunction(lambda: ["39220 Prémanon", "Bois-d’Amont"])


class ResidenceRulingFactory(_Recorded):
    class Meta:
        model = ResidenceRuling

    family = factory.SubFactory(FamilyFactory)
    residence = Residence.TOWN
    reason = "Un parent travaille dans la commune."


class HouseholdFiguresFactory(_Recorded):
    class Meta:
        model = HouseholdFigures

    family = factory.SubFactory(FamilyFactory)
    income = Decimal("2400.00")


class MembershipKindFactory(factory.django.DjangoModelFactory[MembershipKind]):
    class Meta:
        model = MembershipKind
        django_get_or_create = ("code",)

    code = "jeunes"
    name = "Espace jeunes"
    how_to = "L’adhésion se prend à l’accueil."


class MembershipFactory(_Recorded):
    """`child=` or `family=`."""

    class Meta:
        model = Membership

    kind = factory.SubFactory(MembershipKindFactory)
    valid_until = date(2027, 7, 31)


class AidGrantFactory(_Recorded):
    """2,00 € off each unit, paid by the CCAS."""

    class Meta:
        model = AidGrant

    family = factory.SubFactory(FamilyFactory)
    label = "Aide cantine"
    payer = "CCAS"
    kind = AidKind.AMOUNT
    number = Decimal("2.00")


def clerk(*codenames: str) -> User:
    """An agent with these permissions of the package."""
    agent: User = UserFactory(is_staff=True)
    names = codenames or ("record_facts", "record_aid", "view_aidgrant")
    agent.user_permissions.set(Permission.objects.filter(content_type__app_label="pricing", codename__in=names))
    return agent

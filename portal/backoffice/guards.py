"""What an agent may not change any more because families already rely on it. Sentences are French."""

from collections.abc import Collection
from decimal import Decimal
from typing import Any

from django.db.models import Count

from portal.domain.activities.models import PlacePool, Unit
from portal.domain.bookings.models import BasketLine, Booking
from portal.domain.kernel.french import join_words, plural
from portal.domain.setup.grids import count_uses
from portal.domain.tariffs.models import TariffVersion
from portal.domain.waiting.enums import OfferState
from portal.domain.waiting.models import OfferPlace


def why_pools_stay(*, unit: Unit, pools: Collection[PlacePool]) -> str:
    """Why a unit cannot move to other pools: the places taken are counted in the old ones. Empty when it can."""
    current = set(unit.pools.all())
    if current == set(pools):
        return ""
    live = Booking.objects.booked().filter(unit=unit).count()
    drafted = BasketLine.objects.filter(unit=unit).count()
    offered = OfferPlace.objects.filter(unit=unit, offer__state=OfferState.OPEN).count()
    counted = live + drafted + offered
    if not counted:
        return ""
    named = join_words(sorted(pool.name for pool in current)) or "aucune réserve"
    return f"cette unité compte déjà {plural(counted, 'place')} dans : {named}."


def why_price_stays(*, version: TariffVersion, price: Decimal | None, grid: Any = None) -> str:
    """Why a price, or a grid, cannot change: bookings were made at it. Empty when it can."""
    if version.pk is None or (version.unit_price == price and version.grid == grid):
        return ""
    return _used(version)


def why_version_stays(version: TariffVersion) -> str:
    """Why a version cannot move or disappear. Empty when it can."""
    return _used(version) if version.pk is not None else ""


def why_unit_stays(unit: Unit) -> str:
    """Why a unit cannot disappear. Empty when it can."""
    used = Booking.objects.filter(unit=unit).count() + BasketLine.objects.filter(unit=unit).count()
    if used:
        return f"cette unité a {plural(used, 'réservation')}."
    # Without its only unit, a rule would count all those of the activity.
    alone = unit.limits.annotate(counted=Count("units")).filter(counted__lte=1).exists()
    return "une règle sur le nombre de jours ne compte qu’elle." if alone else ""


def _used(version: TariffVersion) -> str:
    used = count_uses(version)
    return f"ce prix a servi à {plural(used, 'réservation')}." if used else ""

"""What aids take off a booked day, or would take off a free one: beside its price, never in it (docs/adr/0044).

Caps are used up in the order of the days: what is booked first in the year is helped first. Billing will count again
what was really given.
"""

from collections.abc import Sequence
from decimal import Decimal

from portal.domain.bookings.codes import CellKey
from portal.domain.bookings.context import BookingContext
from portal.domain.bookings.enums import BookingState
from portal.domain.bookings.models import Booking
from portal.domain.families.models import Family
from portal.domain.pricing.queries import load_grants
from portal.domain.pricing.rules import NOT_HELPED, Grant, Helped, Use, help_each, left_of


def helped(context: BookingContext, family: Family, key: CellKey, amount: Decimal) -> Helped:
    """The aids of one day at that price in euros; a day that is not booked comes after those that are.

    One query when the family has no aid, three otherwise.
    """
    grants = load_grants(family)
    tariff = context.prices.tariff(key.unit_id)
    if not grants or tariff is None:
        return NOT_HELPED
    booked = _booked(family, grants)
    if key not in booked:
        booked[key] = Use(key.child_id, tariff.code, key.day, amount)
    return dict(zip(booked, help_each(grants, booked.values()), strict=True))[key]


def grants_left(family: Family) -> list[Grant]:
    """The aids of a family with what its booked days leave of their caps; one query without aid, three otherwise."""
    grants = load_grants(family)
    return left_of(grants, _booked(family, grants).values()) if grants else []


def _booked(family: Family, grants: Sequence[Grant]) -> dict[CellKey, Use]:
    """What the family has booked since the first of these aids, in the order of the days."""
    since = min(grant.first for grant in grants)
    rows = Booking.objects.filter(family=family, state=BookingState.BOOKED, day__gte=since).order_by("day", "pk")
    columns = ("child", "unit", "day", "unit_price", "tariff_version__tariff__code")
    return {
        CellKey(child, unit, day): Use(child, code, day, price)
        for child, unit, day, price, code in rows.values_list(*columns)
    }

"""What aids take off a booked day, or would take off a free one: beside its price, never in it (docs/adr/0044).

Caps are used up in the order of the days: what is booked first in the year is helped first. Billing will count again
what was really given.
"""

from decimal import Decimal

from portal.domain.bookings.codes import CellKey
from portal.domain.bookings.context import BookingContext
from portal.domain.bookings.enums import BookingState
from portal.domain.bookings.models import Booking
from portal.domain.families.models import Family
from portal.domain.pricing.queries import load_grants
from portal.domain.pricing.rules import NOT_HELPED, Helped, Use, help_each


def helped(context: BookingContext, family: Family, key: CellKey, amount: Decimal) -> Helped:
    """The aids of one day at that price in euros; a day that is not booked comes after those that are.

    One query when the family has no aid, three otherwise.
    """
    grants = load_grants(family)
    tariff = context.prices.tariff(key.unit_id)
    if not grants or tariff is None:
        return NOT_HELPED
    rows = Booking.objects.filter(
        family=family, state=BookingState.BOOKED, day__gte=min(grant.first for grant in grants)
    ).order_by("day", "pk")
    keys, uses = [], []
    for child, unit, day, price, code in rows.values_list(
        "child", "unit", "day", "unit_price", "tariff_version__tariff__code"
    ):
        keys.append(CellKey(child, unit, day))
        uses.append(Use(child, code, day, price))
    if key not in keys:
        keys.append(key)
        uses.append(Use(key.child_id, tariff.code, key.day, amount))
    return help_each(grants, uses)[keys.index(key)]

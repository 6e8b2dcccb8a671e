"""What must be true after any sequence of changes, in any order, by anybody."""

from collections import Counter

from portal.domain.bookings.enums import Wish
from portal.domain.bookings.models import Basket, BasketLine, Booking, DayPlaces, Receipt


def check_places() -> None:
    """taken = live bookings, held = holding lines, for each pool and day, never above the capacity."""
    taken = Counter(Booking.objects.booked().filter(unit__pools__isnull=False).values_list("unit__pools", "day"))
    held = Counter(
        BasketLine.objects.filter(holding=True, unit__pools__isnull=False).values_list("unit__pools", "day")
    )
    for row in DayPlaces.objects.all():
        key = (row.pool_id, row.day)
        assert (row.taken, row.held) == (taken.pop(key, 0), held.pop(key, 0))
        assert row.capacity is None or row.taken + row.held <= row.capacity
    assert not taken
    assert not held


def check_drafts() -> None:
    """What holds is not lapsed, a draft is never empty, an addition is never already in its family's books."""
    assert not BasketLine.objects.filter(holding=True, basket__lapsed_at__isnull=False).exists()
    assert not Basket.objects.filter(lines=None).exists()
    for line in BasketLine.objects.filter(wish=Wish.ADD).select_related("basket"):
        booked = Booking.objects.booked().filter(family=line.basket.family_id)
        assert not booked.filter(child=line.child_id, unit=line.unit_id, day=line.day).exists()


def check_numbers(period: str) -> None:
    """The receipts of a month are numbered 1, 2, 3… in the order of their validation, without gap."""
    numbers = list(Receipt.objects.order_by("number").values_list("number", flat=True))
    assert numbers == [f"{period}-{number:05d}" for number in range(1, len(numbers) + 1)]

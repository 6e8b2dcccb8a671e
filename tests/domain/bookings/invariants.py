"""What must be true after any sequence of changes, in any order, by anybody."""

from collections import Counter
from datetime import date

from portal.domain.activities.enums import LimitSense, LimitSpan
from portal.domain.activities.models import BookingLimit, Unit, UnitRelation
from portal.domain.activities.relations import Edge, Hours, Relations
from portal.domain.bookings.enums import Wish
from portal.domain.bookings.models import Basket, BasketLine, Booking, DayPlaces, Receipt
from portal.domain.waiting.enums import OfferState
from portal.domain.waiting.models import KeptPlaces, OfferPlace


def check_places() -> None:
    """taken = live bookings that keep their place; held = holding lines, open offers and places kept for a line; by
    pool and day, within the capacity and the places given beyond it.
    """
    holding = Booking.objects.booked().filter(unit__pools__isnull=False, place_given_back_at=None)
    taken = Counter(holding.values_list("unit__pools", "day"))
    held = Counter(
        BasketLine.objects.filter(holding=True, unit__pools__isnull=False).values_list("unit__pools", "day")
    )
    offered = OfferPlace.objects.filter(offer__state=OfferState.OPEN, unit__pools__isnull=False)
    held.update(offered.values_list("unit__pools", "offer__day"))
    for pool, day, places in KeptPlaces.objects.values_list("pool", "day", "places"):
        held[(pool, day)] += places
    for row in DayPlaces.objects.all():
        key = (row.pool_id, row.day)
        assert (row.taken, row.held) == (taken.pop(key, 0), held.pop(key, 0))
        over = 0 if row.capacity is None else max(0, row.taken + row.held - row.capacity)
        assert row.extra == over  # beyond the capacity only what was given by name, and nothing that is not in use
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


def check_limits() -> None:
    """In the books, no child has more days of an ISO week, or reservations of a day, than a limit allows."""
    for limit in BookingLimit.objects.filter(sense=LimitSense.AT_MOST).prefetch_related("units"):
        units = [unit.pk for unit in limit.units.all() or limit.activity.units.all()]
        counted: dict[object, set[object]] = {}
        for child, day, unit in Booking.objects.booked().filter(unit__in=units).values_list("child", "day", "unit"):
            if limit.span == LimitSpan.DAY:
                counted.setdefault((child, day), set()).add(unit)
            else:
                counted.setdefault((child, day.isocalendar()[:2]), set()).add(day)
        assert all(len(each) <= limit.count for each in counted.values())


def check_relations() -> None:
    """In the books: together or not at all, never two that exclude each other, never one without what it needs."""
    hours = {
        unit.pk: Hours(unit.starts_at, unit.ends_at, frozenset(unit.weekdays), unit.may_overlap)
        for unit in Unit.objects.all()
    }
    edges = [Edge(*row) for row in UnitRelation.objects.values_list("kind", "unit_id", "other_id")]
    relations = Relations.of(edges, hours)
    days: dict[tuple[int, date], set[int]] = {}
    for child, day, unit in Booking.objects.booked().values_list("child_id", "day", "unit_id"):
        days.setdefault((child, day), set()).add(unit)
    for units in days.values():
        for unit in units:
            assert relations.group(unit) <= units
            assert not relations.excluded_by(unit) & units
            assert not relations.needs_of(unit) or relations.needs_of(unit) & units
            assert not relations.crossed_by(unit) & units
